"""The verbs of finding. `find` is for all who have texts and need tracks; it takes thousands at once.

Each slice asks a handful of questions of indexes, whatever its size: ids, paths, titles, and, for what is not sure yet,
the works of the people that are named, where a title may be spelled otherwise. Nothing is read that shares neither.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence

from rapidfuzz import fuzz, process
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Database
from segue.library.finding import repository
from segue.library.finding.choosing import Gathered, choose, nearest
from segue.library.finding.keys import keys_of_track, title_keys
from segue.library.finding.paths import parts_of, spellings, titles_in
from segue.library.finding.repository import COMMON, FEW, Candidate, Libraries
from segue.library.finding.wanted import MUSICBRAINZ_RECORDING, MUSICBRAINZ_TRACK, Found, Wanted
from segue.library.finding.whereabouts import Whereabouts
from segue.library.found_by import title_key
from segue.match.meant import says_nobody
from segue.match.people import beginnings, parted

AT_ONCE = 1_000
"""Texts that are looked up together."""
MOST_OF_A_TITLE = 24
"""Tracks of one title that are compared in full; of more, those whose people are nearest."""
ALIKE = 82
"""From here on (of 100) a title of the right artist is compared in full."""
MOST_ALIKE = 12


class FindingService:
    """Finds the tracks that texts mean, among the libraries that somebody may see."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self, conn: AsyncConnection, wanted: Sequence[Wanted], libraries: Libraries) -> list[Found | None]:
        """For each text the track that is meant, or None; in their order. `libraries` None means all of them.

        Give each text once: equal ones are looked up as often as they are given. Only reads.
        """
        found: list[Found | None] = []
        for start in range(0, len(wanted), AT_ONCE):
            found += await self._slice(conn, wanted[start : start + AT_ONCE], libraries)
        return found

    async def find_for(self, actor: Actor, wanted: Sequence[Wanted]) -> list[Found | None]:
        """`find` among what `actor` may see, in a read of its own."""
        async with self._db.read() as conn:
            return await self.find(conn, wanted, actor.libraries)

    async def keys_arrived(self, conn: AsyncConnection, tracks: Collection[int]) -> dict[int, frozenset[str]]:
        """The keys (see `keys.keys_of`) of those of `tracks` that are there, by track."""
        rows = await repository.called(conn, tracks)
        ids = await repository.external_ids_of(conn, rows)
        return {
            number: keys_of_track(
                row.title, row.display_path, row.musicbrainz_recording_id, row.musicbrainz_track_id, ids.get(number, ())
            )
            for number, row in rows.items()
        }

    async def forgotten(self, conn: AsyncConnection, tracks: Collection[int]) -> set[int]:
        """Those of `tracks` that are known no more: purged, or gone with their library."""
        return set(tracks) - await repository.there(conn, tracks) if tracks else set()

    async def whereabouts(self, conn: AsyncConnection, tracks: Collection[int]) -> dict[int, Whereabouts]:
        """Where the files of these tracks lie, by track; the caller sees to it who may know."""
        return await repository.whereabouts(conn, tracks)

    async def _slice(self, conn: AsyncConnection, wanted: Sequence[Wanted], libraries: Libraries) -> list[Found | None]:
        gathered = [Gathered(one, one.facts(), parts_of(one.path) if one.path else ()) for one in wanted]
        await self._by_ids(conn, gathered)
        await self._by_path(conn, gathered, libraries)
        common = await self._by_title(conn, gathered, libraries, FEW)
        known = await repository.candidates(conn, {number for one in gathered for number in one.ids}, libraries)
        answers = await asyncio.to_thread(_choose_all, gathered, known)

        async def again(gather: Callable[[Sequence[Gathered]], Awaitable[object]]) -> None:
            """Gather more for what is not sure yet, and choose among all of it."""
            unsure = [place for place, answer in enumerate(answers) if answer is None or not answer.sure]
            some = [gathered[place] for place in unsure]
            if not some or not await gather(some):
                return
            fresh = {number for one in some for number in one.ids} - known.keys()
            known.update(await repository.candidates(conn, fresh, libraries))
            for place, answer in zip(unsure, await asyncio.to_thread(_choose_all, some, known), strict=True):
                answers[place] = answer

        await again(lambda some: self._by_people(conn, some))
        if common:
            await again(lambda some: self._by_common_title(conn, some, libraries, common))
        return answers

    async def _by_ids(self, conn: AsyncConnection, gathered: Sequence[Gathered]) -> None:
        """Our own ids, those of MusicBrainz, and what others call a track."""
        recordings: dict[str, list[Gathered]] = defaultdict(list)
        release_tracks: dict[str, list[Gathered]] = defaultdict(list)
        others: dict[tuple[str, str], list[Gathered]] = defaultdict(list)
        for one in gathered:
            if one.wanted.track_id is not None:
                one.ids.add(one.wanted.track_id)
            for namespace, value in one.wanted.ids():
                if namespace == MUSICBRAINZ_RECORDING:
                    recordings[value.lower()].append(one)
                elif namespace == MUSICBRAINZ_TRACK:
                    release_tracks[value.lower()].append(one)
                else:
                    others[namespace, value].append(one)
        for by_value, ask in (
            (recordings, repository.by_recording), (release_tracks, repository.by_release_track),
        ):  # fmt: skip
            for value, tracks in (await ask(conn, by_value)).items():
                for one in by_value[value]:
                    one.ids.update(tracks[:MOST_OF_A_TITLE])
        for pair, tracks in (await repository.by_external_id(conn, others)).items():
            for one in others[pair]:
                one.ids.update(tracks[:MOST_OF_A_TITLE])

    async def _by_path(self, conn: AsyncConnection, gathered: Sequence[Gathered], libraries: Libraries) -> None:
        """Files that lie where a path says, or at the end of it."""
        if not any(one.parts for one in gathered):
            return
        roots = await repository.roots(conn, libraries)
        bases = {number: parts_of(root.decode("utf-8", "surrogateescape")) for number, root in roots.items()}
        by_end: dict[bytes, list[tuple[Gathered, int]]] = defaultdict(list)
        for one in gathered:
            for count, path in spellings(one.parts):
                by_end[path].append((one, count))
        for path, tracks in (await repository.by_path(conn, by_end, roots)).items():
            for one, count in by_end[path]:
                for library, track in tracks:
                    one.ids.add(track)
                    before = one.parts[: len(one.parts) - count]
                    if not before or (before == bases[library][-len(before) :] and len(before) == len(bases[library])):
                        one.at_path.add(track)
                    one.at_end[track] = max(one.at_end.get(track, 0), count)

    async def _by_title(
        self, conn: AsyncConnection, gathered: Sequence[Gathered], libraries: Libraries, most: int,
        among: Collection[str] | None = None,
    ) -> set[str]:  # fmt: skip
        """Tracks of the wanted titles (of those `among` these); the titles that more than `most` tracks have come back."""
        by_key: dict[str, list[Gathered]] = defaultdict(list)
        for one in gathered:
            for key in _wanted_keys(one):
                if among is None or key in among:
                    by_key[key].append(one)
        titled: dict[str, list[tuple[int, str]]] = defaultdict(list)
        found, common = await repository.by_title(conn, by_key, libraries, most)
        for row in found:
            titled[row.title_key].append((row.id, row.artist_display))
        for key, tracks in titled.items():
            for one in by_key[key]:
                one.ids.update(nearest(one.facts, tracks, MOST_OF_A_TITLE))
        return common

    async def _by_common_title(
        self, conn: AsyncConnection, gathered: Sequence[Gathered], libraries: Libraries, common: Collection[str]
    ) -> bool:
        """Tracks of titles that many have, for texts that nothing else led to; whether there may be any."""
        await self._by_title(conn, gathered, libraries, COMMON, common)
        return True

    async def _by_people(self, conn: AsyncConnection, gathered: Sequence[Gathered]) -> bool:
        """Works of the wanted people whose titles are alike; whether there are any."""
        names: dict[str, str] = {}
        asked: list[tuple[Gathered, list[str], list[str]]] = []
        for one in gathered:
            if not one.wanted.title:
                continue
            people = [name for name in (*one.wanted.artists, one.wanted.album_artist) if name and not says_nobody(name)]
            spelled = [name for whole in people for name in (*beginnings(whole), *parted(whole))]
            called = {key: name for name in spelled if (key := title_key(name))}
            if called:
                names |= called
                asked.append((one, list(called), title_keys(one.wanted.title)))
        if not asked:
            return False
        artists = await repository.artists_named(conn, names)
        works = await repository.titles_by(conn, {artist for some in artists.values() for artist in some})
        any_found = False
        for one, keys, titles in asked:
            for key in keys:
                for artist in artists.get(key, ()):
                    for track in _alike(titles, works.get(artist, ())):
                        any_found = True
                        one.ids.add(track)
                        one.also_called.setdefault(track, names[key])
        return any_found


def _wanted_keys(one: Gathered) -> list[str]:
    if one.wanted.title:
        return title_keys(one.wanted.title)
    if one.parts:
        return list(dict.fromkeys(key for guess in titles_in(one.parts[-1]) for key in title_keys(guess)))
    return []


def _alike(titles: Sequence[str], works: Sequence[tuple[int, str]]) -> list[int]:
    """Tracks of somebody whose title may be one of the wanted spellings: a letter otherwise, a space, more or fewer words."""
    keys = [key for _, key in works]
    best: dict[int, float] = {}
    for title in titles:
        for scorer in (fuzz.token_set_ratio, fuzz.ratio):
            for key, _, place in process.extract(title, keys, scorer=scorer, score_cutoff=ALIKE, limit=None):
                best[place] = max(best.get(place, 0.0), fuzz.ratio(title, key))
    ranked = sorted(best, key=lambda place: (-best[place], place))
    return [works[place][0] for place in ranked[:MOST_ALIKE]]


def _choose_all(gathered: Sequence[Gathered], known: dict[int, Candidate]) -> list[Found | None]:
    return [choose(one, known) for one in gathered]
