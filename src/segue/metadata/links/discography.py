"""What an artist made, and what of it is here: which album is which, and where those stand that the catalogue lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from segue.catalog.documents import named, partial_date, read_album
from segue.library.finding.facts import KnownAlbum
from segue.match import compare_releases, take_apart
from segue.match.verdict import REVIEW
from segue.metadata.links.gathering import release_facts


class Entry(NamedTuple):
    """An album of the catalogue and what of ours it is, as (album, whether that is sure); or, without `row`, one that is
    only here."""

    row: Any | None
    here: list[tuple[int, bool]]


def have(
    namespace: str, albums: Sequence[Any], by_value: Mapping[str, list[int]], loose: Sequence[KnownAlbum]
) -> list[list[tuple[int, bool]]]:
    """For each album of the catalogue what of ours it is: by links, else by what is not linked and reads alike."""
    by_title: dict[str, list[KnownAlbum]] = {}
    for album in loose:
        by_title.setdefault(take_apart(album.facts.title).core, []).append(album)
    found = []
    for row in albums:
        document = read_album(row.document)
        here = [(number, True) for number in by_value.get(named(namespace, "album", document.id), ())]
        if not here and by_title:
            facts = release_facts(document)
            for album in by_title.get(take_apart(facts.title).core, ()):
                if compare_releases(album.facts, facts).score >= REVIEW:
                    here.append((album.id, False))
        found.append(here)
    return found


def with_only_here(entries: Sequence[Entry], own_id: str, only_here: Mapping[int, str]) -> list[Entry]:
    """The catalogue's albums, newest first and those that `own_id` only appears on last, and among the first ones those
    that are only here, whose partial dates are given ("" where nobody knows)."""
    waiting = sorted(only_here.items(), key=lambda one: (one[1], -one[0]), reverse=True)
    found: list[Entry] = []
    for entry in entries:
        album = read_album(entry.row.document)  # type: ignore[union-attr]
        credited = any(artist.id == own_id for artist in album.artists)
        while waiting and (not credited or waiting[0][1] > (partial_date(album) or "")):
            found.append(Entry(None, [(waiting.pop(0)[0], True)]))
        found.append(entry)
    return found + [Entry(None, [(album, True)]) for album, _ in waiting]
