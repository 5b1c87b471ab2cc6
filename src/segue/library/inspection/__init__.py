"""Why things are as they are: what became of a file's tags, why these tracks are one album, why these names are one artist."""
