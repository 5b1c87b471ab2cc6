"""What a person says of the music instead of its tags: kept apart, always shown in their place, undone at will."""
