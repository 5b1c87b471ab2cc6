"""One artist's spellings are aliases, two artists of one name stay two: what a person decides holds at every later scan."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.edits.errors import AliasTaken, BadMerge, BadSplit, CannotUndo, IdTaken
from segue.library.models import Artist, Track
from tests.library.edits.ground import EDITOR, LISTENER, Desk, desk
from tests.library.edits.test_edits import finished
from tests.library.scan.recount import differences, portrait

pytestmark = pytest.mark.anyio
FIRST, SECOND = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


async def nirvanas(at: Desk) -> None:
    for number in (1, 2):
        at.home.song(f"Nevermind/{number}.mp3", title=f"N{number}", album="Nevermind", artist="Nirvana", seed=number)
        at.home.song(
            f"Simon/{number}.mp3", title=f"S{number}", album="Simon", artist="Nirvana", albumartist="Nirvana",
            composer="Patrick", seed=10 + number,
        )  # fmt: skip
    await at.home.scan()


async def credited(at: Desk, title: str) -> list[tuple[int, str, str | None]]:
    track = await at.library.track(await at.track(title), SYSTEM)
    return [(one.artist_id, one.name, one.credited_as) for one in track.artists]


async def test_two_bands_of_one_name_stay_two(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await nirvanas(at)
        before = await portrait(db)
        one = await at.artist("Nirvana")
        other, made = await at.edits.split_artist(
            EDITOR, one, albums=[await at.album("Simon")], disambiguation="60s band"
        )
        assert await credited(at, "S1") == [(other, "Nirvana", None)]
        assert await credited(at, "N1") == [(one, "Nirvana", None)]
        assert [
            album.title for role, albums in (await at.library.artist(other, EDITOR)).albums for album in albums
        ] == ["Simon"]
        assert await differences(db) == []
        at.home.song("Simon/1.mp3", title="S1 again", album="Simon", artist="Nirvana", albumartist="Nirvana", seed=11)
        at.home.song("Nevermind/1.mp3", title="N1 again", album="Nevermind", artist="Nirvana", seed=1)
        at.home.song("Simon/3.mp3", title="S3", album="Simon", artist="Nirvana", albumartist="Nirvana", seed=13)
        at.home.song("New/3.mp3", title="New", album="New", artist="Nirvana", seed=14)
        await at.home.scan(full=True)
        assert await credited(at, "S1 again") == [(other, "Nirvana", None)]
        assert await credited(at, "S3") == [(other, "Nirvana", None)]
        assert await credited(at, "N1 again") == [(one, "Nirvana", None)]
        assert await credited(at, "New") == [(one, "Nirvana", None)]
        assert await differences(db) == []
        await at.edits.undo(EDITOR, made.batch)
        assert await credited(at, "S1 again") == [(one, "Nirvana", None)]
        assert before["albums"].keys() <= (await portrait(db))["albums"].keys()


async def test_a_split_needs_something_to_split(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await nirvanas(at)
        with pytest.raises(BadSplit):
            await at.edits.split_artist(EDITOR, await at.artist("Patrick"), albums=[await at.album("Nevermind")])
        await at.edits.edit(EDITOR, "artist", await at.artist("Patrick"), set={"musicbrainz_id": FIRST})
        with pytest.raises(IdTaken):
            await at.edits.split_artist(
                EDITOR, await at.artist("Nirvana"), albums=[await at.album("Simon")], musicbrainz_id=FIRST
            )


async def test_merged_artists_keep_stars_credits_and_names_and_no_track_goes(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        at.home.song("1/a.mp3", title="A", album="1", artist="Björk", seed=1)
        at.home.song("2/b.mp3", title="B", album="2", artist="Bjork", musicbrainz_artistid=SECOND, seed=2)
        at.home.song("3/c.mp3", title="C", album="3", artist="Bjork Gudmundsdottir", seed=3)
        await at.home.scan()
        kept, bare, long = [await at.artist(name) for name in ("Björk", "Bjork", "Bjork Gudmundsdottir")]
        await at.listening.star(LISTENER, [TypedId("ar", bare)])
        await at.listening.rate(LISTENER, TypedId("ar", long), 4)
        await at.edits.edit(EDITOR, "artist", bare, set={"country": "IS"})
        with pytest.raises(BadMerge):
            await at.edits.merge_artists(EDITOR, kept, [kept])
        made = await at.edits.merge_artists(EDITOR, kept, [bare, long])
        assert made.count == 2
        page = await at.library.artist(bare, LISTENER)
        assert page.artist.id == kept
        assert page.artist.personal["rating"] == 4
        assert page.artist.personal["starred_at"] is not None
        assert (await at.shown("artist", kept))["country"] == "IS"
        assert (await at.shown("artist", kept))["musicbrainz_id"] == SECOND
        assert await credited(at, "B") == [(kept, "Björk", "Bjork")]
        assert await differences(db) == []
        at.home.song("4/d.mp3", title="D", album="4", artist="Bjork", seed=4)
        at.home.song("5/e.mp3", title="E", album="5", artist="Anything", musicbrainz_artistid=SECOND, seed=5)
        await at.home.scan(full=True)
        assert await credited(at, "D") == [(kept, "Björk", "Bjork")]
        assert await credited(at, "E") == [(kept, "Björk", "Anything")]
        async with db.read() as conn:
            assert await conn.scalar(select(func.count()).select_from(Track)) == 5
            assert await conn.scalar(select(func.count()).select_from(Artist)) == 1
        assert await differences(db) == []
        with pytest.raises(CannotUndo):
            await at.edits.undo(EDITOR, made.batch)


async def test_a_former_musicbrainz_id_still_means_the_merged_artist(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        at.home.song("1/a.mp3", title="A", album="1", artist="One", musicbrainz_artistid=FIRST, seed=1)
        at.home.song("2/b.mp3", title="B", album="2", artist="Two", musicbrainz_artistid=SECOND, seed=2)
        await at.home.scan()
        one, two = await at.artist("One"), await at.artist("Two")
        await at.edits.merge_artists(EDITOR, one, [two])
        at.home.song("3/c.mp3", title="C", album="3", artist="Two", musicbrainz_artistid=SECOND, seed=3)
        await at.home.scan(full=True)
        assert await credited(at, "C") == [(one, "One", "Two")]
        assert await differences(db) == []


async def test_an_alias_makes_tags_and_credits_of_this_spelling_follow(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        at.home.song("1/a.mp3", title="A", album="1", artist="Prince", seed=1)
        at.home.song("2/b.mp3", title="B", album="2", artist="TAFKAP", seed=2)
        await at.home.scan()
        prince = await at.artist("Prince")
        await at.edits.edit(EDITOR, "artist", prince, set={"aliases": ["TAFKAP", "Symbol"]})
        assert await credited(at, "B") == [(prince, "Prince", "TAFKAP")]
        at.home.song("3/c.mp3", title="C", album="3", artist="symbol", seed=3)
        await at.home.scan()
        assert await credited(at, "C") == [(prince, "Prince", "symbol")]
        assert await differences(db) == []


async def test_an_alias_does_not_swallow_somebody_else(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        at.home.song("1/a.mp3", title="A", album="1", artist="One", musicbrainz_artistid=FIRST, seed=1)
        at.home.song("2/b.mp3", title="B", album="2", artist="Two", musicbrainz_artistid=SECOND, seed=2)
        await at.home.scan()
        with pytest.raises(AliasTaken):
            await at.edits.edit(EDITOR, "artist", await at.artist("One"), set={"aliases": ["Two"]})
        assert [name for _, name, _ in await credited(at, "B")] == ["Two"]


async def test_a_large_merge_and_a_large_renaming_are_jobs(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.library.edits.performing.AT_ONCE", 1)
    monkeypatch.setattr("segue.library.edits.artists.TRACKS_AT_ONCE", 1)
    async with desk(db, tmp_path) as at:
        await nirvanas(at)
        at.home.song("x/x.mp3", title="X", album="X", artist="Else", seed=77)
        await at.home.scan()
        band, other = await at.artist("Nirvana"), await at.artist("Else")
        async with at.worker():
            made = await at.edits.edit(EDITOR, "artist", band, set={"name": "NIRVANA!"})
            assert made.job is not None
            await finished(at, made.job)
            assert await credited(at, "N2") == [(band, "NIRVANA!", "Nirvana")]
            made = await at.edits.merge_artists(EDITOR, other, [band])
            assert made.job is not None
            await finished(at, made.job)
        assert await credited(at, "N2") == [(other, "Else", "Nirvana")]
        assert await differences(db) == []


async def test_a_large_split_is_a_job_that_can_be_undone(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.library.edits.performing.AT_ONCE", 1)
    async with desk(db, tmp_path) as at:
        await nirvanas(at)
        one = await at.artist("Nirvana")
        async with at.worker():
            other, made = await at.edits.split_artist(EDITOR, one, albums=[await at.album("Simon")])
            assert made.job is not None
            await finished(at, made.job)
            assert await credited(at, "S2") == [(other, "Nirvana", None)]
            assert (await at.library.album(await at.album("Simon"), EDITOR)).album.artists[0].artist_id == other
            undone = await at.edits.undo(EDITOR, made.batch)
            assert undone.job is not None
            await finished(at, undone.job)
        assert await credited(at, "S2") == [(one, "Nirvana", None)]
        assert await differences(db) == []


async def test_undoing_a_name_and_an_alias_reaches_every_credit(db: Database, tmp_path: Path) -> None:
    async with desk(db, tmp_path) as at:
        await nirvanas(at)
        one = await at.artist("Nirvana")
        renamed = await at.edits.edit(EDITOR, "artist", one, set={"name": "Other"})
        assert await credited(at, "N1") == [(one, "Other", "Nirvana")]
        await at.edits.undo(EDITOR, renamed.batch)
        assert await credited(at, "N1") == [(one, "Nirvana", None)]
        alias = await at.edits.edit(EDITOR, "artist", one, set={"aliases": ["Spelling"]})
        at.home.song("x/x.mp3", title="X", album="X", artist="Spelling", seed=50)
        await at.home.scan()
        assert await credited(at, "X") == [(one, "Nirvana", "Spelling")]
        await at.edits.undo(EDITOR, alias.batch)
        ((number, name, credited_as),) = await credited(at, "X")
        assert (number != one, name, credited_as) == (True, "Spelling", None)
        assert await differences(db) == []
