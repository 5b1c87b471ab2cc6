"""From the words of a file's tags to what they say of a track."""
