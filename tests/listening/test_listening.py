"""Plays, stars, ratings, queues and bookmarks: each person's own, and never lost with a track."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.models import Track
from segue.listening.models import Annotation, Play
from segue.listening.service import BadQueue, BadRating, CannotAnnotate, ListeningService, ThingNotFound
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio

MOMENT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


@pytest.fixture
def listening(db: Database) -> ListeningService:
    return ListeningService(db, LibraryMemory())


@pytest.fixture
def anna(music: Rows) -> Actor:
    return Actor(1, "anna", libraries=frozenset(music.libraries), time_zone="Europe/Berlin")


@pytest.fixture
def ben(music: Rows) -> Actor:
    return Actor(2, "ben", libraries=frozenset(music.libraries[:1]))


async def annotation(db: Database, actor: Actor, kind: str, number: int) -> Any:
    async with db.read() as conn:
        mine = select(Annotation.__table__).where(
            Annotation.user_id == actor.person, Annotation.kind == kind, Annotation.entity_id == number
        )
        return (await conn.execute(mine)).first()


async def test_a_star_keeps_its_first_date_and_comes_off(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    track = TypedId("tr", music.tracks[0][0])
    await listening.star(anna, [track])
    first = await annotation(db, anna, "track", track.number)
    await listening.star(anna, [track, track])
    assert (await annotation(db, anna, "track", track.number)).starred_at == first.starred_at
    await listening.unstar(anna, [track])
    await listening.unstar(anna, [track])
    assert (await annotation(db, anna, "track", track.number)).starred_at is None


async def test_a_star_on_one_unknown_thing_stars_nothing(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    with pytest.raises(ThingNotFound):
        await listening.star(anna, [TypedId("tr", music.tracks[0][0]), TypedId("al", 9999)])
    assert await annotation(db, anna, "track", music.tracks[0][0]) is None
    with pytest.raises(CannotAnnotate):
        await listening.star(anna, [TypedId("jo", 1)])


async def test_what_a_person_may_not_see_cannot_be_starred(
    listening: ListeningService, music: Rows, ben: Actor
) -> None:
    with pytest.raises(ThingNotFound):
        await listening.star(ben, [TypedId("tr", music.tracks[1][0])])
    with pytest.raises(ThingNotFound):
        await listening.star(ben, [TypedId("ar", music.artists[1])])


async def test_a_rating_of_zero_is_no_rating(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    album = TypedId("al", music.albums[0])
    await listening.rate(anna, album, 4)
    assert (await annotation(db, anna, "album", album.number)).rating == 4
    await listening.rate(anna, album, 0)
    assert (await annotation(db, anna, "album", album.number)).rating is None
    with pytest.raises(BadRating):
        await listening.rate(anna, album, 6)


async def test_a_play_counts_for_the_track_its_album_and_its_artists_once(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    track = music.tracks[0][1]
    assert await listening.play(anna, track, played_at=MOMENT, client="phone")
    assert not await listening.play(anna, track, played_at=MOMENT, client="phone")
    assert await listening.play(anna, track, played_at=MOMENT - timedelta(days=1), client="phone")
    for kind, number in (("track", track), ("album", music.albums[0]), ("artist", music.artists[0])):
        row = await annotation(db, anna, kind, number)
        assert (row.play_count, row.last_played_at) == (2, MOMENT)


async def test_a_play_keeps_the_offset_of_the_persons_zone_at_that_moment(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    await listening.play(anna, music.tracks[0][0], played_at=MOMENT)
    await listening.play(anna, music.tracks[0][0], played_at=MOMENT + timedelta(hours=2))
    async with db.read() as conn:
        offsets = (await conn.scalars(select(Play.zone_offset_minutes).order_by(Play.played_at))).all()
    assert list(offsets) == [60, 120]


async def test_plays_and_stars_outlive_a_purged_track(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    track = music.tracks[0][2]
    await listening.play(anna, track, played_at=MOMENT)
    await listening.star(anna, [TypedId("tr", track)])
    async with db.write() as tx:
        await tx.execute(delete(Track).where(Track.id == track))
    (play,) = (await listening.history(anna)).plays
    assert (play.title, play.artist, play.album) == ("Song 3", "Harbour Band", "Harbour Songs")
    assert play.external_ids == {"musicbrainz:recording": "Harbour-3"}
    row = await annotation(db, anna, "track", track)
    assert row.starred_at and row.text == "Harbour Band – Song 3"


async def test_two_players_reporting_at_once_lose_no_play(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    async def play(number: int) -> None:
        await listening.play(anna, music.tracks[0][0], played_at=MOMENT + timedelta(minutes=number))

    await asyncio.gather(
        *(asyncio.create_task(play(number), context=contextvars.copy_context()) for number in range(20))
    )
    assert (await annotation(db, anna, "track", music.tracks[0][0])).play_count == 20


async def test_history_pages_backwards_without_gap_or_repeat(
    listening: ListeningService, music: Rows, anna: Actor
) -> None:
    for number in range(7):
        await listening.play(anna, music.tracks[0][number % 4], played_at=MOMENT + timedelta(minutes=number // 2))
    seen: list[int] = []
    before = None
    while True:
        page = await listening.history(anna, before=before, limit=2)
        seen += [play.id for play in page.plays]
        before = page.next
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


async def test_who_is_playing_shows_only_what_one_may_see(
    listening: ListeningService, music: Rows, anna: Actor, ben: Actor
) -> None:
    await listening.now_playing(anna, music.tracks[1][0], client="web")
    await listening.now_playing(anna, music.tracks[0][0], client="phone")
    await listening.now_playing(anna, music.tracks[0][1], client="phone")
    assert {one.track_id for one in await listening.playing(anna)} == {music.tracks[1][0], music.tracks[0][1]}
    assert [one.track_id for one in await listening.playing(ben)] == [music.tracks[0][1]]


async def test_a_queue_comes_back_as_it_was_saved_and_may_repeat_a_track(
    listening: ListeningService, music: Rows, anna: Actor
) -> None:
    one, two, *_ = music.tracks[0]
    assert await listening.queue(anna) is None
    await listening.save_queue(anna, [one, two, one], current=2, position_ms=1234, client="phone")
    queue = await listening.queue(anna)
    assert queue
    assert (queue.track_ids, queue.current, queue.position_ms, queue.changed_by) == ([one, two, one], 2, 1234, "phone")
    await listening.save_queue(anna, [], current=7)
    queue = await listening.queue(anna)
    assert queue and (queue.track_ids, queue.current) == ([], None)


async def test_a_queue_drops_tracks_that_are_gone_and_keeps_its_place(
    db: Database, listening: ListeningService, music: Rows, anna: Actor
) -> None:
    one, two, three, _ = music.tracks[0]
    await listening.save_queue(anna, [one, two, three], current=2, position_ms=50)
    async with db.write() as tx:
        await tx.execute(delete(Track).where(Track.id == one))
    queue = await listening.queue(anna)
    assert queue and (queue.track_ids, queue.current, queue.position_ms) == ([two, three], 1, 50)


async def test_a_queue_with_an_impossible_place_is_refused(
    listening: ListeningService, music: Rows, anna: Actor
) -> None:
    with pytest.raises(BadQueue):
        await listening.save_queue(anna, music.tracks[0], current=4)
    with pytest.raises(BadQueue):
        await listening.save_queue(anna, music.tracks[0], current=0, position_ms=-1)
    with pytest.raises(ThingNotFound):
        await listening.save_queue(anna, [99999])


async def test_a_bookmark_moves_and_goes(listening: ListeningService, music: Rows, anna: Actor, ben: Actor) -> None:
    track = music.tracks[0][0]
    await listening.set_bookmark(anna, track, 500, "bridge")
    await listening.set_bookmark(anna, track, 700, "coda")
    (mark,) = await listening.bookmarks(anna)
    assert (mark.track_id, mark.position_ms, mark.comment) == (track, 700, "coda")
    assert await listening.bookmarks(ben) == []
    await listening.delete_bookmark(anna, track)
    with pytest.raises(ThingNotFound):
        await listening.delete_bookmark(anna, track)


async def test_what_one_person_does_is_told_to_nobody_else(
    db: Database, listening: ListeningService, music: Rows, anna: Actor, ben: Actor
) -> None:
    feed = ChangeFeed(db)
    await listening.star(anna, [TypedId("tr", music.tracks[0][0])])
    await listening.play(anna, music.tracks[0][0], played_at=MOMENT)
    assert {item.kind for item in (await feed.since(0, anna)).items} == {"track", "album", "artist", "play"}
    assert (await feed.since(0, ben)).items == []


async def test_erasing_a_person_takes_all_they_did_and_nobody_elses(
    db: Database, listening: ListeningService, music: Rows, anna: Actor, ben: Actor
) -> None:
    track = music.tracks[0][0]
    for actor in (anna, ben):
        await listening.play(actor, track, played_at=MOMENT)
        await listening.save_queue(actor, [track])
        await listening.set_bookmark(actor, track, 1)
    async with db.write() as tx:
        await listening.on_user_erased(tx, anna.person)
    assert (await listening.history(anna)).plays == [] and await listening.queue(anna) is None
    assert len((await listening.history(ben)).plays) == 1 and await listening.queue(ben)
    assert await annotation(db, anna, "track", track) is None
