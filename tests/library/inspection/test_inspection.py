"""What inspection says of files, albums and artists in a library."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.library.edits.models import Edit
from segue.library.inspection.service import InspectionService, read_on_the_spot
from segue.library.measures import repository as measures
from segue.library.measures.records import Measure
from segue.library.measures.showing import settle
from segue.library.models import Artist, ArtistAlias, File, Redirect
from segue.library.scan.tags.rules import shipped
from segue.library.service import LibraryService, NotInLibrary
from tests.jobs.ground import ended
from tests.library.media import make_audio
from tests.library.tag_rules.conftest import Ruled, ruled

pytestmark = pytest.mark.anyio
__all__ = ["ruled"]

ONE = "0b0d0f6e-0000-4000-8000-000000000001"


async def scanned(ruled: Ruled) -> InspectionService:
    await ruled.scans.add_library(str(ruled.music), "Mine")
    async with ruled.worker():
        await ruled.settled()
    return InspectionService(ruled.db, LibraryService(ruled.db), ruled.rules)


async def test_a_file_says_what_became_of_its_tags_who_edited_what_and_by_what_it_is_known(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="A feat. B", album="X", albumartist="A", date="1977-16", odd="x")
    service = await scanned(ruled)
    (track,) = (await ruled.tracks()).values()
    async with ruled.db.write() as tx:
        await tx.execute(
            insert(Edit).values(
                kind="track", entity_id=track.id, field="title", value={"is": "Uno"}, edited_by=3, edited_at=utc_now()
            )
        )
    found = await service.track(SYSTEM, track.id)
    assert (found.path, found.format) == ("A/1.flac", "flac")
    assert {tag.name: tag.heard for tag in found.tags} == {
        "title": True, "artist": True, "album": True, "albumartist": True, "date": True, "odd": False,
    }  # fmt: skip
    by_name = {field.field: field for field in found.fields}
    assert [one["name"] for one in by_name["artists"].value] == ["A", "B"]
    assert by_name["artists"].reasons[0].code == "split"
    assert [doubt.code for doubt in found.doubts] == ["date_doubtful"]
    (edit,) = found.edits
    assert (edit.of, edit.field, edit.value, edit.edited_by) == (f"tr-{track.id}", "title", "Uno", "us-3")
    assert found.tracks[0].grouping.rule == "folder_album_artist"
    assert found.tracks[0].grouping.sentence.startswith("One album because")
    assert found.identity.audio_key_kind == "flac_md5"
    assert (found.rules.current, found.rules.source, found.rules.hash) == (True, "none", shipped().hash.hex())


async def test_a_file_says_what_was_measured_of_its_tracks_and_what_is_shown_of_it(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="A", album="X", bpm="64")
    service = await scanned(ruled)
    (track,) = (await ruled.tracks()).values()
    (before,) = (await service.track(SYSTEM, track.id)).tracks
    assert (before.measured, before.shown_as_measured) == (None, [])
    heard = Measure(1, utc_now(), bpm=128.0, bpm_confidence=0.9, tonic=9, mode="minor")
    async with ruled.db.write() as tx:
        await measures.put(tx, {track.id: heard})
        await settle(tx, [track.id])
    (after,) = (await service.track(SYSTEM, track.id)).tracks
    assert after.measured is not None
    assert (after.measured.bpm, after.measured.camelot, after.shown_as_measured) == (128.0, "8A", ["key"])
    assert [doubt.code for doubt in after.measured.doubts] == ["bpm_octave"]


async def test_only_an_administrator_is_told_who_edited(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="A", album="X")
    service = await scanned(ruled)
    (track,) = (await ruled.tracks()).values()
    async with ruled.db.write() as tx:
        await tx.execute(
            insert(Edit).values(
                kind="track", entity_id=track.id, field="title", value={"is": "Uno"}, edited_by=3, edited_at=utc_now()
            )
        )
    somebody = Actor(user_id=4, name="sam", roles=frozenset(), libraries=None)
    assert (await service.track(somebody, track.id)).edits[0].edited_by is None


async def test_what_somebody_may_not_see_cannot_be_inspected(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="A", album="X")
    service = await scanned(ruled)
    (track,) = (await ruled.tracks()).values()
    stranger = Actor(user_id=4, name="sam", roles=frozenset(), libraries=frozenset())
    async with ruled.db.read() as conn:
        artist = await conn.scalar(select(Artist.id))
    for verb, number in (
        (service.track, track.id), (service.file, track.file_id), (service.album, track.album_id), (service.artist, artist),
    ):  # fmt: skip
        with pytest.raises(NotInLibrary):
            await verb(stranger, number)


async def test_an_album_says_why_it_is_one_and_in_what_its_files_disagree(ruled: Ruled) -> None:
    ruled.song("X/1.flac", title="One", artist="A", album="X", albumartist="A", date="1977", tracknumber="1")
    ruled.song("X/2.flac", title="Two", artist="B", album="X", albumartist="A", date="1978", tracknumber="2")
    service = await scanned(ruled)
    track = (await ruled.tracks())["X/1.flac"]
    found = await service.album(SYSTEM, track.album_id)
    assert found.grouping.rule == "folder_album_artist"
    assert (found.total, [file.path for file in found.files]) == (2, ["X/1.flac", "X/2.flac"])
    assert found.files[0].album_artists == ["A"]
    assert found.disagreements == {"date": ["1977", "1978"]}


async def test_an_artist_says_by_what_it_is_one_and_which_names_led_there(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Björk", album="X", musicbrainz_artistid=ONE)
    ruled.song("B/1.flac", title="One", artist="BJÖRK", album="Y", musicbrainz_artistid=ONE)
    ruled.song("C/1.flac", title="One", artist="Cid", album="Z", musicbrainz_albumid="")
    service = await scanned(ruled)
    async with ruled.db.write() as tx:
        artists = {row.name: row.id for row in await tx.execute(select(Artist.name, Artist.id))}
        name = "Björk" if "Björk" in artists else "BJÖRK"
        await tx.execute(
            insert(ArtistAlias).values(
                artist_id=artists["Cid"], name="El Cid", name_key="el cid", sort_key="cid", source="person"
            )
        )
        await tx.execute(
            insert(Redirect).values(kind="artist", old_id=999, new_id=artists["Cid"], created_at=utc_now())
        )
    found = await service.artist(SYSTEM, artists[name])
    assert (found.reason.code, found.musicbrainz_id) == ("musicbrainz_id", ONE)
    assert {one.name for one in found.spellings} == {"Björk", "BJÖRK"}
    cid = await service.artist(SYSTEM, artists["Cid"])
    assert cid.reason.sentence == "One artist because the files say “Cid”, or a name that is known for it: El Cid."
    assert [(one.name, one.source) for one in cid.aliases] == [("El Cid", "person")]
    assert [one.id for one in cid.merged] == ["ar-999"]


async def test_a_file_says_that_other_rules_made_it(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="A & B", album="X")
    service = await scanned(ruled)
    (track,) = (await ruled.tracks()).values()
    job = await ruled.rules.put(SYSTEM, 'split: {artist: {add: [" & "]}}')
    assert not (await service.track(SYSTEM, track.id)).rules.current
    async with ruled.worker():
        await ended(ruled.jobs, job or 0)
    assert (await service.track(SYSTEM, track.id)).rules.current


async def test_a_file_in_a_library_is_found_by_its_path(ruled: Ruled, tmp_path: Path) -> None:
    path = ruled.song("A/1.flac", title="One", artist="A", album="X")
    service = await scanned(ruled)
    async with ruled.db.read() as conn:
        number = await conn.scalar(select(File.id))
    found = await service.file_at(SYSTEM, bytes(path))
    assert found is not None
    assert found.id == f"fi-{number}"
    assert await service.file_at(SYSTEM, bytes(tmp_path / "elsewhere.flac")) is None


def test_a_file_outside_of_any_library_is_read_on_the_spot(tmp_path: Path) -> None:
    make_audio(tmp_path / "x.mp3", tags={"title": "One", "artist": "A feat. B"})
    found = read_on_the_spot(tmp_path / "x.mp3", shipped(), "none")
    assert found is not None
    assert (found.id, found.path, found.format) == (None, str(tmp_path / "x.mp3"), "mp3")
    assert [one["name"] for one in next(f for f in found.fields if f.field == "artists").value] == ["A", "B"]
    (tmp_path / "x.flac").write_bytes(b"no music")
    broken = read_on_the_spot(tmp_path / "x.flac", shipped(), "none")
    assert broken is not None
    assert broken.problem is not None
    assert broken.problem.code == "not_audio"
