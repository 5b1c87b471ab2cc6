"""What sounds like what: a space that the library's embeddings are put in, and everything that is read out of it."""
