"""A history that can be put right: plays taken away, given another track, and everything back; counts always follow."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.models import TrackCredit
from segue.listening.history import AlreadyUndone, Replaced
from segue.listening.models import Annotation
from segue.listening.plays import Listen
from segue.listening.service import ListeningService, Place, Sought, ThingNotFound
from tests.listening import recount
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio
MOMENT = datetime(2025, 3, 29, 0, 30, tzinfo=UTC)
ANNA = Actor(1, "anna", libraries=None, time_zone="America/New_York")
BEN = Actor(2, "ben", libraries=None)


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


@pytest.fixture
def listening(db: Database) -> ListeningService:
    return ListeningService(db, LibraryMemory())


async def counts(db: Database, kind: str, number: int) -> Any:
    async with db.read() as conn:
        mine = select(Annotation.__table__).where(
            Annotation.user_id == 1, Annotation.kind == kind, Annotation.entity_id == number
        )
        return (await conn.execute(mine)).first()


async def test_a_play_taken_away_counts_no_more_until_it_is_back(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    track, hooked = music.tracks[0][0], []

    async def played(tx: Any, kind: str, more: Any) -> None:
        hooked.append((kind, dict(more)))

    listening.on_played.append(played)
    for days in (0, 1, 2):
        await listening.play(ANNA, track, played_at=MOMENT + timedelta(days=days))
    newest = (await listening.history(ANNA, limit=1)).plays[0]
    hooked.clear()
    (change,) = await listening.delete_plays(ANNA, [newest.id])
    assert hooked == [("track", {track: -1}), ("album", {music.albums[0]: -1}), ("artist", {music.artists[0]: -1})]
    for kind, number in (("track", track), ("album", music.albums[0]), ("artist", music.artists[0])):
        row = await counts(db, kind, number)
        assert (row.play_count, row.last_played_at) == (2, MOMENT + timedelta(days=1))
    await recount.check(db, 1)
    await listening.undo_play_change(ANNA, change)
    back = (await listening.history(ANNA, limit=1)).plays[0]
    assert back == newest
    assert (await counts(db, "artist", music.artists[0])).last_played_at == newest.played_at
    await recount.check(db, 1)
    with pytest.raises(AlreadyUndone):
        await listening.undo_play_change(ANNA, change)


async def test_a_play_that_was_taken_away_does_not_come_back_with_the_next_import(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    listens = [Listen(MOMENT, track_id=music.tracks[0][0]), Listen(MOMENT, "Far", "Away")]
    async with db.write() as tx:
        await listening.import_plays(tx, 1, listens)
    await listening.delete_plays(ANNA, [play.id for play in (await listening.history(ANNA)).plays])
    async with db.write() as tx:
        outcome = await listening.import_plays(tx, 1, listens)
    assert (outcome.added, outcome.refused) == (0, 2)
    assert (await listening.history(ANNA)).plays == []
    await recount.check(db, 1)


async def test_a_play_of_something_else_moves_all_it_counted_for(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    one, other = music.tracks[0][0], music.tracks[1][3]
    await listening.play(ANNA, one, played_at=MOMENT)
    (play,) = (await listening.history(ANNA)).plays
    change = await listening.edit_play(ANNA, play.id, other)
    (moved,) = (await listening.history(ANNA)).plays
    assert (moved.track_id, moved.title, moved.artist, moved.played_at) == (other, "Song 4", "Orchard Band", MOMENT)
    assert (await counts(db, "artist", music.artists[0])).play_count == 0
    assert (await counts(db, "artist", music.artists[0])).last_played_at is None
    await recount.check(db, 1)
    again = await listening.edit_play(ANNA, play.id, None)
    (loose,) = (await listening.history(ANNA)).plays
    assert (loose.track_id, loose.title) == (None, "Song 4")
    await recount.check(db, 1)
    with pytest.raises(Replaced):
        await listening.undo_play_change(ANNA, change)
    await listening.undo_play_change(ANNA, again)
    await listening.undo_play_change(ANNA, change)
    assert (await listening.history(ANNA)).plays == [play]
    await recount.check(db, 1)
    assert [one.op for one in await listening.play_changes(ANNA)] == ["edit", "edit"]


async def test_nobody_touches_the_plays_of_another(db: Database, listening: ListeningService, music: Rows) -> None:
    await listening.play(ANNA, music.tracks[0][0], played_at=MOMENT)
    (play,) = (await listening.history(ANNA)).plays
    (change,) = await listening.delete_plays(ANNA, [play.id])
    admin = Actor(2, "ben", frozenset({"admin"}), libraries=None)
    for verb in (
        listening.delete_plays(admin, [play.id]),
        listening.edit_play(admin, play.id, None),
        listening.undo_play_change(admin, change),
    ):
        with pytest.raises(ThingNotFound):
            await verb
    assert await listening.play_changes(admin) == []
    assert (await listening.history(admin)).plays == []


async def test_rollups_are_what_a_recount_gives_whatever_happens(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    chance = random.Random(11)
    tracks = [*music.tracks[0], *music.tracks[1]]
    artists, changes = list(music.artists), list[int]()
    for _ in range(60):
        at = MOMENT + timedelta(minutes=chance.randrange(600 * 24 * 60))
        plays = (await listening.history(ANNA, limit=1000)).plays
        what = chance.choice(["play", "play", "play", "import", "import", "delete", "edit", "undo", "track", "artist"])
        if what == "play":
            await listening.play(
                ANNA, chance.choice(tracks), played_at=at, duration_played_ms=chance.choice([None, 900])
            )
        elif what == "import":
            listens = [
                Listen(
                    at + timedelta(hours=hours),
                    chance.choice("XYZ"),
                    chance.choice(["Ann", "Bo"]),
                    chance.choice(["", "Al"]),
                    track_id=chance.choice([None, chance.choice(tracks)]),
                )
                for hours in range(8)
            ]
            async with db.write() as tx:
                await listening.import_plays(tx, 1, listens, time_zone=ANNA.time_zone)
        elif what == "delete" and plays:
            changes += await listening.delete_plays(ANNA, [one.id for one in chance.sample(plays, min(3, len(plays)))])
        elif what == "edit" and plays:
            track = chance.choice([None, *tracks])
            changes.append(await listening.edit_play(ANNA, chance.choice(plays).id, track))
        elif what == "undo" and changes:
            try:
                await listening.undo_play_change(ANNA, changes.pop(chance.randrange(len(changes))))
            except Replaced:
                pass
        elif what == "track" and len(tracks) > 4:
            merged = tracks.pop(chance.randrange(len(tracks)))
            async with db.write() as tx:
                await listening.on_track_merged(tx, merged, chance.choice(tracks))
        elif what == "artist" and len(artists) > 1:
            merged = artists.pop()
            async with db.write() as tx:
                credited = update(TrackCredit).where(TrackCredit.artist_id == merged)
                await tx.execute(credited.values(artist_id=artists[0]))
                await listening.on_artist_merged(tx, merged, artists[0])
        await recount.check(db, 1)


async def test_plays_follow_an_artist_that_was_merged_also_when_they_are_taken_away_later(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    for album in (0, 1):
        await listening.play(ANNA, music.tracks[album][0], played_at=MOMENT + timedelta(days=album))
    await listening.star(ANNA, [TypedId("ar", music.artists[0])])
    async with db.write() as tx:
        await listening.on_artist_merged(tx, *music.artists)
    row = await counts(db, "artist", music.artists[1])
    assert (row.play_count, row.first_played_at, row.starred_at is not None) == (2, MOMENT, True)
    await recount.check(db, 1)
    first = (await listening.history(ANNA)).plays[-1]
    await listening.delete_plays(ANNA, [first.id])
    row = await counts(db, "artist", music.artists[1])
    assert (row.play_count, row.first_played_at) == (1, MOMENT + timedelta(days=1))
    await recount.check(db, 1)


async def test_history_is_found_by_words_days_source_and_device(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    await listening.play(ANNA, music.tracks[0][0], played_at=MOMENT, client="web", source="web")
    await listening.play(
        ANNA, music.tracks[1][1], played_at=MOMENT + timedelta(days=1), client="App", device="tv", source="subsonic"
    )
    async with db.write() as tx:
        far = Listen(MOMENT + timedelta(days=2), "100% _far_", "Away", source="import:x")
        await listening.import_plays(tx, 1, [far], time_zone=ANNA.time_zone)

    async def titles(**sought: Any) -> list[str]:
        return [play.title for play in (await listening.history(ANNA, sought=Sought(**sought))).plays]

    assert await titles() == ["100% _far_", "Song 2", "Song 1"]
    assert await titles(words="orchard BAND song") == ["Song 2"]
    assert await titles(words="0% _f") == ["100% _far_"]
    assert await titles(words="0__f") == []
    assert await titles(source="subsonic") == await titles(device="tv") == await titles(client="App") == ["Song 2"]
    assert await titles(matched=False) == ["100% _far_"]
    assert await titles(track_id=music.tracks[0][0]) == ["Song 1"]
    # half past midnight in UTC is the evening before in New York
    assert await titles(first=date(2025, 3, 28), last=date(2025, 3, 28)) == ["Song 1"]
    assert await titles(first=date(2025, 3, 29)) == ["100% _far_", "Song 2"]
    assert await listening.play_sources(ANNA) == [
        ("import:x", "", ""),
        ("subsonic", "App", "tv"),
        ("web", "web", "web"),
    ]


async def test_a_search_through_a_long_history_goes_on_where_a_page_stopped_looking(
    db: Database, listening: ListeningService, music: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.listening.history_rows.LOOKED_THROUGH", 7)
    async with db.write() as tx:
        listens = [
            Listen(MOMENT + timedelta(hours=n), f"Song {n}", "Rare" if n % 10 == 0 else "Band") for n in range(60)
        ]
        await listening.import_plays(tx, 1, listens)
    found: list[str] = []
    before: Place | None = None
    pages = 0
    while True:
        page = await listening.history(ANNA, before=before, limit=2, sought=Sought(words="rare"))
        found += [play.title for play in page.plays]
        before, pages = page.next, pages + 1
        if before is None:
            break
    assert found == [f"Song {n}" for n in (50, 40, 30, 20, 10, 0)]
    assert 60 / 7 <= pages <= 12
