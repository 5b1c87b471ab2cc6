"""Concerts a person was at: what they heard there, what they never did."""
