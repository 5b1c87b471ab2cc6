"""The door to outside services for other domains: listening tells them what was heard and asks what they have kept."""

from __future__ import annotations

from collections.abc import Callable

from segue.core.outside import Outside
from segue.metadata.listened import ACCEPTED, Listened, Loved, LovedPage, Past, PastPage, Session, Verdict
from segue.metadata.providers import lastfm, listenbrainz
from segue.metadata.providers.lastfm import Lastfm, LastfmKeys, LastfmNotSetUp
from segue.metadata.providers.listenbrainz import At, ListenBrainz
from segue.settings import Settings

LASTFM_BATCH, LISTENBRAINZ_BATCH = lastfm.BATCH, listenbrainz.BATCH


class MetadataService:
    """One client a service, over one way out. `settings` gives the present ones."""

    def __init__(self, outside: Outside, settings: Callable[[], Settings]) -> None:
        def keys() -> LastfmKeys:
            given = settings().lastfm
            secret = given.secret.get_secret_value() if given.secret else None
            return LastfmKeys(given.api_key, secret, given.base_url, given.approval_url)

        self.lastfm = Lastfm(outside, keys)
        self.listenbrainz = ListenBrainz(outside, lambda: settings().listenbrainz.base_url)


__all__ = [
    "ACCEPTED",
    "LASTFM_BATCH",
    "LISTENBRAINZ_BATCH",
    "At",
    "Lastfm",
    "LastfmNotSetUp",
    "ListenBrainz",
    "Listened",
    "Loved",
    "LovedPage",
    "MetadataService",
    "Past",
    "PastPage",
    "Session",
    "Verdict",
]
