"""Asking what is known here what a tape may be: fingerprints, checksums, dates, bands and songs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.facts import Bands
from segue.live.facts.artists import prefixes_of
from segue.live.mirror import known as known_bands
from segue.live.records import Facts, Item, Setlist, SetlistSet, SetlistSong
from segue.live.tapes import repository
from segue.live.tapes.items import facts_of_tape
from segue.live.tapes.proposals import Known, Match, Proposal, Show, proposals
from segue.live.tapes.reading import TapeRead
from segue.live.titles import Vocabulary, heard_of, song_key


@dataclass(slots=True)
class Identified:
    """A tape with its facts and what it may be."""

    item: Item
    facts: Facts
    proposals: list[Proposal]


@dataclass(slots=True)
class _Words:
    """What one band's songs are called."""

    vocabulary: Vocabulary
    numbers: dict[str, int]


@dataclass(slots=True)
class Identifier:
    """Identifies tapes, one after another; what bands and their songs are called is read once."""

    _bands: Bands | None = None
    _words: dict[int, _Words] = field(default_factory=dict)

    async def identify(self, conn: AsyncConnection, read: TapeRead) -> Identified:
        """What a tape may be, as far as anything is known here."""
        if self._bands is None:
            self._bands = await known_bands.bands(conn)
        item, facts = facts_of_tape(read, self._bands)
        artists = await repository.artists_named(conn, [key for key in facts.artist_keys if key])
        matches = await self._matches(conn, read)
        by_date = await self._by_date(conn, facts, artists, read)
        by_songs = await self._by_songs(conn, item, artists)
        of_matches = await repository.shows(conn, [one for match in matches for one in match.concerts])
        every = {**of_matches, **by_date, **by_songs}
        heard = {}
        for number, (artist, _) in every.items():
            heard[number] = await self._heard(conn, item, artist)
        name = next(iter(artists.values()), "") or next((name for name in facts.artist_names if name), "")
        if not name and by_date:
            name = next(iter(by_date.values()))[1].artist
        known = Known(
            artist=name, date=facts.date, precision=facts.precision, show_time=facts.show_time, matches=matches,
            by_date=[show for _, show in by_date.values()], by_songs=[show for _, show in by_songs.values()],
            of_matches={number: show for number, (_, show) in of_matches.items()}, heard=heard,
        )  # fmt: skip
        return Identified(item, facts, proposals(known))

    async def _matches(self, conn: AsyncConnection, read: TapeRead) -> list[Match]:
        """Recordings with the tape's audio, by its FLAC headers, else by what its .ffp lists; and by whole files."""
        own = list(dict.fromkeys(file.audio_md5 for file in read.files if file.audio_md5))
        prints = own or read.fingerprints
        found = [
            (number, count, len(prints), "ffp") for number, count in (await repository.with_audio(conn, prints)).items()
        ]
        seen = {number for number, *_ in found}
        measured = [file.md5 for file in read.files if file.md5]
        for md5s in (measured, list(dict.fromkeys(read.md5s))):
            if not md5s:
                continue
            for number, count in (await repository.with_files(conn, md5s)).items():
                if number not in seen:
                    seen.add(number)
                    found.append((number, count, len(md5s), "md5"))
        named = await repository.recordings(conn, seen)
        matches = [
            Match(number, named[number][0], count, of, how, named[number][1])  # type: ignore[arg-type]
            for number, count, of, how in found
            if number in named
        ]
        return sorted(matches, key=lambda one: (-one.matched / max(1, one.looked), one.identifier))[:10]

    async def _by_date(
        self, conn: AsyncConnection, facts: Facts, artists: Collection[int], read: TapeRead
    ) -> dict[int, tuple[int, Show]]:
        """Concerts of its date: of its band, else of those whose recordings are named as its folder is (gd…)."""
        if facts.precision != "day":
            return {}
        if artists:
            return await repository.shows(conn, await repository.concerts_on(conn, artists, facts.date))
        prefixes = set(prefixes_of(read.name))
        if not prefixes:
            return {}
        found = await repository.concerts_of_day(conn, facts.date)
        alike = [
            number for number, names in found.items() if prefixes & {one for name in names for one in prefixes_of(name)}
        ]
        return await repository.shows(conn, alike)

    async def _by_songs(
        self, conn: AsyncConnection, item: Item, artists: Collection[int]
    ) -> dict[int, tuple[int, Show]]:
        """Concerts at which the most of its songs were played, of its band or of bands that play such songs."""
        titles = [title for track in item.tracks for title in (track.title, *track.other_titles)]
        if not artists:
            plain = Vocabulary.learn([], [titles])
            keys = {song_key(written) for title in titles for _, written in plain.pieces(title)}
            artists = list(await repository.artists_playing(conn, {key for key in keys if key}))
        found: dict[int, tuple[int, Show]] = {}
        for artist in artists:
            songs = await self._heard(conn, item, artist)
            if len(songs) >= 2:
                found |= await repository.shows(conn, await repository.concerts_with(conn, songs))
        return found

    async def _heard(self, conn: AsyncConnection, item: Item, artist: int) -> frozenset[int]:
        """The songs of a band that a tape's titles say were played."""
        words = self._words.get(artist)
        if words is None:
            named = await repository.song_names(conn, artist)
            songs = tuple(SetlistSong(name) for _, name in named.values())
            vocabulary = Vocabulary.learn([Setlist("", "", sets=(SetlistSet("Set 1", songs),))])
            words = _Words(vocabulary, {key: number for key, (number, _) in named.items()})
            self._words[artist] = words
        if not words.numbers:
            return frozenset()
        heard = heard_of(item, words.vocabulary)
        keys = (song_key(one.song) for one in heard if one.kind == "song" and one.song)
        return frozenset(words.numbers[key] for key in keys if key in words.numbers)
