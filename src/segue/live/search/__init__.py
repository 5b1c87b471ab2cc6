"""Finding concerts, bands, venues and songs by words, as they are typed."""
