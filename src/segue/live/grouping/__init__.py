"""Recordings put into concerts: artist, date and sequence, never the venue; families of transfers; doubts about dates."""

from segue.live.grouping.concerts import Grouping, concerts_of
from segue.live.grouping.keys import concert_key, concert_uid, parts_of
from segue.live.grouping.shows import Role

__all__ = ["Grouping", "Role", "concert_key", "concert_uid", "concerts_of", "parts_of"]
