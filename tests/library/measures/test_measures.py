"""What was measured is shown where nobody says otherwise, through every scan, edit and undoing, on both databases."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete

from segue.core.access import SYSTEM, Actor
from segue.core.db import Database, Transaction
from segue.jobs import JobService, Registry
from segue.library.edits.errors import CannotUndo
from segue.library.items import track_item, track_page
from segue.library.journal import tasks
from segue.library.journal.service import JournalService
from segue.library.measures import repository
from segue.library.measures.records import AlbumLoudness, Measure, Said
from segue.library.measures.service import SHOW, MeasureService
from segue.library.measures.shown import COLUMNS, shown
from segue.library.models import RawTags
from segue.library.scan.facts import ReplayGain
from segue.subsonic import spelled
from tests.jobs.ground import ended, working
from tests.library.edits.ground import EDITOR, Desk, desk
from tests.library.scan.recount import differences
from tests.library.test_standing import OneJob, Stopped

pytestmark = pytest.mark.anyio
LONG = os.environ.get("SEGUE_TEST_LONG") == "1"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
ADMIN = Actor(1, "Ann", frozenset({"admin"}), libraries=None)
NAMES = ("a.flac", "b.flac", "c.flac")


def measure(**values: Any) -> Measure:
    return Measure(1, NOW, **values)


HEARD = measure(bpm=128.0, bpm_confidence=0.9, tonic=9, mode="minor", key_confidence=0.8, energy=0.75,
                danceability=0.5, loudness_lufs=-8.5, loudness_range_lu=5.0, true_peak=1.0)  # fmt: skip


class Jobs:
    """Remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    async def enqueue(self, tx: Transaction, kind: str, params: Any) -> None:
        self.asked.append((kind, params))


class Place:
    """A desk with measures, and what its settings say."""

    def __init__(self, at: Desk) -> None:
        self.at = at
        self.library = SimpleNamespace(tempo_and_key_from="tags")
        self.jobs = Jobs()
        settings: Any = SimpleNamespace(current=SimpleNamespace(library=self.library))
        self.measures = MeasureService(at.db, self.jobs, settings)  # type: ignore[arg-type]

    async def take(self, measures: dict[int, Measure]) -> int:
        async with self.at.db.write() as tx:
            return await self.measures.take(tx, measures)

    async def prefer(self, whose: str) -> None:
        self.library.tempo_and_key_from = whose
        await self.measures.check()
        while self.jobs.asked:
            assert self.jobs.asked.pop() == (SHOW, {"from": whose})
            await self.measures.show_all(OneJob(), whose)  # type: ignore[arg-type]

    async def row(self, track: int) -> Any:
        async with self.at.db.read() as conn:
            (row,) = await repository.rows(conn, [track])
        return row

    async def of_file(self, name: str) -> int:
        files = {row.id: row.path.decode() for row in await self.at.home.files()}
        return next(row.id for row in await self.at.home.tracks() if files[row.file_id] == name)


@pytest.fixture
async def place(db: Database, tmp_path: Path) -> AsyncIterator[Place]:
    async with desk(db, tmp_path) as at:
        yield Place(at)
        assert await differences(db) == []


async def test_a_measure_shows_until_a_tag_appears_and_again_when_it_is_gone(place: Place) -> None:
    home = place.at.home
    home.song("a.flac", title="A", seed=1)
    await home.scan()
    track = await place.of_file("a.flac")
    assert await place.take({track: HEARD, 999_999: HEARD}) == 1
    row = await place.row(track)
    assert (row.bpm, row.bpm_measured, row.musical_key, row.camelot) == (128.0, True, "Am", "8A")
    assert (row.replaygain_track_gain_db, row.gain_measured, row.energy) == (-9.5, True, 0.75)
    assert await place.take({track: HEARD}) == 0
    home.song("a.flac", title="A", seed=1, bpm="64", key="C", replaygain_track_gain="-3.00 dB")
    await home.scan()
    row = await place.row(track)
    assert (row.bpm, row.bpm_measured, row.musical_key, row.key_measured) == (64.0, False, "C", False)
    assert (row.replaygain_track_gain_db, row.gain_measured, row.loudness_lufs) == (-3.0, False, -8.5)
    home.song("a.flac", title="A", seed=1)
    await home.scan()
    row = await place.row(track)
    assert (row.bpm, row.bpm_measured, row.musical_key, row.gain_measured) == (128.0, True, "Am", True)
    async with place.at.db.write() as tx:
        assert await place.measures.forget(tx, [track]) == 1
    row = await place.row(track)
    assert [getattr(row, name) for name in ("bpm", "musical_key", "energy", "replaygain_track_gain_db")] == [None] * 4
    assert row.bpm_measured is False


