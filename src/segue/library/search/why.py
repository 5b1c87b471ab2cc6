"""Why something was found: which of its fields hold what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from segue.core.ids import format_id
from segue.core.text import search_tokens
from segue.library.search import vocabulary
from segue.library.search.find import terms_of
from segue.library.views import AlbumView, ArtistView, Credit, TrackView


def matched(typed: str, texts: Iterable[tuple[str, str]]) -> list[str]:
    """Which of these fields (name, text) hold what was typed, each once.

    Those that hold all the words; where none does, those that hold some. A field that is called exactly so stands alone.
    """
    wanted = typed.strip().casefold()
    terms = terms_of(typed)
    some: dict[str, None] = {}
    whole: dict[str, None] = {}
    for name, text in texts:
        if name in _NUMBERS:
            if text.casefold() == wanted or _bare(text) == _bare(wanted):
                return [name]
            if name in _ONLY_WHOLE:
                continue
        tokens = search_tokens(text)
        met = [any(_is_in(term.token, token) for token in tokens) for term in terms]
        if any(met):
            some[name] = None
        if terms and all(met):
            whole[name] = None
    return list(whole or some)


_ONLY_WHOLE = ("id", "isrc", "musicbrainz_id")
_NUMBERS = (*_ONLY_WHOLE, "barcode", "catalog_number")


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _is_in(part: str, token: str) -> bool:
    return token.startswith(part) or (len(part) >= vocabulary.SHORTEST and part in token)


def why(kind: str, typed: str, view: Any, more: Mapping[int, Sequence[tuple[str, str]]]) -> list[str]:
    """The fields of one view that hold what was typed; `more` are texts by id that a view does not have."""
    return matched(typed, (*_TEXTS.get(kind, _name)(view), *more.get(view.id, ())))


def _track(view: TrackView) -> Iterator[tuple[str, str]]:
    yield "id", format_id("tr", view.id)
    yield "title", view.title
    yield "title", view.subtitle or ""
    for credit in view.artists:
        yield from _credit("artist", credit)
    yield "artist", view.artist_display
    yield "album", view.album.name
    for credit in view.credits:
        yield from _credit(credit.role, credit)
    for isrc in view.isrcs:
        yield "isrc", isrc
    yield "musicbrainz_id", view.musicbrainz_recording_id or ""


def _album(view: AlbumView) -> Iterator[tuple[str, str]]:
    yield "id", format_id("al", view.id)
    yield "title", view.title
    for credit in view.artists:
        yield from _credit("artist", credit)
    yield "artist", view.artist_display
    yield "barcode", view.barcode or ""
    yield "musicbrainz_id", view.musicbrainz_release_id or ""


def _artist(view: ArtistView) -> Iterator[tuple[str, str]]:
    yield "id", format_id("ar", view.id)
    yield "name", view.name
    yield "sort_name", view.sort_name or ""
    yield "musicbrainz_id", view.musicbrainz_id or ""


def _name(view: Any) -> Iterator[tuple[str, str]]:
    yield "name", view.name


def _credit(name: str, credit: Credit) -> Iterator[tuple[str, str]]:
    yield name, credit.name
    if credit.credited_as:
        yield name, credit.credited_as


_TEXTS: dict[str, Any] = {"tracks": _track, "albums": _album, "artists": _artist}
