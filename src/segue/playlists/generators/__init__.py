"""Mixes: lists that Segue puts together for a person from what they play, each track with the reason why it is in."""
