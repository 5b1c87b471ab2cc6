"""Edits are written into files where a library says so, are known again by the next scan, and can be undone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.library.measures import repository
from segue.library.measures.records import Measure
from segue.library.measures.showing import settle
from segue.library.scan.facts import ReplayGain
from segue.library.writing.errors import NothingNamed, NotUndoable, UnknownFields
from segue.library.writing.reasons import sentence
from tests.library.scan.recount import differences
from tests.library.writing.ground import Place, audio_of, leftovers, place_at, said

pytestmark = pytest.mark.anyio


@pytest.fixture
async def place(db: Database, tmp_path: Path) -> AsyncIterator[Place]:
    async with place_at(db, tmp_path) as place:
        yield place
    assert await differences(db) == []
    assert leftovers(tmp_path) == []


async def test_an_edit_is_written_into_the_file_and_the_next_scan_finds_nothing_new(place: Place) -> None:
    path = place.song("A/one.flac", title="One", album="Album", artist="Somebody", comment="kept")
    place.song("A/two.flac", title="Two", album="Album", artist="Somebody")
    await place.scanned()
    track = (await place.tracks())["One"]
    audio = audio_of(place.music)
    await place.edit("track", track.id, title="First", artists=[{"name": "A", "join_phrase": " & "}, {"name": "B"}])
    assert said(path).title == "One"
    batch, counts = await place.write(f"tr-{track.id}")
    assert counts == {"written": 1}
    assert (said(path).title, said(path).artist_display, said(path).comment) == ("First", "A & B", "kept")
    assert audio_of(place.music) == audio
    row = (await place.files())["A/one.flac"]
    assert (row.size_bytes, row.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    result = await place.scanned()
    assert result["files_read"] == 0
    assert (await place.tracks())["First"].id == track.id
    (write,) = await place.rows(batch)
    assert (write.changes["title"], write.before["title"]) == (["First"], ["One"])


async def test_what_is_undone_is_there_again_to_the_byte(place: Place) -> None:
    paths = [
        place.song(f"A/{n}.{ext}", title=f"T{n}", album="A") for n, ext in enumerate(("flac", "mp3", "opus", "m4a"))
    ]
    originals = [path.read_bytes() for path in paths]
    await place.scanned()
    for number in range(4):
        await place.edit("track", (await place.tracks())[f"T{number}"].id, title=f"New {number}")
    batch, counts = await place.write(f"li-{place.library}")
    assert counts == {"written": 4}
    undo, counts = await place.undo(batch)
    assert counts == {"written": 4}
    assert [path.read_bytes() for path in paths] == originals
    assert {row.state for row in await place.rows(batch)} == {"undone"}
    assert set(await place.tracks()) == {f"New {number}" for number in range(4)}
    assert (await place.scanned())["files_read"] == 0
    view = await place.writing.batch(batch)
    assert (view.undone_by, view.counts) == (undo, {"undone": 4})
    again, counts = await place.undo(undo)
    assert counts == {"written": 4}
    assert said(paths[0]).title == "New 0"
    with pytest.raises(NotUndoable):
        await place.writing.request_undo(batch)
    assert again > undo


async def test_an_albums_edits_go_into_all_its_files(place: Place) -> None:
    paths = [place.song(f"A/{n}.flac", title=f"T{n}", album="Old", artist="X", albumartist="X") for n in (1, 2)]
    await place.scanned()
    album = (await place.tracks())["T1"].album_id
    await place.edit(
        "album", album, title="New", artists=[{"name": "Y"}], date="1999-02", genres=["Dub"],
        labels=[{"name": "L", "catalog_number": "L1"}], compilation=True,
    )  # fmt: skip
    _, counts = await place.write(f"al-{album}")
    assert counts == {"written": 2}
    for path in paths:
        tags = said(path)
        assert (tags.album, tags.album_artist_display, tags.date, tags.genres) == ("New", "Y", "1999-02", ("Dub",))
        assert (tags.labels, tags.catalog_numbers, tags.compilation, tags.artist_display) == (
            ("L",),
            ("L1",),
            True,
            "X",
        )
    await place.scanned(full=True)
    assert {row.album_id for row in (await place.tracks()).values()} == {album}


async def test_only_some_fields_are_written_where_that_is_asked(place: Place) -> None:
    path = place.song("A/one.flac", title="One", genre="Rock")
    await place.scanned()
    track = (await place.tracks())["One"].id
    await place.edit("track", track, title="New", genres=["Jazz"])
    await place.write(f"tr-{track}", fields=["genre"])
    assert (said(path).title, said(path).genres) == ("One", ("Jazz",))
    with pytest.raises(UnknownFields):
        await place.write(f"tr-{track}", fields=["titel"])
    with pytest.raises(NothingNamed):
        await place.write("tr-999")


async def test_a_preview_says_what_would_be_written_and_touches_nothing(place: Place) -> None:
    path = place.song("A/one.flac", title="One")
    other = place.song("A/two.flac", title="Two")
    original = path.read_bytes()
    await place.scanned()
    tracks = await place.tracks()
    await place.edit("track", tracks["One"].id, title="New")
    await place.edit("track", tracks["Two"].id, title="Neu")
    os.link(other, place.music / "A" / "link.bak")
    preview = await place.writing.preview(await place.writing.files_named(SYSTEM, [f"li-{place.library}"]))
    found = {plan.path: (plan.changes, plan.reason.code if plan.reason else None) for plan in preview.plans}
    assert found == {"A/one.flac": ({"title": ["New"]}, None), "A/two.flac": ({"title": ["Neu"]}, "hard_linked")}
    assert path.read_bytes() == original


async def test_nothing_is_written_unless_the_library_says_so(place: Place) -> None:
    path = place.song("A/one.flac", title="One")
    await place.options()
    await place.scanned()
    track = (await place.tracks())["One"].id
    await place.edit("track", track, title="New")
    batch, counts = await place.write(f"tr-{track}")
    assert counts == {"failed": 1}
    (row,) = await place.rows(batch)
    assert row.code == "switched_off"
    assert said(path).title == "One"
    async with place.db.write() as tx:
        await place.writing.after_edit(tx, [track], [])
    assert (await place.writing.page())[0][0].id == batch


async def test_an_edit_in_a_library_that_writes_tags_asks_for_it_by_itself(place: Place) -> None:
    path = place.song("A/one.flac", title="One")
    await place.scanned()
    track = (await place.tracks())["One"].id
    await place.edit("track", track, title="New")
    async with place.db.write() as tx:
        await place.writing.after_edit(tx, [track], [], made_by=None)
    ((view, *_), _) = await place.writing.page()
    assert view.cause == "edit"
    from tests.jobs.ground import ended

    async with place.worker():
        await ended(place.jobs, view.job_id)
    assert said(path).title == "New"


async def test_an_edit_taken_back_gives_the_file_its_own_words_again(place: Place) -> None:
    path = place.song("A/one.flac", title="One", album="A", genre="Rock")
    await place.scanned()
    track = (await place.tracks())["One"].id
    await place.edit("track", track, title="New", genres=["Jazz"])
    await place.write(f"tr-{track}")
    await place.edit("track", track, title="Newer")
    await place.write(f"tr-{track}")
    await place.edit("track", track, title=None, taken_back=True)
    assert set(await place.tracks()) == {"Newer"}
    await place.write(f"tr-{track}")
    assert (said(path).title, said(path).genres) == ("One", ("Jazz",))
    assert set(await place.tracks()) == {"One"}


async def test_a_file_that_cannot_be_written_has_a_reason_and_the_others_are_written(place: Place) -> None:
    paths = {
        name: place.song(f"A/{name}.flac", title=name, album="A") for name in ("good", "linked", "changed", "guarded")
    }
    await place.scanned()
    tracks = await place.tracks()
    for name in paths:
        await place.edit("track", tracks[name].id, title=f"new {name}")
    os.link(paths["linked"], place.music / "other.bak")
    os.utime(paths["changed"], ns=(5, 5))
    paths["guarded"].chmod(0o444)
    batch, counts = await place.write(f"li-{place.library}")
    assert counts == {"written": 1, "failed": 3}
    reasons = {row.display_path: row.code for row in await place.rows(batch)}
    assert reasons == {
        "A/good.flac": None, "A/linked.flac": "hard_linked", "A/changed.flac": "changed", "A/guarded.flac": "read_only",
    }  # fmt: skip
    assert all(sentence(row.code, row.params) for row in await place.rows(batch) if row.code)
    await place.options(write_tags=True, write_hard_links="break", write_mtime="keep")
    before = paths["linked"].stat().st_mtime_ns
    _, counts = await place.write(f"tr-{tracks['linked'].id}")
    assert counts == {"written": 1}
    assert (said(paths["linked"]).title, said(paths["good"]).title) == ("new linked", "new good")
    assert paths["linked"].stat().st_mtime_ns == before


async def test_what_was_changed_since_or_written_again_is_not_undone(place: Place) -> None:
    first, second = (place.song(f"A/{n}.flac", title=n, album="A") for n in ("one", "two"))
    await place.scanned()
    tracks = await place.tracks()
    for name in ("one", "two"):
        await place.edit("track", tracks[name].id, title=f"{name} 2")
    batch, _ = await place.write(f"li-{place.library}")
    await place.edit("track", tracks["one"].id, title="one 3")
    await place.write(f"tr-{tracks['one'].id}")
    from mutagen.flac import FLAC

    audio = FLAC(second)
    audio["title"] = "by somebody else"
    audio.save()
    await place.scanned()
    undo, counts = await place.undo(batch)
    assert counts == {"failed": 2}
    assert {row.display_path: row.code for row in await place.rows(undo)} == {
        "A/one.flac": "later_write", "A/two.flac": "changed_since",
    }  # fmt: skip
    assert (said(first).title, said(second).title) == ("one 3", "by somebody else")


async def test_a_file_that_moved_since_is_undone_where_it_is_now(place: Place) -> None:
    path = place.song("A/one.flac", title="one", album="A")
    original = path.read_bytes()
    await place.scanned()
    await place.edit("track", (await place.tracks())["one"].id, title="two")
    batch, _ = await place.write(f"li-{place.library}")
    (place.music / "B").mkdir()
    path.rename(place.music / "B" / "moved.flac")
    await place.scanned(accept_missing=True)
    _, counts = await place.undo(batch)
    assert counts == {"written": 1}
    assert (place.music / "B" / "moved.flac").read_bytes() == original


async def test_a_cancelled_act_says_what_it_did_not_do(place: Place) -> None:
    path = place.song("A/one.flac", title="one", album="A")
    await place.scanned()
    await place.edit("track", (await place.tracks())["one"].id, title="two")
    batch, job = await place.writing.request(await place.writing.files_named(SYSTEM, [f"li-{place.library}"]))
    await place.jobs.cancel(SYSTEM, job)
    assert await place.writing.recover() == 0
    view = await place.writing.batch(batch)
    assert view.finished_at is not None
    assert said(path).title == "one"


async def test_files_are_written_while_a_scan_reads_them_and_both_come_to_the_same(place: Place) -> None:
    paths = [place.song(f"A{n % 4}/{n}.flac", title=f"T{n}", album=f"A{n % 4}") for n in range(24)]
    await place.scanned()
    audio = audio_of(place.music)
    for title, row in (await place.tracks()).items():
        await place.edit("track", row.id, title=f"New {title}")
    files = await place.writing.files_named(SYSTEM, [f"li-{place.library}"])
    batch, job = await place.writing.request(files)
    (scan,) = await place.scans.request(place.library, full=True)
    from tests.jobs.ground import ended

    async with place.worker():
        assert (await ended(place.jobs, job)).state == "done"
        assert (await ended(place.jobs, scan)).state == "done"
    counts = (await place.writing.batch(batch)).counts
    assert audio_of(place.music) == audio
    await place.scanned()
    assert set(await place.tracks()) == {f"New T{n}" for n in range(24)}
    assert sum(counts.values()) == 24 and set(counts) <= {"written", "failed"}
    done = {row.display_path for row in await place.rows(batch) if row.state == "written"}
    for path in paths:
        written = str(path.relative_to(place.music)) in done
        assert said(path).title == (f"New T{path.stem}" if written else f"T{path.stem}")


async def test_an_edit_made_by_a_person_is_written_by_itself(place: Place) -> None:
    from tests.jobs.ground import ended

    path = place.song("A/one.mp3", title="One", album="A")
    await place.scanned()
    track = (await place.tracks())["One"].id
    made = await place.edits.edit(SYSTEM, "track", track, set={"title": "By hand"})
    ((view, *_), _) = await place.writing.page()
    async with place.worker():
        await ended(place.jobs, view.job_id)
    assert said(path).title == "By hand"
    await place.edits.undo(SYSTEM, made.batch)
    ((view, *_), _) = await place.writing.page()
    async with place.worker():
        await ended(place.jobs, view.job_id)
    assert said(path).title == "One"


async def test_measures_are_written_only_where_that_is_asked_and_are_the_files_own_then(place: Place) -> None:
    flac = place.song("A/one.flac", title="One", album="A", bpm="100")
    opus = place.song("A/two.opus", title="Two", album="A")
    await place.scanned()
    one, two = [(await place.tracks())[title].id for title in ("One", "Two")]
    heard = Measure(1, utc_now(), bpm=128.25, tonic=9, mode="minor", loudness_lufs=-8.5, true_peak=0.9)
    async with place.db.write() as tx:
        await repository.put(tx, dict.fromkeys((one, two), heard))
        await settle(tx, (one, two))
    _, counts = await place.write(f"tr-{one}", f"tr-{two}")
    assert counts == {"unchanged": 2}
    files = await place.writing.files_named(SYSTEM, [f"li-{place.library}"], measured=["tempo"])
    preview = await place.writing.preview(files, measured=["tempo", "gains"])
    assert [plan.changes for plan in preview.plans] == [
        {"replaygain_track_gain": ["-9.50 dB"], "replaygain_track_peak": ["0.900000"]},
        {"bpm": ["128.25"], "r128_track_gain": ["-3712"]},
    ]
    batch, counts = await place.write(f"tr-{one}", f"tr-{two}", measured=["tempo", "key", "gains"])
    assert counts == {"written": 2}
    assert (said(flac).bpm, said(flac).key, said(flac).replay_gain) == (100, "Am", ReplayGain(-9.5, 0.9))
    assert said(opus).replay_gain == ReplayGain(-9.5, None, None, None, True)
    assert (await place.scanned())["files_read"] == 0
    tracks = await place.tracks()
    assert (tracks["Two"].bpm, tracks["Two"].bpm_measured, tracks["Two"].gain_measured) == (128.25, False, False)
    await place.edit("track", two, title="New")
    _, counts = await place.write(f"tr-{one}", f"tr-{two}")
    assert counts == {"unchanged": 1, "written": 1}
    assert (said(opus).title, said(opus).bpm) == ("New", 128.25)
    _, counts = await place.undo(batch)
    assert (said(flac).key, said(flac).replay_gain) == (None, None)
    assert (await place.tracks())["One"].key_measured is True
