"""Linking one batch: some albums with their tracks, and the artists of both. What is found is given back, nothing is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segue.catalog.documents import ArtistDocument
from segue.catalog.store import Backend
from segue.library.finding.facts import KnownAlbum, KnownArtist, KnownTrack
from segue.match import take_apart
from segue.match.meant import says_nobody
from segue.match.people import name_core
from segue.metadata.links.choosing import (
    NOTHING,
    AlbumCandidate,
    ArtistCandidate,
    Choice,
    TrackCandidate,
    choose_album,
    choose_artist,
    choose_track,
    with_tracks,
)
from segue.metadata.links.gathering import Gathering

MOST_VOTES = 4
"""Releases that are looked at because tracks led to them."""
MOST_WORKS = 25
"""Tracks of an artist that are looked at to tell who it is."""
MOST_ALIKE = 40
"""Tracks of a release that are compared with one of ours where none has its title."""


@dataclass(slots=True)
class Held:
    """What is known already about one batch's links, by number."""

    tracks: Mapping[int, Any] = field(default_factory=dict)
    albums: Mapping[int, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What was found, by number."""

    tracks: dict[int, Choice] = field(default_factory=dict)
    albums: dict[int, Choice] = field(default_factory=dict)


async def link_albums(
    backend: Backend,
    albums: Mapping[int, KnownAlbum],
    tracks: Sequence[KnownTrack],
    held: Held,
    *,
    only: Collection[int] | None = None,
) -> Outcome:
    """Look for these albums and for their `tracks`; of the tracks, `only` those are looked for, where it is given.

    Ids decide first. What they leave open is looked for by words: an album once, for all of its tracks; a track by itself
    only where it is on no release that was found.
    """
    gathering = Gathering(backend)
    wanted = [track for track in tracks if only is None or track.id in only]
    by_id = await gathering.tracks_by_ids(wanted)
    releases = await gathering.albums_by_ids(list(albums.values()))
    of_album: dict[int, list[KnownTrack]] = defaultdict(list)
    whole: dict[int, list[int]] = defaultdict(list)
    for track in wanted:
        of_album[track.album_id].append(track)
    for track in tracks:
        whole[track.album_id].append(track.id)
    outcome = Outcome()
    for number, album in albums.items():
        theirs = of_album[number]
        chosen, listed = await _album(gathering, album, theirs, by_id, releases.get(number, ()), held)
        found = await _tracks(gathering, theirs, by_id, chosen, listed, held)
        outcome.tracks |= found
        if number in held.albums and held.albums[number].decided_at is not None:
            continue
        values = {one.value for one in listed}
        on_it = sum(_value_of(one, found, held) in values for one in whole[number])
        outcome.albums[number] = with_tracks(chosen, on_it, len(whole[number]), len(listed))
    return outcome


async def _album(
    gathering: Gathering,
    album: KnownAlbum,
    tracks: Sequence[KnownTrack],
    by_id: Mapping[int, Sequence[TrackCandidate]],
    by_code: Sequence[AlbumCandidate],
    held: Held,
) -> tuple[Choice, list[TrackCandidate]]:
    """What an album is, and the tracks of that release."""
    row = held.albums.get(album.id)
    if row is not None and row.decided_at is not None:
        if row.state == "rejected":
            return NOTHING, []
        return Choice("linked", row.value), await gathering.tracks_of(row.value)
    refused = (row.refused or ()) if row is not None else ()
    choice = choose_album(album.facts, by_code, refused=refused)
    if not choice.is_linked:
        votes = Counter(value for track in tracks for value in {one.album for one in by_id.get(track.id, ())})
        voted = [value for value, _ in votes.most_common(MOST_VOTES)]
        candidates = [*by_code, *(await gathering.albums_named(voted) if voted else ())]
        choice = choose_album(album.facts, _once(candidates), refused=refused)
        if not choice.is_linked:
            candidates += await gathering.albums_called(album.facts)
            choice = choose_album(album.facts, _once(candidates), refused=refused)
    return choice, await gathering.tracks_of(choice.value) if choice.value else []


async def _tracks(
    gathering: Gathering,
    tracks: Sequence[KnownTrack],
    by_id: Mapping[int, Sequence[TrackCandidate]],
    album: Choice,
    listed: Sequence[TrackCandidate],
    held: Held,
) -> dict[int, Choice]:
    by_title: dict[str, list[TrackCandidate]] = defaultdict(list)
    by_place: dict[tuple[int, int], list[TrackCandidate]] = defaultdict(list)
    for one in listed:
        by_title[take_apart(one.facts.title).core].append(one)
        by_place[one.facts.disc or 1, one.facts.position or 0].append(one)
    found: dict[int, Choice] = {}
    for track in tracks:
        row = held.tracks.get(track.id)
        if row is not None and row.decided_at is not None:
            continue
        refused = (row.refused or ()) if row is not None else ()
        facts = track.facts
        near = by_title.get(take_apart(facts.title).core) or by_place.get((facts.disc or 1, facts.position or 0))
        candidates = _once([*by_id.get(track.id, ()), *(near or listed[:MOST_ALIKE])])
        choice = choose_track(facts, candidates, album=album.value, refused=refused)
        if not choice.is_linked:
            more = _once([*candidates, *await gathering.tracks_called(facts)])
            choice = choose_track(facts, more, album=album.value, refused=refused)
        found[track.id] = choice
    return found


def _value_of(track: int, found: Mapping[int, Choice], held: Held) -> str | None:
    """What a track is linked with: as it was found just now, or before."""
    if track in found:
        return found[track].value if found[track].is_linked else None
    row = held.tracks.get(track)
    return row.value if row is not None and row.state in ("linked", "confirmed") else None


async def link_artists(
    backend: Backend,
    artists: Mapping[int, KnownArtist],
    works: Mapping[int, Sequence[tuple[str, str]]],
    refused: Mapping[int, Collection[str]],
) -> dict[int, Choice]:
    """Look for artists: by ids, else by who made, in the catalogue, what they made. `works` are (value, title) of tracks of
    theirs that are linked, by artist."""
    gathering = Gathering(backend)
    by_id = await gathering.artists_by_ids(list(artists.values()))
    some = {number: list(works.get(number, ()))[:MOST_WORKS] for number in artists}
    documents = await gathering.documents_of(list({value for each in some.values() for value, _ in each}))
    credits = {value: document.artists for value, document in documents.items()}
    found: dict[int, Choice] = {}
    for number, artist in artists.items():
        names = {name_core(name) for name in (artist.facts.name, *artist.facts.aliases)}
        candidates = list(by_id.get(number, ()))
        if not says_nobody(artist.facts.name):
            candidates += _makers(gathering, names, some[number], credits)
        made = tuple(title for _, title in some[number])
        facts = type(artist.facts)(
            artist.facts.name, artist.facts.aliases, artist.facts.musicbrainz_id, artist.facts.external_ids, made
        )
        found[number] = choose_artist(facts, candidates, refused=refused.get(number, ()))
    return found


def _makers(
    gathering: Gathering,
    names: Collection[str],
    works: Sequence[tuple[str, str]],
    credits: Mapping[str, Sequence[ArtistDocument]],
) -> list[ArtistCandidate]:
    """Those of these names who are credited with these works, the one with the most of them first."""
    titles: dict[str, list[str]] = defaultdict(list)
    people: dict[str, ArtistDocument] = {}
    for value, title in works:
        for one in credits.get(value, ()):
            if name_core(one.name) in names:
                people[one.id] = one
                titles[one.id].append(title)
    order = sorted(people, key=lambda id: -len(titles[id]))
    return [gathering.artist(people[id], titles=titles[id]) for id in order]


def _once(candidates: Sequence[Any]) -> list[Any]:
    """Each once: the first of each value, which knows the id that led to it."""
    return list({one.value: one for one in reversed(candidates)}.values())[::-1]
