"""A catalogue that does not exist, in the two-file layout: real proportions and lengths, invented names."""
