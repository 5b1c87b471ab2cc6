"""The two files served as they are: nothing is built or written; search finds what their indexes allow."""
