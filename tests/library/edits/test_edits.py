"""A person's edit wins over what files say, at every later scan, until it is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.edits.errors import (
    BadEdit,
    EditedMeanwhile,
    MayNotEdit,
    NameTaken,
    NoSuchField,
    NothingToDo,
    NotReadYet,
)
from segue.library.edits.models import EditLog
from segue.library.edits.service import EditService
from segue.library.edits.targets import Targets
from segue.library.models import Artist, RawTags, Track
from segue.library.scan.pipeline import Scan
from segue.library.service import NotInLibrary
from segue.query import Window
from tests.library.edits.ground import EDITOR, LISTENER, Desk, desk
from tests.library.scan.recount import differences, portrait
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


async def two_albums(at: Desk) -> None:
    for number in (1, 2):
        at.home.song(
            f"One/{number}.flac", title=f"One {number}", album="One", artist="Ann", albumartist="Ann", genre=["Rock"],
            tracknumber=str(number), date="1999", seed=number,
        )  # fmt: skip
    at.home.song("Two/a.mp3", title="Two a", album="Two", artist="Bob", genre="Pop", date="2001", seed=9)
    await at.home.scan()


async def test_an_edited_track_shows_the_edit_everywhere(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        await at.edits.edit(
            EDITOR,
            "track",
            number,
            set={
                "title": "First", "artists": ["Ann", {"name": "Cid", "credited_as": "C.", "instrument": None}],
                "genres": ["Jazz", "Bop"], "composer": ["Dee"], "performer": [{"name": "Eve", "instrument": "harp"}],
                "date": "1977-05", "bpm": 120, "key": "Am", "comment": "ok", "disc": 2, "position": "A3",
                "isrcs": ["GB-AYE-06-01498"], "external_ids": ["spotify:track:4iV5W9uYEdYUVa79Axb7Rh"],
                "explicit": True, "work": "W", "movement": "M", "movement_number": 2, "subtitle": "sub",
            },
        )  # fmt: skip
        track = await at.library.track(number, EDITOR)
        assert (track.title, track.artist_display, track.year, track.bpm, track.key) == (
            "First", "Ann & C.", 1977, 120, "Am",
        )  # fmt: skip
        assert [(credit.name, credit.role) for credit in track.credits] == [("Dee", "composer"), ("Eve", "performer")]
        assert [genre.name for genre in track.genres] == ["Jazz", "Bop"]
        assert (track.disc, track.position, track.position_text, track.explicit) == (2, 3, "A3", True)
        found = await at.library.search("first cid", EDITOR, tracks=Window(5))
        assert [one.id for one in found.tracks] == [number]
        assert await differences(db) == []


async def test_an_edit_outlives_scans_retags_moves_and_formats(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number, album = await at.track("Two a"), await at.album("Two")
        await at.edits.edit(EDITOR, "track", number, set={"title": "Mine", "artists": ["Zed"]})
        await at.edits.edit(EDITOR, "album", album, set={"title": "My Two", "artists": ["Zed"], "date": "1980"})
        await at.home.scan(full=True)
        at.home.song("Two/a.mp3", title="Two b", album="Two", artist="Bob", genre="Pop", date="2002", seed=9)
        await at.home.scan()
        (at.home.music / "Two/a.mp3").rename(at.home.music / "moved.mp3")
        await at.home.scan()
        assert [row.id for row in await at.home.tracks() if row.title == "Mine"] == [number]
        (at.home.music / "moved.mp3").unlink()
        at.home.song("flac/x.flac", title="Two b", album="Two", artist="Bob", date="2002", seed=77)
        await at.home.scan(accept_missing=True)
        rows = {row.id: row for row in await at.home.tracks()}
        assert (rows[number].title, rows[number].artist_display, rows[number].missing_since) == ("Mine", "Zed", None)
        shown = {row.id: row for row in await at.home.albums()}[rows[number].album_id]
        assert (shown.id, shown.title, shown.artist_display, shown.year) == (album, "My Two", "Zed", 1980)
        assert await differences(db) == []


async def test_clearing_gives_the_files_value_back_and_undo_gives_the_edit_back(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        before = await portrait(db)
        number, album = await at.track("One 1"), await at.album("One")
        first = await at.edits.edit(EDITOR, "track", number, set={"title": "X", "genres": []})
        second = await at.edits.edit(
            EDITOR, "album", album, set={"title": "Y", "labels": ["Warp"], "barcode": "12345678"}
        )
        third = await at.edits.edit(EDITOR, "track", number, clear=["title"])
        assert (await at.shown("track", number))["title"] == "One 1"
        await at.edits.undo(EDITOR, third.batch)
        assert (await at.shown("track", number))["title"] == "X"
        await at.edits.undo(EDITOR, second.batch)
        await at.edits.undo(EDITOR, first.batch)
        after = await portrait(db)
        assert (after["tracks"], after["albums"], after["found"]["track"]) == (
            before["tracks"], before["albums"], before["found"]["track"],
        )  # fmt: skip
        assert await differences(db) == []


async def test_undo_leaves_alone_what_was_edited_again(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        first = await at.edits.edit(EDITOR, "track", number, set={"title": "X", "comment": "c"})
        await at.edits.edit(EDITOR, "track", number, set={"title": "Z"})
        await at.edits.undo(EDITOR, first.batch)
        shown = await at.shown("track", number)
        assert (shown["title"], shown["comment"]) == ("Z", None)


async def test_who_edited_what_is_shown_beside_the_files_value(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        await at.edits.edit(EDITOR, "track", number, set={"title": "X"})
        state = await at.edits.state(LISTENER, "track", number)
        title = state.fields["title"]
        assert (title.value, title.own, title.edited, title.edited_by) == ("X", "One 1", True, 7)
        assert not state.fields["genres"].edited


async def test_two_people_do_not_overwrite_one_another_silently(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        seen = (await at.edits.state(EDITOR, "track", number)).revision
        await at.edits.edit(EDITOR, "track", number, set={"title": "X"}, revision=seen)
        with pytest.raises(EditedMeanwhile):
            await at.edits.edit(EDITOR, "track", number, set={"title": "Y"}, revision=seen)
        with pytest.raises(EditedMeanwhile):
            await at.edits.edit_many(EDITOR, Targets("track", (number,)), set={"title": "Y"}, revision=seen)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("date", "1999-16", "bad_month"), ("date", "1999-02-30", "bad_day"), ("date", "yesterday", "bad_date"),
        ("title", "", "empty"), ("title", None, "not_text"), ("bpm", "fast", "bad_number"), ("isrcs", ["no"], "bad_isrc"),
        ("artists", [], "empty"), ("artists", [{"artist": "ar-99999"}], "no_such_artist"),
        ("external_ids", ["myspace:track:1"], "bad_external_id"), ("musicbrainz_recording_id", "x", "bad_mbid"),
        ("position", 0, "bad_number"), ("explicit", "yes", "not_boolean"), ("title", "a\x00b", "bad_character"),
    ],
)  # fmt: skip
async def test_a_value_that_cannot_be_is_refused_with_a_sentence(
    db: Database, tmp_path: Path, field: str, value: Any, code: str
) -> None:
    async with desk(db, tmp_path) as at:
        at.home.song("a.mp3", title="A", seed=1)
        await at.home.scan()
        with pytest.raises(BadEdit) as refused:
            await at.edits.edit(EDITOR, "track", await at.track("A"), set={field: value})
        assert refused.value.code == code
        assert refused.value.message.endswith(".")


async def test_only_those_who_may_edit_edit_and_only_what_they_see(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        with pytest.raises(MayNotEdit):
            await at.edits.edit(LISTENER, "track", number, set={"title": "X"})
        elsewhere = Actor(user_id=9, name="x", roles=frozenset({"editor"}), libraries=frozenset({999}))
        for kind, thing in (("track", number), ("artist", await at.artist("Ann"))):
            with pytest.raises(NotInLibrary):
                await at.edits.edit(elsewhere, kind, thing, set={"title" if kind == "track" else "name": "X"})
        with pytest.raises(NotInLibrary):
            await at.edits.edit_many(elsewhere, Targets("track", (number,)), set={"title": "X"})
        with pytest.raises(NoSuchField):
            await at.edits.edit(EDITOR, "track", number, set={"titel": "X"})
        with pytest.raises(NothingToDo):
            await at.edits.edit(EDITOR, "track", number)


async def test_an_albums_genres_and_disc_subtitles_show_on_all_its_tracks(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        album = await at.album("One")
        await at.edits.edit(EDITOR, "album", album, set={"genres": ["Folk"], "disc_subtitles": {"1": "Side"}})
        at.home.song("One/3.flac", title="One 3", album="One", artist="Ann", albumartist="Ann", genre=["Rock"], seed=3)
        await at.home.scan()
        page = await at.library.album(album, EDITOR)
        tracks = [track for disc in page.discs for track in disc.tracks]
        assert len(tracks) == 3
        assert {genre.name for track in tracks for genre in track.genres} == {"Folk"}
        assert page.discs[0].subtitle == "Side"
        await at.edits.edit(EDITOR, "album", album, clear=["genres", "disc_subtitles"])
        assert (await at.shown("album", album))["genres"] == ["Rock"]
        assert await differences(db) == []


async def test_many_tracks_are_edited_alike_with_values_added_and_removed(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        targets = Targets("track", None, (("genre", f"ge-{1}"),))
        would = await at.edits.preview(EDITOR, targets, add={"genres": ["Live"]}, remove={"genres": ["rock"]})
        assert would.count == 2
        assert would.first[0].fields["genres"] == (["Rock"], ["Live"])
        made = await at.edits.edit_many(EDITOR, targets, add={"genres": ["Live"]}, remove={"genres": ["rock"]})
        assert made.count == 2
        assert (await at.shown("track", await at.track("One 2")))["genres"] == ["Live"]
        await at.edits.edit_many(EDITOR, Targets("album", (await at.album("Two"),)), add={"genres": ["Live"]})
        assert (await at.shown("track", await at.track("Two a")))["genres"] == ["Pop", "Live"]
        await at.edits.undo(EDITOR, made.batch)
        assert (await at.shown("track", await at.track("One 2")))["genres"] == ["Rock"]
        assert await differences(db) == []


async def test_missing_tracks_can_be_edited_and_come_back_edited(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("Two a")
        away = tmp_path / "away.mp3"
        (at.home.music / "Two/a.mp3").rename(away)
        await at.home.scan(accept_missing=True)
        await at.edits.edit(EDITOR, "track", number, set={"title": "Gone"})
        rows = {row.id: row for row in await at.home.tracks()}
        assert rows[number].title == "Gone"
        assert rows[number].missing_since is not None
        away.rename(at.home.music / "Two/a.mp3")
        await at.home.scan()
        rows = {row.id: row for row in await at.home.tracks()}
        assert (rows[number].title, rows[number].missing_since) == ("Gone", None)
        assert await differences(db) == []


async def test_a_renamed_label_and_genre_keep_what_tags_say_of_them(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        for number in (1, 2):
            at.home.song(
                f"{number}/a.mp3",
                title=f"{number}",
                album=f"{number}",
                genre=["Hip-Hop", "Rap"],
                label="Warp Records",
                seed=number,
            )
        await at.home.scan()
        label = (await at.library.list_labels(EDITOR)).items[0]
        genres = {genre.name: genre.id for genre in (await at.library.list_genres(EDITOR)).items}
        await at.edits.edit(EDITOR, "label", label.id, set={"name": "Warp", "country": "gb", "begin_date": "1989"})
        await at.edits.edit(EDITOR, "genre", genres["Hip-Hop"], set={"name": "Hip Hop"})
        with pytest.raises(NameTaken):
            await at.edits.edit(EDITOR, "genre", genres["Rap"], set={"name": "hip hop"})
        at.home.song("1/a.mp3", title="new", album="1", genre=["hip-hop"], label="Warp Records", seed=1)
        await at.home.scan()
        assert [one.name for one in (await at.library.list_labels(EDITOR)).items] == ["Warp"]
        assert {one.name for one in (await at.library.list_genres(EDITOR)).items} == {"Hip Hop", "Rap"}
        await at.edits.edit(EDITOR, "label", label.id, clear=["name", "country"])
        assert (await at.shown("label", label.id))["name"] == "Warp Records"
        assert await differences(db) == []


async def test_edits_are_told_by_the_change_feed(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        head = await at.home.head()
        made = await at.edits.edit(EDITOR, "track", number, set={"title": "X"})
        async with db.read() as conn:
            since = text("SELECT kind, entity FROM changes WHERE cursor > :head")
            rows = (await conn.execute(since, {"head": head})).all()
        told = {(row[0], str(row[1])) for row in rows}
        assert ("track", str(number)) in told
        assert ("edit", str(made.batch)) in told


async def test_a_track_whose_document_is_lost_says_that_it_must_be_read_again(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        async with db.write() as tx:
            await tx.execute(delete(RawTags))
        with pytest.raises(NotReadYet):
            await at.edits.edit(EDITOR, "track", number, set={"title": "X"})
        await at.edits.edit(EDITOR, "album", await at.album("One"), set={"title": "X"})
        await at.home.scan(full=True)
        await at.edits.edit(EDITOR, "track", number, set={"title": "X"})
        assert (await at.library.track(number, EDITOR)).title == "X"
        assert await differences(db) == []


async def test_stars_of_an_edited_track_stay(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.track("One 1")
        await at.listening.star(LISTENER, [TypedId("tr", number)])
        await at.edits.edit(EDITOR, "track", number, set={"title": "X"})
        assert (await at.library.track(number, LISTENER)).personal["starred_at"] is not None


async def test_an_edit_made_while_a_scan_reads_the_file_is_not_overwritten(
    db: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number, album = await at.track("Two a"), await at.album("Two")
        real = Scan._prepare

        async def between(self: Scan, unit: Any) -> None:
            await real(self, unit)
            await at.edits.edit(EDITOR, "track", number, set={"title": "Meanwhile"})
            await at.edits.edit(EDITOR, "album", album, set={"title": "Meanwhile too"})

        monkeypatch.setattr(Scan, "_prepare", between)
        at.home.song("Two/a.mp3", title="Retagged", album="Retagged", artist="Bob", genre="Pop", date="2001", seed=9)
        await at.home.scan()
        track = await at.library.track(number, EDITOR)
        assert (track.title, track.album.name) == ("Meanwhile", "Meanwhile too")
        assert await differences(db) == []


async def test_a_large_edit_is_a_job_that_can_be_undone(db: Database, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("segue.library.edits.performing.AT_ONCE", 1)
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        before = await portrait(db)
        made = await at.edits.edit_many(EDITOR, Targets("track", None, ()), set={"comment": "all"})
        assert made.job is not None
        async with at.worker():
            await finished(at, made.job)
            async with db.read() as conn:
                assert set(await conn.scalars(select(Track.comment))) == {"all"}
            undone = await at.edits.undo(EDITOR, made.batch)
            assert undone.job is not None
            await finished(at, undone.job)
        assert (await portrait(db))["tracks"] == before["tracks"]
        assert await differences(db) == []


async def test_a_large_edit_that_is_killed_goes_on_where_it_was(db: Database, tmp_path: Path, monkeypatch: Any) -> None:
    """Each step is a transaction with its checkpoint: what one start did, the next does not do again."""
    monkeypatch.setattr("segue.library.edits.performing.AT_ONCE", 1)
    monkeypatch.setattr("segue.library.edits.working.FIRST", 1)
    monkeypatch.setattr("segue.library.edits.working.following", lambda limit, took: 1)
    steps: list[int] = []
    real = EditService.put_through

    async def breaking(self: EditService, tx: Any, act: Any, changes: Any) -> Any:
        steps.append(len(changes))
        if len(steps) == 2:
            raise OSError("killed")
        return await real(self, tx, act, changes)

    monkeypatch.setattr(EditService, "put_through", breaking)
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        made = await at.edits.edit_many(EDITOR, Targets("track", None, ()), set={"comment": "all"})
        assert made.job is not None
        async with at.worker():
            await finished(at, made.job)
        async with db.read() as conn:
            assert set(await conn.scalars(select(Track.comment))) == {"all"}
            logged = (await conn.execute(select(EditLog.entity_id).where(EditLog.batch_id == made.batch))).all()
        assert len(logged) == len(steps) - 1 == 3


async def finished(at: Desk, job: int) -> None:
    import asyncio

    async with asyncio.timeout(PATIENCE_S):
        while (info := await at.jobs.get(EDITOR, job)).state not in ("done", "failed", "cancelled"):
            await asyncio.sleep(0.02)
    assert info.state == "done", info


async def test_artist_rows_are_edited_themselves(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await two_albums(at)
        number = await at.artist("Ann")
        await at.edits.edit(
            EDITOR, "artist", number,
            set={
                "name": "Anna", "sort_name": "Anna, the", "type": "Person", "country": "se", "begin_date": "1950-04",
                "end_date": "2001", "biography": "Sang.", "disambiguation": "singer",
                "musicbrainz_id": "11111111-1111-4111-8111-111111111111",
                "external_ids": ["discogs:artist:12", "spotify:artist:4gzpq5DPGxSnKTe4SA8HAU"],
            },
        )  # fmt: skip
        with pytest.raises(BadEdit):
            await at.edits.edit(EDITOR, "artist", number, set={"end_date": "1949"})
        at.home.song("One/3.flac", title="One 3", album="One", artist="Ann", albumartist="Ann", seed=3)
        await at.home.scan(full=True)
        async with db.read() as conn:
            rows = (await conn.execute(select(Artist.__table__).where(Artist.name.in_(("Ann", "Anna"))))).all()
        assert [(row.id, row.name, row.type, row.country) for row in rows] == [(number, "Anna", "person", "SE")]
        track = await at.library.track(await at.track("One 3"), EDITOR)
        assert [(one.artist_id, one.name, one.credited_as) for one in track.artists] == [(number, "Anna", "Ann")]
        track = await at.library.track(await at.track("One 1"), EDITOR)
        assert [(one.artist_id, one.name, one.credited_as) for one in track.artists] == [(number, "Anna", "Ann")]
        await at.edits.edit(EDITOR, "artist", number, clear=["name"])
        track = await at.library.track(await at.track("One 1"), EDITOR)
        assert [(one.name, one.credited_as) for one in track.artists] == [("Ann", None)]
        assert await differences(db) == []
