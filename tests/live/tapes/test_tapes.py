"""Unnamed tapes are known by their audio, by date and band, and by what was played; a person decides, and no file changes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select

from bench.live.performance import RATE, write
from segue.core.access import Actor
from segue.core.db import Database
from segue.jobs import JobService, Registry
from segue.library.deliveries import Delivered, Place
from segue.live.downloads.checks import audio_md5
from segue.live.errors import MayNotDecide
from segue.live.models import LiveConcert, LiveConcertRecording, LiveFingerprint, LiveRecording, LiveTrack
from segue.live.records import Item, ItemFile, ItemTrack
from segue.live.tapes import tasks
from segue.live.tapes.asking import Asking
from segue.live.tapes.errors import AlreadyDecided, BadProposal, NoSuchTapeFolder
from segue.live.tapes.service import Looked, TapeService, checked_folder
from tests.live.rendered import Here

pytestmark = pytest.mark.anyio
ED = Actor(7, "ed", roles=frozenset({"editor"}), libraries=None)
ANN = Actor(5, "ann", libraries=None)
SONGS = ("Anchor Chain", "Buoy Bell", "Current Affair", "Drift Away", "Ebb Tide", "Fathom Line")
OTHER = ("Galley Song", "Harbour Light", "Inlet", "Jetty Jump", "Anchor Chain", "Keel Over")


class Deliveries:
    """Says that everything below `root` is in library 3."""

    def __init__(self, root: Path) -> None:
        self._root = bytes(root)
        self.known: dict[bytes, int] = {}

    async def roots(self) -> dict[int, bytes]:
        return {3: self._root}

    async def place_of(self, folder: bytes) -> Place | None:
        return Place(3, folder[len(self._root) + 1 :]) if folder.startswith(self._root) else None

    async def tracks_at(self, _library: int, paths: Sequence[bytes]) -> dict[bytes, Delivered]:
        return {path: Delivered(self.known[path], 1) for path in paths if path in self.known}


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Six short FLACs, each of other audio."""
    folder = tmp_path_factory.mktemp("sounds")
    found = []
    for number in range(6):
        samples = np.sin(np.arange(RATE // 4) * (0.02 + number / 100)).astype(np.float32) * 0.3
        found.append(write(samples, folder / f"{number}.flac"))
    return found


class House:
    def __init__(self, db: Database, root: Path) -> None:
        self.db = db
        self.root = root
        self.deliveries = Deliveries(root)
        self.jobs = JobService(db, Registry().add(tasks))
        self.tapes = TapeService(db, self.jobs, self.deliveries)  # type: ignore[arg-type]
        self.children = self.tapes.pool
        self.tapes.pool = Here  # type: ignore[assignment]

    def tape(self, name: str, sounds: Sequence[Path], titles: Sequence[str] = (), **texts: str) -> Path:
        """A folder with these files; `ffp="…"` and the like are texts beside them."""
        folder = self.root / name
        folder.mkdir(parents=True)
        for number, sound in enumerate(sounds, 1):
            target = folder / f"t{number:02}.flac"
            shutil.copyfile(sound, target)
            if titles:
                tag(target, titles[number - 1], number)
        for ending, text in texts.items():
            (folder / f"info.{ending}").write_text(text)
        return folder

    async def look(self, folder: Path) -> list[Looked]:
        return [found async for found in self.tapes.look(bytes(folder))]

    async def kept(self, folder: Path) -> Any:
        """Look and keep; the row of the first tape."""
        (found,) = await self.look(folder)
        async with self.db.write() as tx:
            number = await self.tapes.keep(tx, found, 7)
        assert number is not None
        return await self.tapes.get(number)


def tag(file: Path, title: str, number: int) -> None:
    from mutagen.flac import FLAC

    tags = FLAC(file)
    tags["title"], tags["tracknumber"] = title, str(number)
    tags.save()


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> House:
    """Two concerts of one band, each with a recording of the archive and a setlist that is known."""
    from segue.core.clock import utc_now
    from segue.live.mirror.details import take_in_details
    from segue.live.mirror.regrouping import regroup
    from segue.live.models import LiveArtist, LiveSetlist

    made = House(db, tmp_path / "tapes")
    made.root.mkdir()
    for date, songs in (("1987-05-08", SONGS), ("1987-06-09", OTHER)):
        item = Item(
            identifier=f"ht{date}.aud.hicks.4982.flac16", title=f"Harbour Tide Live at The Pier on {date}",
            creators=("Harbour Tide",), collections=("HarbourTide", "etree"), date=date, venue="The Pier",
            tracks=tuple(
                ItemTrack(n, song, 250, (), (ItemFile(f"t{n}.flac", "Flac", "original", md5=f"{n:032x}"),))
                for n, song in enumerate(songs, 1)
            ),
        )  # fmt: skip
        async with db.write() as tx:
            await take_in_details(tx, item, utc_now())
            sets = [["Set 1", [[song, False, ""] for song in songs]]]
            await tx.execute(
                insert(LiveSetlist).values(
                    source="reference", artist_key="harbour tide", date=date, show_id=date, sets=sets, at=utc_now()
                )
            )
    async with db.read() as conn:
        artist = await conn.scalar(select(LiveArtist.id))
    await regroup(db, artist)
    return made


async def recording(db: Database, identifier: str) -> int:
    async with db.read() as conn:
        return int(await conn.scalar(select(LiveRecording.id).where(LiveRecording.identifier.contains(identifier))))


async def concert_of(db: Database, number: int) -> Any:
    async with db.read() as conn:
        asked = (
            select(
                LiveConcert.id,
                LiveConcert.date,
                LiveConcert.recording_count,
                LiveConcert.kept,
                LiveConcertRecording.rank,
            )
            .join(LiveConcertRecording, LiveConcertRecording.concert_id == LiveConcert.id)
            .where(LiveConcertRecording.recording_id == number)
        )
        return (await conn.execute(asked)).one_or_none()


async def test_a_tape_is_known_by_its_audio_whatever_it_is_called(house: House, sounds: list[Path]) -> None:
    known = await recording(house.db, "1987-05-08")
    async with house.db.write() as tx:
        for number, sound in enumerate(sounds, 1):
            values = {"recording_id": known, "name": f"t{number}.flac", "value": audio_md5(bytes(sound))}
            await tx.execute(insert(LiveFingerprint).values(**values))
    row = await house.kept(house.tape("no name at all", sounds))
    first = row.proposals[0]
    assert (first["kind"], first["recording"], first["score"], first["date"]) == ("recording", known, 1.0, "1987-05-08")
    assert first["reasons"][0] == ["same_audio", {"identifier": first["identifier"], "matched": 6, "of": 6}]
    done = await house.tapes.accept(ED, row.id)
    assert done.state == "accepted"
    async with house.db.read() as conn:
        titles = list(await conn.scalars(select(LiveTrack.title).where(LiveTrack.recording_id == done.recording_id)))
    assert titles == list(SONGS)


async def test_shorten_is_known_by_the_checksums_of_its_files(house: House) -> None:
    known = await recording(house.db, "1987-06-09")
    folder = house.root / "shn"
    folder.mkdir()
    from sqlalchemy import update

    from segue.live.models import LiveFile

    for number in range(1, 4):
        (folder / f"x{number}.shn").write_bytes(b"ajkg" + bytes([number]) * 50)
        md5 = hashlib.md5((folder / f"x{number}.shn").read_bytes(), usedforsecurity=False).hexdigest()
        async with house.db.write() as tx:
            where = (LiveFile.recording_id == known, LiveFile.number == number)
            await tx.execute(update(LiveFile).where(*where).values(md5=md5))
    (found,) = await house.look(folder)
    assert found.identified is not None
    assert found.identified.proposals[0].recording == known
    assert found.identified.proposals[0].reasons[0][0] == "same_files"


async def test_date_and_band_in_the_folders_name_lead_to_the_concert_and_the_setlist_makes_it_sure(
    house: House, sounds: list[Path]
) -> None:
    sure = (await house.kept(house.tape("Harbour Tide 1987-05-08 The Pier", sounds, SONGS))).proposals[0]
    assert (sure["kind"], sure["date"], sure["artist"]) == ("concert", "1987-05-08", "Harbour Tide")
    assert sure["score"] > 0.95
    assert [code for code, _ in sure["reasons"]] == ["named", "setlist_fits"]
    short = (await house.kept(house.tape("ht87-05-08.sbd.unknown", sounds[:3]))).proposals[0]
    assert (short["kind"], short["date"]) == ("concert", "1987-05-08")
    assert short["score"] == 0.7


async def test_a_tape_without_a_date_is_known_by_what_was_played(house: House, sounds: list[Path]) -> None:
    (found,) = await house.look(house.tape("unknown tape 7", sounds, [f"{song} ->" for song in SONGS]))
    assert found.identified is not None
    first = found.identified.proposals[0]
    assert (first.date, first.reasons[0][0]) == ("1987-05-08", "setlist_fits")
    assert first.reasons[0][1] == {"songs": 6, "heard": 6, "setlist": 6}


async def test_a_wrong_date_is_doubted_where_the_songs_are_of_another_night(house: House, sounds: list[Path]) -> None:
    (found,) = await house.look(house.tape("Harbour Tide 1987-06-09", sounds, SONGS))
    assert found.identified is not None
    first, second = found.identified.proposals[:2]
    assert (first.date, first.reasons[1]) == ("1987-05-08", ("named_otherwise", {"date": "1987-06-09"}))
    assert (second.date, second.reasons[1][0]) == ("1987-06-09", "setlist_contradicts")


async def test_an_accepted_tape_is_a_recording_of_its_concert_and_its_files_are_as_they_were(
    house: House, sounds: list[Path]
) -> None:
    folder = house.tape(
        "Harbour Tide 1987-05-08 AUD", sounds, SONGS, txt="Source: Nakamichi CM300 > D5\nTaper: A. Hand"
    )
    before = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.iterdir()}
    for number, file in enumerate(sorted(folder.glob("*.flac")), 1):
        house.deliveries.known[bytes(file)[len(bytes(house.root)) + 1 :]] = 100 + number
    row = await house.kept(folder)
    with pytest.raises(MayNotDecide):
        await house.tapes.accept(ANN, row.id)
    done = await house.tapes.accept(ED, row.id)
    concert = await concert_of(house.db, done.recording_id)
    assert (concert.date, concert.recording_count, concert.kept) == ("1987-05-08", 2, 1)
    async with house.db.read() as conn:
        tracks = list(await conn.scalars(select(LiveTrack.track_id).where(LiveTrack.recording_id == done.recording_id)))
        source = (
            await conn.execute(
                select(LiveRecording.provider, LiveRecording.source_type, LiveRecording.taper).where(
                    LiveRecording.id == done.recording_id
                )
            )
        ).one()
    assert tracks == [101, 102, 103, 104, 105, 106]
    assert tuple(source) == ("tape", "AUD", "A. Hand")
    with pytest.raises(AlreadyDecided):
        await house.tapes.accept(ED, row.id)
    assert (await house.kept(folder)).state == "accepted"
    back = await house.tapes.take_back(ED, row.id)
    assert (back.state, back.recording_id) == ("proposed", None)
    assert await concert_of(house.db, done.recording_id) is None
    assert {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in folder.iterdir()} == before


async def test_a_concert_that_nobody_knows_yet_is_made_by_a_persons_word(house: House, sounds: list[Path]) -> None:
    row = await house.kept(house.tape("Night Ferry 1991-02-29 somewhere", sounds))
    for wrong in ({"artist": "Night Ferry"}, {"artist": "Night Ferry", "date": "1991-02-29"}, {"proposal": 9}):
        with pytest.raises(BadProposal):
            await house.tapes.accept(ED, row.id, **wrong)
    done = await house.tapes.accept(ED, row.id, artist="Night Ferry", date="1991-02-28")
    concert = await concert_of(house.db, done.recording_id)
    assert (concert.date, concert.rank) == ("1991-02-28", 1)


async def test_a_tape_that_is_scanned_later_is_linked_then(house: House, sounds: list[Path]) -> None:
    folder = house.tape("Harbour Tide 1987-05-08 late", sounds, SONGS)
    done = await house.tapes.accept(ED, (await house.kept(folder)).id)
    assert (await concert_of(house.db, done.recording_id)).kept == 0
    for number, file in enumerate(sorted(folder.glob("*.flac")), 1):
        house.deliveries.known[bytes(file)[len(bytes(house.root)) + 1 :]] = 200 + number
    await house.tapes.arrive()
    assert (await concert_of(house.db, done.recording_id)).kept == 1


async def test_audio_that_is_not_what_its_own_ffp_says_is_told(house: House, sounds: list[Path]) -> None:
    lines = [f"t{n:02}.flac:{audio_md5(bytes(sound))}" for n, sound in enumerate(sounds, 1)]
    lines[2] = f"t03.flac:{'ab' * 16}"
    row = await house.kept(house.tape("x", sounds, ffp="\r\n".join(lines)))
    assert row.problems == [["audio_differs_from_ffp", {"files": ["t03.flac"]}]]


async def test_a_moved_folder_is_the_same_tape_and_a_refused_one_stays_refused(
    house: House, sounds: list[Path]
) -> None:
    folder = house.tape("Harbour Tide 1987-05-08", sounds, SONGS)
    row = await house.kept(folder)
    await house.tapes.refuse(ED, row.id)
    moved = folder.rename(house.root / "elsewhere")
    again = await house.kept(moved)
    assert (again.id, again.state) == (row.id, "refused")
    assert again.display_path.endswith("elsewhere")
    rows, _, counts = await house.tapes.page(ED, ["refused"])
    assert ([one.id for one in rows], counts) == ([row.id], {"refused": 1})


async def test_heaps_broken_files_and_discs_are_taken_as_they_are(house: House, sounds: list[Path]) -> None:
    show = house.root / "Harbour Tide 1987-05-08"
    for disc in ("d1", "Disc 2"):
        (show / disc).mkdir(parents=True)
        shutil.copyfile(sounds[0], show / disc / "t01.flac")
    broken = house.root / os_name(b"br\xffken")
    broken.mkdir()
    (broken / "a.flac").write_bytes(b"fLaC" + b"\0" * 10)
    (broken / "b.mp3").write_bytes(b"")
    (house.root / "only text").mkdir()
    (house.root / "only text" / "info.txt").write_text("nothing")
    house.tapes.pool = house.children
    found = await house.look(house.root)
    by_name = {one.folder.name: one for one in found}
    assert sorted(by_name) == ["Harbour Tide 1987-05-08", "br�ken"]
    assert len(by_name["Harbour Tide 1987-05-08"].folder.audio) == 2
    async with house.db.write() as tx:
        for one in found:
            await house.tapes.keep(tx, one, None)
    rows, following, _ = await house.tapes.page(ED, ["proposed"], limit=1)
    assert following is not None
    rest, end, _ = await house.tapes.page(ED, ["proposed"], after=following)
    assert (len(rows), len(rest), end) == (1, 1, None)


def os_name(name: bytes) -> str:
    import os

    return os.fsdecode(name)


async def test_only_a_folder_that_is_there_is_looked_at(house: House, tmp_path: Path) -> None:
    for wrong in ("relative", str(tmp_path / "nothing"), "/etc/hostname\0"):
        with pytest.raises(NoSuchTapeFolder):
            checked_folder(wrong)
    await house.jobs.declare()
    ticket = await house.tapes.request(ED, str(house.root))
    assert ticket.id > 0
    for refused in (house.tapes.request(ANN, str(house.root)), house.tapes.page(ANN, ["proposed"])):
        with pytest.raises(MayNotDecide):
            await refused


async def test_the_archive_is_asked_for_the_fingerprints_of_a_likely_night_once(
    house: House, sounds: list[Path]
) -> None:
    known = await recording(house.db, "1987-05-08")
    asked: list[str] = []

    class Archive:
        async def fingerprints(self, item: Item) -> dict[str, str]:
            asked.append(item.identifier)
            return {f"t{n}.flac": audio_md5(bytes(sound)) for n, sound in enumerate(sounds, 1)}

    async def details(_number: int) -> tuple[str, None]:
        return "kept", None

    house.tapes.ask = lambda: Asking(house.db, Archive(), details)  # type: ignore[arg-type]
    for name in ("Harbour Tide 1987-05-08 one", "Harbour Tide 1987-05-08 two"):
        (found,) = await house.look(house.tape(name, sounds))
        assert found.identified is not None
        assert found.identified.proposals[0].recording == known
    assert asked == ["ht1987-05-08.aud.hicks.4982.flac16"]
