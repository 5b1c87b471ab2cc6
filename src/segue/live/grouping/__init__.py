"""Recordings put into concerts: artist, date and sequence, never the venue; families of transfers; doubts about dates."""

from segue.live.grouping.concerts import Grouping, concert_key, concert_uid, concerts_of

__all__ = ["Grouping", "concert_key", "concert_uid", "concerts_of"]
