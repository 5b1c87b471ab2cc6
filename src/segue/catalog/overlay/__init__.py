"""What is added to a catalogue between two builds, read before it and folded in by the next build."""