async def test_a_tempo_is_halved_by_an_edit_and_undone(place: Place) -> None:
    home = place.at.home
    home.song("a.flac", title="A", seed=1)
    await home.scan()
    track = await place.of_file("a.flac")
    await place.take({track: HEARD})
    made = await place.at.edits.edit(EDITOR, "track", track, set={"bpm": 64.0, "key": None})
    row = await place.row(track)
    assert (row.bpm, row.bpm_measured, row.musical_key, row.key_measured) == (64.0, False, None, False)
    await home.scan(full=True)
    assert (await place.row(track)).bpm == 64.0
    view, details = await place.at.library.track_page(track, SYSTEM)
    item = track_page(view, details)
    assert (item["bpm_source"], item["edited"], item["measured"]["bpm"]) == ("given", ["bpm", "key"], 128.0)
    assert item["measured"]["doubts"] == []
    await place.at.edits.undo(EDITOR, made.batch)
    row = await place.row(track)
    assert (row.bpm, row.bpm_measured, row.musical_key, row.key_measured) == (128.0, True, "Am", True)


async def test_a_page_tells_what_was_measured_and_what_is_doubtful_about_the_tag(place: Place) -> None:
    home = place.at.home
    home.song("a.flac", title="A", seed=1, bpm="64")
    await home.scan()
    track = await place.of_file("a.flac")
    view, details = await place.at.library.track_page(track, SYSTEM)
    assert (track_page(view, details)["measured"], track_item(view)["gain_source"]) == (None, None)
    await place.take({track: HEARD})
    view, details = await place.at.library.track_page(track, SYSTEM)
    item = track_page(view, details)
    assert (item["bpm"], item["bpm_source"], item["key"], item["key_source"]) == (64.0, "given", "Am", "analysis")
    assert (item["camelot"], item["energy"], item["loudness_lufs"]) == ("8A", 0.75, -8.5)
    assert (item["gain_source"], item["replay_gain"]["track_gain_db"]) == ("analysis", -9.5)
    assert (item["measured"]["bpm"], item["measured"]["key"], item["measured"]["key_confidence"]) == (128.0, "Am", 0.8)
    assert [doubt["code"] for doubt in item["measured"]["doubts"]] == ["bpm_octave"]
    song = spelled.song(view)
    assert (song["bpm"], song["replayGain"]["trackGain"], song["replayGain"]["trackPeak"]) == (64, -9.5, 1.0)


async def test_every_track_that_shows_something_else_is_told_to_the_change_feed(place: Place) -> None:
    home = place.at.home
    home.song("a.flac", title="A", seed=1)
    await home.scan()
    track, before = await place.of_file("a.flac"), await home.head()
    await place.take({track: HEARD})
    after = await home.head()
    assert after > before
    await place.take({track: HEARD})
    assert await home.head() == after


async def test_a_person_may_put_the_measure_before_the_tag_and_take_that_back(place: Place) -> None:
    home = place.at.home
    for name in NAMES:
        home.song(name, title=name, album="Album", seed=NAMES.index(name), bpm="64", key="C")
    await home.scan()
    tracks = [await place.of_file(name) for name in NAMES]
    await place.take(dict.fromkeys(tracks[:2], HEARD))
    await place.prefer("analysis")
    assert [(await place.row(track)).bpm for track in tracks] == [128.0, 128.0, 64.0]
    home.song(NAMES[0], title="Other", album="Album", seed=0, bpm="64", key="C")
    await home.scan()
    assert (await place.row(tracks[0])).musical_key == "Am"
    await place.prefer("tags")
    assert [(await place.row(track)).bpm for track in tracks] == [64.0, 64.0, 64.0]


