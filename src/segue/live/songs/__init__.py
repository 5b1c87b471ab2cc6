"""What an artist plays: songs, their performances in setlists, what a person corrected, and what the setlists add up to."""
