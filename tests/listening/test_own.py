"""What is one's own beside plays: tags, searches, queues of devices; and taking everything along."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.fields import ENTITIES
from segue.library.models import Track
from segue.listening.export import Form
from segue.listening.fields import FIELDS
from segue.listening.own_tags import BadTagName, OwnTagNames, TagExists
from segue.listening.plays import Listen
from segue.listening.repository import OF_A_PERSON
from segue.listening.service import ListeningService, ThingNotFound
from segue.query import Entities
from segue.query.service import QueryService
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio
MOMENT = datetime(2025, 3, 29, 0, 30, tzinfo=UTC)
ANNA = Actor(1, "anna", libraries=None)
BEN = Actor(2, "ben", libraries=None)


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


@pytest.fixture
def listening(db: Database) -> ListeningService:
    return ListeningService(db, LibraryMemory())


async def tags(listening: ListeningService, actor: Actor = ANNA) -> dict[str, dict[str, int]]:
    return {tag.name: tag.counts for tag in await listening.own_tags(actor)}


async def test_tags_of_ones_own_are_put_on_counted_and_taken_off(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    track, album = TypedId("tr", music.tracks[0][0]), TypedId("al", music.albums[0])
    await listening.tag(ANNA, ["For  the car", "FOR THE CAR", "rain"], [track, album])
    await listening.tag(BEN, ["rain"], [track])
    assert await tags(listening) == {"For the car": {"track": 1, "album": 1}, "rain": {"track": 1, "album": 1}}
    assert await tags(listening, BEN) == {"rain": {"track": 1}}
    assert [tag.name for tag in await listening.tags_on(ANNA, track)] == ["For the car", "rain"]
    await listening.untag(ANNA, ["for THE car", "never was"], [album])
    assert (await tags(listening))["For the car"] == {"track": 1}
    with pytest.raises(ThingNotFound):
        await listening.tag(ANNA, ["x"], [TypedId("tr", 999)])
    with pytest.raises(BadTagName):
        await listening.tag(ANNA, ["  "], [track])


async def test_tags_are_renamed_and_merged(db: Database, listening: ListeningService, music: Rows) -> None:
    one, two = (TypedId("tr", number) for number in music.tracks[0][:2])
    await listening.tag(ANNA, ["a", "b"], [one])
    await listening.tag(ANNA, ["b"], [two])
    first, second = (tag.id for tag in await listening.own_tags(ANNA))
    with pytest.raises(TagExists):
        await listening.rename_tag(ANNA, first, "B")
    with pytest.raises(ThingNotFound):
        await listening.rename_tag(BEN, first, "c")
    await listening.rename_tag(ANNA, first, "Ä")
    await listening.rename_tag(ANNA, first, "A")
    await listening.merge_tags(ANNA, second, first)
    assert await tags(listening) == {"A": {"track": 2}}
    await listening.delete_tag(ANNA, first)
    assert await tags(listening) == {}
    assert await listening.tags_on(ANNA, one) == []


async def test_tags_follow_a_track_that_is_merged(db: Database, listening: ListeningService, music: Rows) -> None:
    one, two = music.tracks[0][:2]
    await listening.tag(ANNA, ["a", "b"], [TypedId("tr", one)])
    await listening.tag(ANNA, ["b"], [TypedId("tr", two)])
    async with db.write() as tx:
        await listening.on_track_merged(tx, one, two)
    assert await tags(listening) == {"a": {"track": 1}, "b": {"track": 1}}
    assert len(await listening.tags_on(ANNA, TypedId("tr", two))) == 2


async def test_searches_are_kept_once_a_box_latest_first_until_they_are_forgotten(
    listening: ListeningService, music: Rows
) -> None:
    for box, query, results in (("all", "blue", 3), ("tracks", "blue", 1), ("all", "red", 0), ("all", " BLUE ", 5)):
        assert await listening.note_search(ANNA, box, query, results)
    found = await listening.searches(ANNA)
    assert [(one.box, one.query, one.results, one.times) for one in found] == [
        ("all", "BLUE", 5, 2),
        ("all", "red", 0, 1),
        ("tracks", "blue", 1, 1),
    ]
    assert [one.query for one in await listening.searches(ANNA, box="all", starts="bl")] == ["BLUE"]
    assert [one.query for one in await listening.searches(ANNA, before=found[0].id, limit=1)] == ["red"]
    assert await listening.searches(BEN) == []
    with pytest.raises(ThingNotFound):
        await listening.forget_search(BEN, found[0].id)
    await listening.forget_search(ANNA, found[0].id)
    assert await listening.forget_searches(ANNA, box="tracks") == 1
    assert [one.query for one in await listening.searches(ANNA)] == ["red"]


async def test_who_keeps_no_searches_has_none(listening: ListeningService, music: Rows) -> None:
    await listening.note_search(ANNA, "all", "secret")
    await listening.keep_searches(ANNA, False)
    assert await listening.searches(ANNA) == []
    assert not await listening.note_search(ANNA, "all", "another")
    assert await listening.searches(ANNA) == [] and not await listening.keeps_searches(ANNA)
    await listening.keep_searches(ANNA, True)
    assert await listening.note_search(ANNA, "all", "another")
    assert not await listening.note_search(ANNA, "all", "   ")
    assert not await listening.note_search(ANNA, "all", "x" * 5_000)


async def test_only_so_many_searches_are_kept(
    listening: ListeningService, music: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.listening.searches.MOST_KEPT", 3)
    for number in range(6):
        await listening.note_search(ANNA, "all", f"query {number}")
    assert [one.query for one in await listening.searches(ANNA)] == ["query 5", "query 4", "query 3"]


async def test_each_device_has_a_queue_and_may_go_on_where_another_is(listening: ListeningService, music: Rows) -> None:
    one, two, three, _ = music.tracks[0]
    await listening.save_queue(ANNA, [one, two], current=1, position_ms=500, client="web", device="desk")
    await listening.save_queue(ANNA, [three], current=0, client="App")
    assert [(queue.device, queue.tracks, queue.current_track) for queue in await listening.queues(ANNA)] == [
        ("", 1, three),
        ("desk", 2, two),
    ]
    taken = await listening.take_over_queue(ANNA, "desk", device="sofa", client="tablet")
    assert (taken.track_ids, taken.current, taken.position_ms, taken.device) == ([one, two], 1, 500, "sofa")
    assert await listening.queues(BEN) == []
    with pytest.raises(ThingNotFound):
        await listening.take_over_queue(BEN, "desk")
    await listening.forget_queue(ANNA, "sofa")
    assert {queue.device for queue in await listening.queues(ANNA)} == {"", "desk"}


async def test_a_queue_replaced_by_mistake_is_taken_back(listening: ListeningService, music: Rows) -> None:
    one, two, three, four = music.tracks[0]
    await listening.save_queue(ANNA, [one, two, three], current=1, position_ms=77)
    await listening.save_queue(ANNA, [one, two, three], current=2, position_ms=99)
    await listening.save_queue(ANNA, [two, three], current=0, position_ms=5)
    assert await listening.queue(ANNA, before=True) is None  # that was still the same queue with a track less
    await listening.save_queue(ANNA, [four], current=0)
    back = await listening.restore_queue(ANNA)
    assert (back.track_ids, back.current, back.position_ms) == ([two, three], 0, 5)
    again = await listening.restore_queue(ANNA)
    assert again.track_ids == [four]
    await listening.save_queue(ANNA, [])
    assert (await listening.restore_queue(ANNA)).track_ids == [four]


async def test_only_so_many_queues_of_devices_are_kept(
    listening: ListeningService, music: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.listening.queues.MOST_DEVICES", 2)
    for device in ("", "a", "b", "c"):
        await listening.save_queue(ANNA, music.tracks[0][:1], device=device)
    assert [queue.device for queue in await listening.queues(ANNA)] == ["c", "b", ""]


async def exported(listening: ListeningService, form: Form) -> str:
    return "".join([piece async for piece in listening.export(ANNA, form)])


async def test_everything_of_ones_own_can_be_taken_along(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    track = music.tracks[0][0]
    await listening.play(ANNA, track, played_at=MOMENT, client="phone", source="rest")
    await listening.play(BEN, track, played_at=MOMENT)
    async with db.write() as tx:
        odd = Listen(MOMENT + timedelta(days=1), '=cmd()\u2028"', "Ann, Bo", "Al", external_ids={"isrc": "X"})
        await listening.import_plays(tx, 1, [odd])
    await listening.star(ANNA, [TypedId("tr", track)])
    await listening.tag(ANNA, ["rain"], [TypedId("ar", music.artists[0])])
    await listening.set_bookmark(ANNA, track, 5)
    await listening.note_search(ANNA, "all", "blue")
    async with db.write() as tx:
        await tx.execute(delete(Track).where(Track.id == track))
    lines = (await exported(listening, Form.jsonl)).splitlines()
    things = [json.loads(line) for line in lines]
    assert [thing["type"] for thing in things] == [
        "play", "play", "track", "album", "artist", "tag", "bookmark", "search",
    ]  # fmt: skip
    assert things[0]["title"] == "Song 1" and things[0]["played_at"] == "2025-03-29T00:30:00.000Z"
    assert things[1]["title"] == odd.title
    assert things[2]["starred_at"] and things[2]["text"] == "Harbour Band – Song 1" and things[2]["plays"] == 1
    rows = list(csv.DictReader(io.StringIO(await exported(listening, Form.csv))))
    assert [row["title"] for row in rows] == ["Song 1", f"'{odd.title}"]
    assert rows[0]["recording_mbid"] == "Harbour-1"
    listens = [json.loads(line) for line in (await exported(listening, Form.listenbrainz)).split("\n")[:-1]]
    assert listens[0] == {
        "listened_at": 1743208200,
        "track_metadata": {
            "artist_name": "Harbour Band",
            "track_name": "Song 1",
            "release_name": "Harbour Songs",
            "additional_info": {
                "duration_ms": 1000,
                "media_player": "phone",
                "submission_client": "Segue",
                "recording_mbid": "Harbour-1",
                "release_artist_name": "Harbour Band",
            },
        },
    }


async def test_erasing_a_person_leaves_nothing_of_theirs_in_any_table(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    for actor in (ANNA, BEN):
        await listening.play(actor, music.tracks[0][0], played_at=MOMENT)
        async with db.write() as tx:
            await listening.import_plays(tx, actor.person, [Listen(MOMENT, "Far", "Away")])
        (*_, first) = (await listening.history(actor)).plays
        await listening.delete_plays(actor, [first.id])
        await listening.tag(actor, ["rain"], [TypedId("tr", music.tracks[0][1])])
        await listening.keep_searches(actor, True)
        await listening.note_search(actor, "all", "blue")
        await listening.save_queue(actor, music.tracks[0], device="desk")
        await listening.now_playing(actor, music.tracks[0][0])
        await listening.set_bookmark(actor, music.tracks[0][0], 4)

    async def people(table: Any) -> set[int]:
        async with db.read() as conn:
            return set((await conn.scalars(select(table.user_id).distinct())).all())

    for table in OF_A_PERSON:
        assert await people(table) == {1, 2}, table
    async with db.write() as tx:
        await listening.on_user_erased(tx, 1)
    for table in OF_A_PERSON:
        assert await people(table) == {2}, table


async def test_names_of_ones_own_tags_complete_what_one_writes(
    db: Database, listening: ListeningService, music: Rows
) -> None:
    query = QueryService(db, Entities(ENTITIES).extended(FIELDS), OwnTagNames(db), {"listening": FIELDS})
    track = TypedId("tr", music.tracks[0][0])
    await listening.tag(ANNA, ["Rain", "for the train", "100%"], [track])
    await listening.tag(BEN, ["raining"], [track])

    async def completed(text: str, actor: Actor = ANNA) -> list[str]:
        found = await query.suggest("tracks", text, None, actor)
        return [one.text for one in found if one.detail == "own_tags"]

    assert await completed("tagged:ra") == ['"Rain"', '"for the train"']
    assert await completed("my_tag:%") == ['"100%"']
    assert await completed("tagged:") == ['"100%"', '"for the train"', '"Rain"']
    assert await completed("rai") == ['tagged:"Rain"', 'tagged:"for the train"']
    assert await completed("rai", BEN) == ['tagged:"raining"']
