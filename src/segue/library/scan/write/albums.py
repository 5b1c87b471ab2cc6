"""Put an album together from its tracks: title, artists, dates, types, labels. A pure function of what the files say.

Where the files disagree, what most of them say holds; among equals, what the first track says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from segue.core.text import sort_key
from segue.library.scan.facts import Credit, TrackTags, alike
from segue.library.scan.grouping import name_key, split_disc_suffix

T = TypeVar("T", bound=Hashable)

VARIOUS_ARTISTS = Credit("Various Artists", "album_artist", "Various Artists", "89ad4ac3-39f7-470e-963a-56509c546377")
"""MusicBrainz' special purpose artist for albums by nobody in particular."""

UNKNOWN_ARTIST = "[Unknown Artist]"
"""Who a track is by when its tags do not say; without it such music could not be reached by browsing artists."""

MOST_ASKED = 500
"""Of an album with more tracks than this only the first so many are asked what it is called."""

PRIMARY_TYPES = ("album", "ep", "single", "broadcast", "other")


class Member(NamedTuple):
    """One track as its album sees it."""

    tags: TrackTags
    present: bool
    artwork: int | str | None
    """Its own picture: whatever tells it from others."""


class AlbumFacts(NamedTuple):
    """What an album is called, by whom, and when it came out."""

    title: str
    sort_title: str | None
    sort_key: str
    artists: tuple[Credit, ...]
    artist_display: str
    artist_sort_key: str
    compilation: bool
    date: str | None
    original_date: str | None
    release_date: str | None
    release_type: str | None
    release_types: tuple[str, ...]
    release_status: str | None
    media: str | None
    country: str | None
    barcode: str | None
    release_mbid: str | None
    release_group_mbid: str | None
    labels: tuple[tuple[str, str | None], ...]
    external_ids: tuple[tuple[str, str], ...]
    artwork: int | str | None
    """The picture that most of its tracks have."""


def album_facts(members: Sequence[Member], folder_name: str) -> AlbumFacts:
    """The album that `members` (in playing order, at least one) make; `folder_name` is its title where no tag says one.

    What is missing has no say while anything is present.
    """
    counted = [member for member in members if member.present] or list(members)
    all_tags = [member.tags for member in counted]
    tags = _in_few_words(all_tags)
    title, title_sort = _title(tags, folder_name)
    artists, several = album_artists(tags)
    types = most(tag.release_types for tag in tags if tag.release_types) or ()
    shown = _display(tags, artists)
    artworks = [member.artwork for member in counted]
    return AlbumFacts(
        title=title,
        sort_title=title_sort,
        sort_key=sort_key(title_sort or title),
        artists=artists,
        artist_display=shown,
        artist_sort_key=sort_key(_sort_name(artists, shown)),
        compilation=several or "compilation" in types or _majority(tag.compilation for tag in tags),
        date=most(tag.date for tag in tags),
        original_date=most(tag.original_date for tag in tags),
        release_date=most(tag.release_date for tag in tags),
        release_type=next((kind for kind in types if kind in PRIMARY_TYPES), None),
        release_types=types,
        release_status=most(tag.release_status for tag in tags),
        media=most(tag.media for tag in tags),
        country=most(tag.release_country for tag in tags),
        barcode=most(tag.barcode for tag in tags),
        release_mbid=most(tag.release_mbid for tag in tags),
        release_group_mbid=most(tag.release_group_mbid for tag in tags),
        labels=_labels(tags),
        external_ids=_release_ids(all_tags),
        artwork=most(artworks),  # type: ignore[arg-type]
    )


def _in_few_words(tags: list[TrackTags]) -> list[TrackTags]:
    """One for all where they differ only in what is no business of the album, but for ids."""
    said = alike(tags[0])
    return tags[:1] if all(alike(tag) == said for tag in tags) else tags


def album_artists(tags: Sequence[TrackTags]) -> tuple[tuple[Credit, ...], bool]:
    """Who an album is by, and whether that is `Various Artists` for want of anybody better.

    The album artist of the tags; without one, the artist all tracks have in common; without that, Various Artists.
    """
    named = most(tag.album_artists for tag in tags if tag.album_artists)
    if named:
        return tuple(credit._replace(role="album_artist") for credit in named), False
    credited = [tag.artists for tag in tags if tag.artists]
    if not credited:
        return (Credit(UNKNOWN_ARTIST, "album_artist"),), False
    if len({tuple(name_key(credit.name) for credit in artists) for artists in credited}) == 1:
        return tuple(credit._replace(role="album_artist") for credit in credited[0]), False
    if len({name_key(artists[0].name) for artists in credited}) == 1:
        first = credited[0][0]
        return (Credit(first.name, "album_artist", first.sort, first.mbid),), False
    return (VARIOUS_ARTISTS,), True


def joined(credits: Iterable[Credit]) -> str:
    """Credits as one line, with their join phrases; `, ` and ` & ` where none is said."""
    row = list(credits)
    parts: list[str] = []
    for place, credit in enumerate(row):
        parts.append(credit.credited_as or credit.name)
        if place < len(row) - 1:
            parts.append(credit.join_phrase or (" & " if place == len(row) - 2 else ", "))
    return "".join(parts)


def _title(tags: Sequence[TrackTags], folder_name: str) -> tuple[str, str | None]:
    titles = [split_disc_suffix(tag.album)[0] for tag in tags if tag.album]
    title = most(titles)
    if title is None:
        return folder_name, None
    return title, most(tag.album_sort for tag in tags if tag.album and split_disc_suffix(tag.album)[0] == title)


def _display(tags: Sequence[TrackTags], artists: tuple[Credit, ...]) -> str:
    same = [tag.album_artist_display for tag in tags if tag.album_artist_display and tag.album_artists]
    return most(same) or joined(artists)


def _sort_name(artists: tuple[Credit, ...], shown: str) -> str:
    if len(artists) == 1 and artists[0].sort:
        return artists[0].sort
    if artists and all(credit.sort for credit in artists):
        return joined(credit._replace(credited_as=credit.sort) for credit in artists)
    return shown


def _labels(tags: Sequence[TrackTags]) -> tuple[tuple[str, str | None], ...]:
    said = most((tag.labels, tag.catalog_numbers) for tag in tags if tag.labels)
    if said is None:
        return ()
    labels, numbers = said
    if len(numbers) == len(labels):
        return tuple(zip(labels, numbers, strict=True))
    return tuple((label, numbers[0] if numbers and place == 0 else None) for place, label in enumerate(labels))


_RELEASE_NAMESPACES = (
    *("asin", "discogs:release", "discogs:master", "spotify:album", "deezer:album", "upc", "bandcamp:album"),
)


def _release_ids(tags: Sequence[TrackTags]) -> tuple[tuple[str, str], ...]:
    found = {pair for tag in tags for pair in tag.external_ids if pair[0] in _RELEASE_NAMESPACES}
    found |= {("musicbrainz:disc", tag.disc_id) for tag in tags if tag.disc_id}
    return tuple(sorted(found))


def most(values: Iterable[T | None]) -> T | None:
    """The value said most often, the first one among equals; None where nobody says anything."""
    counted = Counter(value for value in values if value is not None)
    return max(counted, key=counted.__getitem__) if counted else None


def _majority(flags: Iterable[bool]) -> bool:
    counted = Counter(flags)
    return counted[True] > counted[False]
