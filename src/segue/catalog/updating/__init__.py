"""Fetching the dumps that the settings name, and building the catalogue anew from them."""
