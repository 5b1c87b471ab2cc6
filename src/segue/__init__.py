"""Segue: a self-hosted music service."""

__version__ = "0.1.0"
