"""MusicBrainz: its JSON dumps (one archive an entity) and its table dumps (mbdump.tar.bz2 and its companions)."""
