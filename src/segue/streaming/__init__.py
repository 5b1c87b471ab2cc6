"""Bytes to ears: what can be played, and how it is sent."""
