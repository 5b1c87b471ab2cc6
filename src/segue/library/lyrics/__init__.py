"""The words of songs: inside files, beside them, and as people wrote them; never asked from outside."""
