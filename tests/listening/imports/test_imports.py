"""Histories of other services become one's own: shown first, brought in once however often they come, and taken back whole."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.listening.imports import bringing
from segue.listening.imports.errors import (
    EmptyImport,
    ImportNotFound,
    ImportTooLarge,
    NotYourPerson,
    UnknownPerson,
    WrongImportState,
)
from segue.listening.matching import Matcher
from segue.listening.service import ListeningService
from tests.jobs.ground import until
from tests.library.finding.ground import Song, library_of
from tests.listening.imports import exports, ground
from tests.listening.imports.exports import at, lines, listen, listenbrainz, scrobble, spotify
from tests.listening.imports.ground import SAID, UNKNOWN, Crash, Ground, parts
from tests.listening.recount import check

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(db: Database, tmp_path: Path) -> AsyncIterator[Ground]:
    made = await ground.ground(db, tmp_path)
    async with made.working():
        yield made


async def test_an_upload_is_shown_before_anything_is_touched(house: Ground, db: Database) -> None:
    data = listenbrainz([SAID[0], SAID[1], SAID[0], UNKNOWN])
    view = await house.upload(data, "C:\\Downloads\\ann_lb.zip")
    assert (view.state, view.source, view.name, view.size_bytes) == ("ready", "listenbrainz", "ann_lb.zip", len(data))
    assert view.preview is not None
    assert view.preview["listens"] == {"total": 4, "matched": 3, "unmatched": 1, "too_short": 0}
    assert view.preview["things"] == {"total": 3, "matched": 2, "unsure": 0, "unmatched": 1}
    assert (view.preview["first_at"], view.preview["last_at"]) == (
        "2020-05-01T12:00:00.000Z",
        "2020-05-01T15:00:00.000Z",
    )
    assert view.preview["years"] == {"2020": 4}
    assert [one["title"] for one in view.preview["matched"]] == ["Late Trains", "Tides"]
    assert view.preview["matched"][0]["reasons"]
    assert [one["title"] for one in view.preview["unmatched"]] == ["Far Away"]
    assert await house.plays() == []


async def test_listens_become_plays_with_their_time_and_words(house: Ground, db: Database) -> None:
    view = await house.bring(listenbrainz([SAID[0], UNKNOWN, SAID[3]]))
    assert view.result is not None
    assert {name: view.result[name] for name in ("added", "folded", "unmatched")} == {
        "added": 3,
        "folded": 0,
        "unmatched": 1,
    }
    plays = await house.plays()
    assert [(play.title, play.track_id, play.played_at) for play in plays] == [
        ("Late Trains", house.tracks[0], at(0)), ("Far Away", None, at(1)), ("Moss", house.tracks[3], at(2)),
    ]  # fmt: skip
    assert {play.source for play in plays} == {f"import:im-{view.id}"}
    assert {play.zone_offset_minutes for play in plays} == {120}
    await check(db, 1)


async def test_the_same_file_twice_and_files_that_overlap_add_only_what_is_new(house: Ground, db: Database) -> None:
    first = [SAID[0], SAID[1], UNKNOWN, SAID[2]]
    await house.bring(listenbrainz(first))
    again = await house.bring(listenbrainz(first))
    assert again.result is not None
    assert (again.result["added"], again.result["folded"]) == (0, 4)
    longer = await house.bring(listenbrainz([*first, SAID[3], SAID[0]]))
    assert longer.result is not None
    assert (longer.result["added"], longer.result["folded"]) == (2, 4)
    pages = json.dumps([scrobble(one, number) for number, one in enumerate(first)])
    elsewhere = await house.bring(pages.encode(), "scrobbles.json")
    assert elsewhere.result is not None
    assert elsewhere.result["added"] == 0
    assert len(await house.plays()) == 6
    await check(db, 1)


async def test_plays_of_our_own_are_not_added_a_second_time(house: Ground) -> None:
    await house.listening.play(house.anna, house.tracks[0], played_at=at(0) + timedelta(seconds=10), client="web")
    view = await house.bring(listenbrainz([SAID[0], SAID[1]]))
    assert view.preview is not None
    assert view.preview["plays_there"] == 1
    assert [play.client for play in await house.plays()] == ["web", ""]


async def test_what_was_heard_too_short_is_no_play_and_the_length_is_asked_of_the_track(house: Ground) -> None:
    rows = [
        spotify(SAID[0], 0, 99_000, "fwdbtn"),  # less than half of 200 s
        spotify(SAID[0], 1, 101_000, "fwdbtn"),
        spotify(UNKNOWN, 2, 100_000, "fwdbtn"),  # whose length the row below tells: 150 s
        spotify(UNKNOWN, 3, 150_000),
        spotify(("Endless", "Nobody Here", "Elsewhere"), 4, 200_000, "fwdbtn"),  # of unknown length: not four minutes
    ]
    view = await house.bring(json.dumps(rows).encode(), "endsong_0.json")
    assert view.preview is not None
    assert view.result is not None
    assert view.preview["listens"] == {"total": 5, "matched": 1, "unmatched": 2, "too_short": 2}
    assert (view.result["added"], view.result["too_short"]) == (3, 2)
    assert [(play.played_at, play.duration_played_ms) for play in await house.plays()] == [
        (at(1), 101_000), (at(2), 100_000), (at(3), 150_000)
    ]  # fmt: skip


async def test_counts_without_times_become_counts_and_plays_here_are_not_counted_twice(house: Ground) -> None:
    await house.listening.play(house.anna, house.tracks[0], played_at=at(0))
    tracks = [
        {
            "Name": "Late Trains",
            "Artist": "Ann",
            "Album": "Harbour",
            "Play Count": 12,
            "Play Date UTC": at(5),
            "Rating": 80,
        },
        {"Name": "Far Away", "Artist": "Nobody Here", "Play Count": 3},
    ]
    view = await house.bring(exports.plist(tracks), "Library.xml")
    mark = (await house.marks())["track", house.tracks[0]]
    assert (mark.play_count, mark.plays_elsewhere, mark.rating, mark.last_played_at) == (12, 11, 4, at(5))
    assert len(await house.plays()) == 1
    assert view.result is not None
    assert (view.result["marks"], view.result["marks_unmatched"]) == (1, 1)
    await house.bring(exports.plist(tracks), "Library.xml")
    assert (await house.marks())["track", house.tracks[0]].play_count == 12


async def test_a_servers_people_become_ours_as_the_administrator_says(house: Ground, tmp_path: Path) -> None:
    data = exports.navidrome(tmp_path / "n.db", SAID, scrobbles=[(2, 0), (2, 1)])
    view = await house.upload(data, "navidrome.db")
    assert view.preview is not None
    assert [(one["name"], one["listens"], one["stars"]) for one in view.preview["people"]] == [
        ("ann", 2, 3),
        ("ben", 0, 0),
    ]
    with pytest.raises(UnknownPerson):
        await house.imports.start(house.anna, view.id, {"cyd": 1})
    await house.imports.start(house.anna, view.id, {"ann": 1, "ben": 2})
    assert (await house.ended(view.id)).state == "done"
    mine, bens = await house.marks(1), await house.marks(2)
    first, second, third = ("track", house.tracks[0]), ("track", house.tracks[1]), ("track", house.tracks[2])
    assert mine[first].starred_at == datetime(2024, 2, 3, 4, 5, 6, 123456, UTC).replace(microsecond=123000)
    assert mine[second].rating == 4
    assert (mine[third].play_count, mine[third].plays_elsewhere) == (7, 5)
    assert bens[first].play_count == 3
    assert [mark.rating for key, mark in mine.items() if key[0] == "album"] == [5]
    assert [mark.starred_at is not None for key, mark in mine.items() if key[0] == "artist"] == [True]
    assert await house.bookmarks() == {house.tracks[1]: 61_000}
    ((owner, name, public, rows),) = house.lists.kept.values()
    assert (owner, name, public) == (1, "Sunday", True)
    assert [row.track_id for row in rows] == [house.tracks[2], house.tracks[1], house.tracks[0]]
    again = await house.bring(data, "navidrome.db", {"ann": 1})
    assert len(house.lists.kept) == 1
    assert again.result is not None
    assert (again.result.get("marks", 0), again.result["added"]) == (0, 0)


async def test_undoing_takes_everything_back_but_what_was_changed_since(
    house: Ground, db: Database, tmp_path: Path
) -> None:
    await house.listening.play(house.anna, house.tracks[2], played_at=at(50))
    await house.listening.star(house.anna, [TypedId("tr", house.tracks[3])])
    before = await house.marks()
    data = exports.navidrome(tmp_path / "n.db", SAID, scrobbles=[(2, number) for number in range(40)])
    view = await house.bring(data, "navidrome.db", {"ann": 1})
    await house.listening.rate(house.anna, TypedId("tr", house.tracks[1]), 1)
    undone = await house.undo(view.id)
    assert (undone.state, undone.undone_at is not None) == ("undone", True)
    assert [play.played_at for play in await house.plays()] == [at(50)]
    after = await house.marks()
    for key, mark in before.items():
        assert after[key]._mapping == mark._mapping
    assert after["track", house.tracks[1]].rating == 1
    assert (after["track", house.tracks[0]].starred_at, after["track", house.tracks[0]].play_count) == (None, 0)
    assert (await house.bookmarks(), house.lists.kept) == ({}, {})
    await check(db, 1)
    with pytest.raises(WrongImportState):
        await house.imports.undo(house.anna, view.id)
    await house.imports.start(house.anna, view.id)
    assert (await house.ended(view.id)).state == "done"
    assert len(await house.plays()) == 41


async def test_undoing_one_import_leaves_the_plays_of_another(house: Ground, db: Database) -> None:
    first = await house.bring(listenbrainz([SAID[0], UNKNOWN]))
    second = await house.bring(listenbrainz([SAID[0], UNKNOWN, SAID[1], ("Other", "Nobody Here", "")]))
    await house.undo(second.id)
    assert [play.title for play in await house.plays()] == ["Late Trains", "Far Away"]
    await check(db, 1)
    await house.undo(first.id)
    assert await house.plays() == []
    await check(db, 1)


@pytest.mark.parametrize("dies_at", [1, 2, 4, 7])
async def test_a_worker_that_dies_goes_on_where_it_was_and_counts_nothing_twice(
    house: Ground, db: Database, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    monkeypatch.setattr(bringing, "IMPORT_BATCH", 5)
    said = [SAID[number % 4] if number % 3 else UNKNOWN for number in range(33)]
    real, calls = ListeningService.import_plays, 0

    async def dying(self: ListeningService, *args: Any, **options: Any) -> Any:
        nonlocal calls
        outcome = await real(self, *args, **options)
        calls += 1
        if calls == dies_at:  # with its batch written and not committed
            house.imports.stage_of(1).unlink()
            raise Crash
        return outcome

    monkeypatch.setattr(ListeningService, "import_plays", dying)
    view = await house.bring(listenbrainz(said))
    assert view.result is not None
    assert (view.result["added"], view.result["folded"]) == (33, 0)
    assert len(await house.plays()) == 33
    await check(db, 1)


async def test_a_cancelled_import_stops_can_go_on_and_can_be_taken_back(
    house: Ground, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringing, "IMPORT_BATCH", 5)
    view = await house.upload(listenbrainz([SAID[number % 4] for number in range(40)]))
    real, calls = ListeningService.import_plays, 0

    async def stopping(self: ListeningService, *args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        outcome = await real(self, *args, **options)
        if calls == 3:
            job = (await house.imports.get(house.anna, view.id)).job
            assert job is not None
            for context in contexts:
                context.interrupt(Cancelled)
        return outcome

    from segue.jobs import Cancelled, JobContext

    contexts: list[JobContext] = []
    real_check = JobContext.check

    def noting(self: JobContext) -> None:
        if self not in contexts:
            contexts.append(self)
        real_check(self)

    monkeypatch.setattr(JobContext, "check", noting)
    monkeypatch.setattr(ListeningService, "import_plays", stopping)
    await house.imports.start(house.anna, view.id)
    stopped = await house.ended(view.id)
    assert stopped.state == "stopped"
    assert len(await house.plays()) == 15
    contexts.clear()
    await house.imports.start(house.anna, view.id)
    assert (await house.ended(view.id)).state == "done"
    assert len(await house.plays()) == 40
    await house.undo(view.id)
    assert await house.plays() == []
    await check(db, 1)


async def test_what_matched_nothing_is_listed_with_what_comes_nearest(house: Ground, db: Database) -> None:
    near = ("Late Trains (Live in Oslo)", "Ann", "Harbour")
    view = await house.bring(listenbrainz([UNKNOWN, UNKNOWN, near, SAID[0]]))
    things, total = await house.imports.things(house.anna, view.id)
    assert (total, [(one.row.title, one.row.times) for one in things]) == (2, [("Far Away", 2), (near[0], 1)])
    assert [one.found_later for one in things] == [False, False]
    (rest, _) = await house.imports.things(house.anna, view.id, (2, things[0].row.number))
    assert [one.row.title for one in rest] == [near[0]]


async def test_plays_of_what_was_not_here_find_their_tracks_when_the_music_arrives(house: Ground, db: Database) -> None:
    house.listening.matcher = Matcher(db, house.listening, house.imports.finding, house.people)
    assert await house.listening.matcher.anything_arrived() is False
    view = await house.bring(listenbrainz([UNKNOWN, SAID[0], UNKNOWN]))
    _, (track,) = await library_of(db, [Song(*UNKNOWN)], "/new")
    async with db.write() as tx:
        tx.changed("track", track)
    await house.listening.after_scan()

    async def found() -> bool:
        return [play.track_id for play in await house.plays()] == [track, house.tracks[0], track]

    await until(found)
    (thing,), _ = await house.imports.things(house.anna, view.id)
    assert thing.found_later
    again = await house.bring(listenbrainz([UNKNOWN, SAID[0], UNKNOWN]))
    assert again.result is not None
    assert (again.result["added"], again.result["folded"]) == (0, 3)
    await check(db, 1)
    await house.undo(view.id)
    assert await house.plays() == []
    await check(db, 1)


async def test_rows_that_could_not_be_taken_are_listed_with_why(house: Ground) -> None:
    data = (
        lines([listen(SAID[0], 0)]) + b"{broken\n" + lines([{"listened_at": 1, "track_metadata": {"track_name": "x"}}])
    )
    view = await house.bring(data, "listens.jsonl")
    problems, total = await house.imports.problems(house.anna, view.id)
    assert (total, [(one.line, one.code) for one in problems]) == (2, [(2, "broken_json"), (3, "time_out_of_range")])


@pytest.mark.parametrize("data", [b"hello\nthere\n", b"[]", b"PK\x03\x04 not really", b'{"a": 1}'])
async def test_a_file_that_is_no_history_fails_and_says_why(house: Ground, data: bytes) -> None:
    view = await house.upload(data)
    assert view.state == "failed"
    assert view.code in ("not_understood", "broken_member", "nothing_to_import", "broken_json")
    with pytest.raises(WrongImportState):
        await house.imports.start(house.anna, view.id)
    await house.imports.forget(house.anna, view.id)
    with pytest.raises(ImportNotFound):
        await house.imports.get(house.anna, view.id)


async def test_uploads_are_limited_and_leave_nothing_behind(
    house: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.listening.imports.service.MOST_BYTES", 100)
    with pytest.raises(ImportTooLarge):
        await house.imports.upload(house.anna, "x", parts(b"x" * 1000, 50))
    with pytest.raises(EmptyImport):
        await house.imports.upload(house.anna, "x", parts(b""))
    assert [info async for info in house.imports.storage.list("imports")] == []


async def test_everybody_imports_for_themselves_and_sees_only_their_own(house: Ground, tmp_path: Path) -> None:
    with pytest.raises(NotYourPerson):
        await house.imports.upload(house.ben, "x", parts(b"x"), for_user=1)
    data = exports.navidrome(tmp_path / "n.db", SAID)
    bens = await house.upload(data, "navidrome.db", house.ben)
    with pytest.raises(NotYourPerson):
        await house.imports.start(house.ben, bens.id, {"ann": 1})
    await house.imports.start(house.ben, bens.id, {"ben": 2})
    assert (await house.ended(bens.id)).state == "done"
    assert ("track", house.tracks[0]) in await house.marks(2)
    mine = await house.upload(listenbrainz([SAID[0]]))
    with pytest.raises(ImportNotFound):
        await house.imports.get(house.ben, mine.id)
    assert ([view.id for view in (await house.imports.page(house.ben))[0]], (await house.imports.page(house.anna))[1]) == (
        [bens.id], 2,
    )  # fmt: skip


async def test_music_a_person_may_not_see_is_not_found_for_them(house: Ground, db: Database) -> None:
    await library_of(db, [Song("Secret", "Cyd", "Vault")], "/other")
    said = [("Secret", "Cyd", "Vault")]
    for actor, matched in ((house.anna, 1), (house.ben, 0)):
        view = await house.upload(listenbrainz(said), actor=actor)
        assert view.preview is not None
        assert view.preview["listens"]["matched"] == matched


async def test_the_person_hears_of_it_and_nobody_else_does(house: Ground, db: Database) -> None:
    feed = ChangeFeed(db)
    start = (await feed.head(house.anna)).cursor
    await house.bring(listenbrainz([SAID[0]]))
    heard = {(item.kind, item.id) for item in (await feed.since(start, house.anna)).items}
    assert {("history_import", "im-1"), ("play", "mine")} <= heard
    assert not {item.kind for item in (await feed.since(start, house.ben)).items} & {"history_import", "play"}


async def test_an_erased_person_leaves_no_import_and_no_file(house: Ground, db: Database) -> None:
    view = await house.upload(listenbrainz([SAID[0]]))
    async with db.write() as tx:
        await house.imports.on_user_erased(tx, 1)
        await house.listening.on_user_erased(tx, 1)
    with pytest.raises(ImportNotFound):
        await house.imports.get(house.anna, view.id)
    assert [info async for info in house.imports.storage.list("imports")] == []


async def test_uploads_nobody_comes_back_to_are_forgotten_after_a_month(
    house: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await house.bring(listenbrainz([SAID[0]]))
    assert await house.imports.housekeeping() == 0
    monkeypatch.setattr("segue.listening.imports.service.KEPT", timedelta(seconds=-1))
    assert await house.imports.housekeeping() == 1
    assert (await house.imports.get(house.anna, view.id)).has_upload is False
    assert (await house.undo(view.id)).state == "undone"
