"""Finding files, reading them, and turning what they say into tracks and albums."""
