"""The same recording twice: found by its audio or by `match`, shown with the better copy and why; merged only by a person."""
