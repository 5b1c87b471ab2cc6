"""The door to live music for other domains and for every face.

`LiveService` has the verbs of its parts: Browsing looks around, Fetching knows one recording, Deciding takes people's word,
Mirrors keeps lists of the archive, Setlists takes in what others wrote down.
"""

from __future__ import annotations

from segue.live.browsing import Browsing, Found, Listing
from segue.live.deciding import Deciding, Said
from segue.live.fetching import Fetching
from segue.live.ground import EDITOR, check_right
from segue.live.mirrors import MIRROR, REGROUP, Mirrors, Status
from segue.live.places_around import PlacesAround
from segue.live.setlists import Brought, Setlists


class LiveService(Browsing, Fetching, Deciding, Mirrors, PlacesAround, Setlists):
    """Concerts and their recordings."""


__all__ = ["EDITOR", "MIRROR", "REGROUP", "Brought", "Found", "Listing", "LiveService", "Said", "Status", "check_right"]