async def test_a_choice_that_is_applied_goes_on_where_it_was_and_ends_where_another_is_made(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.library.measures.service.SHOWN_AT_ONCE", 1)
    home = place.at.home
    for name in NAMES:
        home.song(name, title=name, seed=NAMES.index(name), bpm="64")
    await home.scan()
    tracks = [await place.of_file(name) for name in NAMES]
    await place.take(dict.fromkeys(tracks, HEARD))
    place.library.tempo_and_key_from = "analysis"
    await place.measures.check()
    await place.measures.check()
    assert place.jobs.asked == [(SHOW, {"from": "analysis"})]
    killed = OneJob(steps=2)
    with pytest.raises(Stopped):
        await place.measures.show_all(killed, "analysis")  # type: ignore[arg-type]
    assert sorted([(await place.row(track)).bpm for track in tracks]) == [64.0, 128.0, 128.0]
    done = await place.measures.show_all(OneJob(killed.checkpoint), "analysis")  # type: ignore[arg-type]
    assert done == {"tracks": 3, "changed": 3}
    assert (await place.measures.show_all(OneJob(), "tags"))["tracks"] == 0  # type: ignore[arg-type]


async def test_an_album_is_levelled_once_all_of_it_is_measured(place: Place) -> None:
    home = place.at.home
    for name in NAMES:
        home.song(name, title=name, album="Album", seed=NAMES.index(name))
    await home.scan()
    tracks = [await place.of_file(name) for name in NAMES]
    album = (await home.albums())[0].id

    async def wanted(*some: int, albums: tuple[int, ...] = ()) -> dict[int, tuple[int, ...] | None]:
        async with place.at.db.read() as conn:
            return await place.measures.albums_of(conn, some, albums)

    assert await wanted(*tracks) == {}
    await place.take(dict.fromkeys(tracks[:2], HEARD))
    assert await wanted(tracks[0]) == {album: None}
    await place.take({tracks[2]: HEARD})
    assert await wanted(tracks[2]) == {album: tuple(sorted(tracks))}
    async with place.at.db.write() as tx:
        assert await place.measures.take_albums(tx, {album: AlbumLoudness(-9.0, 1.2)}) == 3
    assert {(await place.row(track)).replaygain_album_gain_db for track in tracks} == {-9.0}
    await place.take({tracks[0]: measure(bpm=90.0, loudness_lufs=-10.0)})
    assert (await place.row(tracks[0])).replaygain_album_gain_db == -9.0
    home.song("d.flac", title="D", album="Album", seed=9)
    await home.scan()
    assert await wanted(albums=(album,)) == {album: None}
    async with place.at.db.write() as tx:
        assert await place.measures.take_albums(tx, {album: None}) == 3
        assert await place.measures.take_albums(tx, {album: None}) == 0
    assert {(await place.row(track)).replaygain_album_gain_db for track in tracks} == {None}
    (home.music / "d.flac").unlink()
    await home.scan(accept_missing=True)
    assert await wanted(albums=(album,)) == {album: tuple(sorted(tracks))}


async def test_slices_of_one_file_have_measures_of_their_own(place: Place) -> None:
    home = place.at.home
    home.song("disc.flac", seconds=2.0, seed=3)
    sheet = ('FILE "disc.flac" WAVE\n  TRACK 01 AUDIO\n    TITLE "One"\n    INDEX 01 00:00:00\n'
             '  TRACK 02 AUDIO\n    TITLE "Two"\n    INDEX 01 00:01:00\n')  # fmt: skip
    (home.music / "disc.cue").write_text(sheet)
    await home.scan()
    one, two = await place.at.track("One"), await place.at.track("Two")
    await place.take({one: HEARD, two: measure(bpm=70.0)})
    await home.scan(full=True)
    assert [(await place.row(track)).bpm for track in (one, two)] == [128.0, 70.0]
    (home.music / "disc.cue").write_text(sheet.replace('"Two"', '"Zwei"'))
    await home.scan()
    assert (await place.row(await place.at.track("Zwei"))).bpm == 70.0
    assert (await place.row(one)).bpm_measured is True


async def test_undoing_a_scan_shows_what_holds_now(place: Place) -> None:
    home = place.at.home
    home.song("a.flac", title="A", seed=1, bpm="64")
    await home.scan()
    track = await place.of_file("a.flac")
    home.song("a.flac", title="B", seed=1)
    await home.scan()
    await place.take({track: HEARD})
    jobs = JobService(home.db, Registry().add(tasks))
    await jobs.declare()
    journals = JournalService(home.db, jobs)
    job = await journals.undo(ADMIN, (await journals.latest(home.library_id)).id)
    async with working(home.db, jobs.registry, resolve=lambda _: journals, service=jobs):
        assert (await ended(jobs, job)).state == "done"
    row = await place.row(track)
    assert (row.bpm, row.bpm_measured, row.energy, row.musical_key) == (64.0, False, 0.75, "Am")


async def test_without_the_kept_tags_what_is_shown_and_not_measured_counts_as_said(place: Place) -> None:
    home = place.at.home
    home.song("a.flac", title="A", seed=1, bpm="64")
    await home.scan()
    track = await place.of_file("a.flac")
    async with home.db.write() as tx:
        await tx.execute(delete(RawTags))
    await place.take({track: HEARD})
    row = await place.row(track)
    assert (row.bpm, row.musical_key, row.gain_measured) == (64.0, "Am", True)
    async with home.db.write() as tx:
        await place.measures.forget(tx, [track])
    assert (await place.row(track)).bpm == 64.0


# --- whatever happens in between ---------------------------------------------------------------------------------------


class Told:
    """What was said and measured so far, as the test knows it."""

    def __init__(self) -> None:
        self.tags: dict[str, dict[str, str]] = {name: {} for name in NAMES}
        self.measures: dict[str, Measure] = {}
        self.prefer = "tags"


def _tags(draw: random.Random) -> dict[str, str]:
    said = {"bpm": "96", "key": draw.choice(("C", "8A", "no key")), "replaygain_track_gain": "-3.00 dB"}
    said |= {"replaygain_album_gain": "-4.00 dB", "replaygain_album_peak": "0.500000"}
    return {name: value for name, value in said.items() if draw.random() < 0.4}


def _measure(draw: random.Random) -> Measure:
    values = {"bpm": draw.choice((128.0, 64.5)), "energy": draw.random(), "loudness_lufs": -draw.randint(5, 20) / 2}
    values |= {"true_peak": 0.5, "album_loudness_lufs": -9.0, "album_true_peak": 1.5}
    known = {name: value for name, value in values.items() if draw.random() < 0.7}
    return measure(**known, **({"tonic": draw.randrange(12), "mode": "major"} if draw.random() < 0.7 else {}))


def _gain(tags: dict[str, str]) -> ReplayGain | None:
    numbers = [tags.get(f"replaygain_{name}") for name in ("track_gain", "track_peak", "album_gain", "album_peak")]
    return ReplayGain(*(None if n is None else float(n.removesuffix(" dB")) for n in numbers)) if any(numbers) else None


async def _step(place: Place, told: Told, made: list[int], draw: random.Random) -> None:
    at, name = place.at, draw.choice(NAMES)
    track = await place.of_file(name)
    match draw.choice(
        ("retag", "retag", "edit", "edit", "clear", "undo", "measure", "measure", "forget", "prefer", "scan")
    ):
        case "retag":
            told.tags[name] = _tags(draw)
            at.home.song(name, title=name, album="Album", seed=NAMES.index(name), **told.tags[name])
            await at.home.scan()
        case "edit":
            change: dict[str, Any] = draw.choice(
                ({"bpm": 80.0}, {"bpm": None}, {"key": "Em"}, {"key": None, "bpm": 50.0})
            )
            made.append((await at.edits.edit(EDITOR, "track", track, set=change)).batch)
        case "clear":
            made.append((await at.edits.edit(EDITOR, "track", track, clear=["bpm"])).batch)
        case "undo" if made:
            with suppress(CannotUndo):
                made.append((await at.edits.undo(EDITOR, draw.choice(made))).batch)
        case "measure":
            was, now = told.measures.get(name), _measure(draw)
            if was is not None and now.album_loudness_lufs is None and now.album_true_peak is None:
                told.measures[name] = measure(
                    **{f: getattr(now, f) for f in ("bpm", "energy", "loudness_lufs", "true_peak", "tonic", "mode")},
                    album_loudness_lufs=was.album_loudness_lufs, album_true_peak=was.album_true_peak,
                )  # fmt: skip
            else:
                told.measures[name] = now
            await place.take({track: now})
        case "forget":
            told.measures.pop(name, None)
            async with at.db.write() as tx:
                await place.measures.forget(tx, [track])
        case "prefer":
            told.prefer = draw.choice(("tags", "analysis"))
            await place.prefer(told.prefer)
        case _:
            await at.home.scan(full=draw.random() < 0.5)


@pytest.mark.parametrize("seed", range(40 if LONG else 2))
async def test_what_is_shown_always_is_the_pure_function(place: Place, seed: int) -> None:
    draw, told, made = random.Random(seed), Told(), list[int]()
    for name in NAMES:
        place.at.home.song(name, title=name, album="Album", seed=NAMES.index(name))
    await place.at.home.scan()
    for _ in range(20):
        await _step(place, told, made, draw)
        for name in NAMES:
            track = await place.of_file(name)
            fields = (await place.at.edits.state(SYSTEM, "track", track)).fields
            edited = frozenset(field for field in ("bpm", "key") if fields[field].edited)
            tags = told.tags[name]
            bpm = fields["bpm"].value if "bpm" in edited else float(tags["bpm"]) if "bpm" in tags else None
            key = fields["key"].value if "key" in edited else tags.get("key")
            said = Said(bpm, key, _gain(tags), edited)
            row = await place.row(track)
            expected = shown(said, told.measures.get(name), told.prefer)  # type: ignore[arg-type]
            assert {column: getattr(row, column) for column in COLUMNS} == expected
