"""What a person decides about albums: at once, for good, and without touching a file."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from segue.core.access import Actor
from segue.core.db import Database
from segue.jobs import JobService, Registry
from segue.library.models import Folder, Redirect
from segue.library.overrides import service as service_module
from segue.library.overrides import tasks
from segue.library.overrides.errors import NothingToSplit, TooLargeToTry
from segue.library.overrides.grouping import sentence
from segue.library.overrides.service import OverrideService
from tests.jobs.ground import ended, working
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio
ANN = Actor(1, "Ann", frozenset({"admin"}), libraries=None)


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found
        assert await differences(db) == []


@pytest.fixture
async def decide(db: Database) -> OverrideService:
    jobs = JobService(db, Registry().add(tasks))
    await jobs.declare()
    return OverrideService(db, jobs)


async def shape(home: House) -> dict[str, list[str]]:
    """Present tracks by the title of their album, each by its own title."""
    titles = {album.id: album.title for album in await home.albums()}
    found: dict[str, list[str]] = {}
    for track in await home.tracks():
        if track.missing_since is None:
            found.setdefault(titles[track.album_id], []).append(track.title)
    return {title: sorted(tracks) for title, tracks in found.items()}


async def album(home: House, title: str) -> Any:
    return next(one for one in await home.albums() if one.title == title)


async def folder(home: House, path: bytes) -> int:
    return next(row.id for row in await home.rows(Folder) if row.path == path)


def two_albums(home: House) -> None:
    for n in (1, 2, 3):
        home.song(f"A/{n}.flac", title=f"a{n}", artist="Ann", album="One", albumartist="Ann", tracknumber=str(n))
    for n in (1, 2):
        home.song(f"B/{n}.flac", title=f"b{n}", artist="Ann", album="Two", albumartist="Ann", tracknumber=str(n))


async def test_merged_albums_are_one_at_once_and_say_who_merged_them(home: House, decide: OverrideService) -> None:
    two_albums(home)
    await home.scan()
    one, two = await album(home, "One"), await album(home, "Two")
    outcome = await decide.merge(ANN, one.id, [two.id])
    assert outcome.effect
    assert [moved.album.id for moved in outcome.effect.merges] == [one.id]
    assert await shape(home) == {"One": ["a1", "a2", "a3", "b1", "b2"]}
    merged = await album(home, "One")
    assert merged.id == one.id
    assert sentence(merged.rule, merged.rule_params).startswith("One album because Ann merged it on ")
    assert [(row.old_id, row.new_id) for row in await _redirects(home)] == [(two.id, one.id)]


async def test_a_merge_holds_in_later_scans_and_for_files_added_later(home: House, decide: OverrideService) -> None:
    two_albums(home)
    await home.scan()
    one, two = await album(home, "One"), await album(home, "Two")
    await decide.merge(ANN, one.id, [two.id])
    home.song("B/3.flac", title="b3", artist="Ann", album="Two", albumartist="Ann", tracknumber="3")
    await home.scan()
    await home.scan(full=True)
    assert await shape(home) == {"One": ["a1", "a2", "a3", "b1", "b2", "b3"]}


async def test_a_merge_survives_a_move_of_a_folder_and_holds_for_what_is_added_there(
    home: House, decide: OverrideService
) -> None:
    two_albums(home)
    await home.scan()
    one, two = await album(home, "One"), await album(home, "Two")
    await decide.merge(ANN, one.id, [two.id])
    shutil.move(home.music / "B", home.music / "Elsewhere")
    await home.scan()
    home.song("Elsewhere/3.flac", title="b3", artist="Ann", album="Two", albumartist="Ann", tracknumber="3")
    await home.scan()
    assert await shape(home) == {"One": ["a1", "a2", "a3", "b1", "b2", "b3"]}


async def test_missing_tracks_go_along_with_a_merge(home: House, decide: OverrideService) -> None:
    two_albums(home)
    await home.scan()
    (home.music / "B/1.flac").unlink()
    await home.scan()
    one, two = await album(home, "One"), await album(home, "Two")
    await decide.merge(ANN, one.id, [two.id])
    assert {row.album_id for row in await home.tracks()} == {one.id}
    assert [row.new_id for row in await _redirects(home)] == [one.id]


async def test_an_album_is_split_by_disc_and_put_together_again(home: House, decide: OverrideService) -> None:
    for disc in (1, 2):
        for n in (1, 2, 3)[: 4 - disc]:
            home.song(
                f"Box/CD{disc}/{n}.flac", title=f"{disc}-{n}", artist="Ann", album="Box", albumartist="Ann",
                tracknumber=str(n), discnumber=str(disc),
            )  # fmt: skip
    await home.scan()
    (box,) = await home.albums()
    outcome = await decide.split(ANN, box.id, "disc")
    assert outcome.override is not None
    albums = await home.albums()
    assert sorted(one.track_count for one in albums) == [2, 3]
    assert next(one for one in albums if one.track_count == 3).id == box.id
    assert "split it by disc" in sentence(albums[1].rule, albums[1].rule_params)
    home.song(
        "Box/CD2/3.flac", title="2-3", artist="Ann", album="Box", albumartist="Ann", tracknumber="3", discnumber="2"
    )
    await home.scan()
    assert sorted(one.track_count for one in await home.albums()) == [3, 3]
    await decide.remove(ANN, outcome.override)
    assert [one.track_count for one in await home.albums()] == [6]
    with pytest.raises(NothingToSplit):
        await decide.split(ANN, (await home.albums())[0].id, "date")


async def test_tracks_are_moved_to_another_album_or_made_one_of_their_own(home: House, decide: OverrideService) -> None:
    two_albums(home)
    await home.scan()
    tracks = {row.title: row.id for row in await home.tracks()}
    one = await album(home, "One")
    await decide.move(ANN, [tracks["b2"]], one.id)
    assert await shape(home) == {"One": ["a1", "a2", "a3", "b2"], "Two": ["b1"]}
    (home.music / "B/2.flac").rename(home.music / "B/other name.flac")
    await home.scan()
    await home.scan(full=True)
    assert await shape(home) == {"One": ["a1", "a2", "a3", "b2"], "Two": ["b1"]}
    outcome = await decide.move(ANN, [tracks["a1"]])
    assert outcome.effect
    assert [(one.tracks, one.sentence[:24]) for one in outcome.effect.added] == [(1, "An album of its own beca")]
    assert outcome.effect.ended == []
    assert [len(one.others) for one in outcome.effect.splits] == [2]
    assert sorted(one.track_count for one in await home.albums()) == [1, 1, 3]


async def test_a_folder_with_all_below_it_is_one_album(home: House, decide: OverrideService) -> None:
    two_albums(home)
    for name in ("x", "y"):
        home.song(f"Mess/{name}/1.flac", title=name, artist=name, album=f"Album {name}", tracknumber="1")
    await home.scan()
    await decide.decide_folder(ANN, await folder(home, b"Mess"), "one_album")
    assert sorted(map(len, (await shape(home)).values())) == [2, 2, 3]
    home.song("Mess/z/1.flac", title="z", artist="z", album="Album z")
    await home.scan()
    messy = next(one for one in await home.albums() if one.track_count == 3 and one.title != "One")
    assert "Ann said on" in sentence(messy.rule, messy.rule_params)
    await decide.decide_folder(ANN, await folder(home, b"Mess/y"), "usual")
    assert sorted(map(len, (await shape(home)).values())) == [1, 2, 2, 3]


async def test_a_decision_about_a_folder_follows_it_where_it_moves(home: House, decide: OverrideService) -> None:
    two_albums(home)
    for name in ("x", "y"):
        home.song(f"Mess/{name}/1.flac", title=name, artist=name, album=f"Album {name}", tracknumber="1")
    await home.scan()
    outcome = await decide.decide_folder(ANN, await folder(home, b"Mess"), "one_album")
    (home.music / "Tidy").mkdir()
    shutil.move(home.music / "Mess", home.music / "Tidy/Odds")
    await home.scan()
    assert sorted(map(len, (await shape(home)).values())) == [2, 2, 3]
    (decision,), total = await decide.page(ANN)
    assert (decision.id, decision.folder, total) == (outcome.override, b"Tidy/Odds", 1)


async def test_each_folder_is_an_album_whatever_the_tags_say(home: House, decide: OverrideService) -> None:
    for n, title in enumerate(("x", "y", "z")):
        home.song(f"Tapes/Night {n // 2}/{n}.flac", title=title, artist=title, album=f"Album {title}", tracknumber="1")
    await home.scan()
    await decide.decide_folder(ANN, await folder(home, b"Tapes"), "each_folder")
    assert sorted(map(len, (await shape(home)).values())) == [1, 2]


async def test_by_the_album_tag_alone_folders_do_not_matter(home: House, decide: OverrideService) -> None:
    for n in range(4):
        home.song(f"Loose/{n}/1.flac", title=f"t{n}", artist=f"by {n}", albumartist=f"by {n}", album=f"Album {n % 2}")
    await home.scan()
    await decide.decide_folder(ANN, await folder(home, b"Loose"), "album_tag")
    assert await shape(home) == {"Album 0": ["t0", "t2"], "Album 1": ["t1", "t3"]}


async def test_a_dry_run_says_what_would_be_and_changes_nothing(home: House, decide: OverrideService) -> None:
    two_albums(home)
    await home.scan()
    one, two = await album(home, "One"), await album(home, "Two")
    head = await home.head()
    outcome = await decide.merge(ANN, one.id, [two.id], dry_run=True)
    assert outcome.override is None
    assert outcome.effect
    assert [(moved.album.id, [other.id for other in moved.others]) for moved in outcome.effect.merges] == [
        (one.id, [one.id, two.id])
    ]
    assert [ended.id for ended in outcome.effect.ended] == [two.id]
    assert await home.head() == head
    assert await shape(home) == {"One": ["a1", "a2", "a3"], "Two": ["b1", "b2"]}
    assert await decide.page(ANN) == ([], 0)


async def test_a_decision_taken_back_leaves_what_the_rules_make(home: House, decide: OverrideService) -> None:
    two_albums(home)
    await home.scan()
    one, two = await album(home, "One"), await album(home, "Two")
    outcome = await decide.merge(ANN, one.id, [two.id])
    assert outcome.override
    await decide.remove(ANN, outcome.override)
    assert await shape(home) == {"One": ["a1", "a2", "a3"], "Two": ["b1", "b2"]}
    assert (await album(home, "One")).id == one.id


async def test_a_decision_about_a_large_folder_is_carried_out_by_a_job(
    home: House, db: Database, decide: OverrideService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "AT_ONCE", 3)
    monkeypatch.setattr(service_module, "BATCH", 2)
    for n in range(6):
        home.song(f"Mess/{n}/1.flac", title=f"t{n}", artist=f"by {n}", album=f"Album {n}", tracknumber="1")
    await home.scan()
    mess = await folder(home, b"Mess")
    with pytest.raises(TooLargeToTry):
        await decide.decide_folder(ANN, mess, "one_album", dry_run=True)
    outcome = await decide.decide_folder(ANN, mess, "one_album")
    assert outcome.job
    jobs = decide._jobs
    async with working(db, jobs.registry, resolve=lambda _: decide, service=jobs):
        await ended(jobs, outcome.job)
    assert list(map(len, (await shape(home)).values())) == [6]


async def _redirects(home: House) -> list[Any]:
    async with home.db.read() as conn:
        return list((await conn.execute(select(Redirect.__table__).order_by(Redirect.old_id))).all())
