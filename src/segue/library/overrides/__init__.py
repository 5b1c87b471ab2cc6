"""What a person decided about albums: per folder, per album, per track, without touching files."""
