"""Smart lists: asked anew whenever they are read, with their owner's eyes, and never in a circle."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.listening.models import Annotation
from segue.playlists import browsing
from segue.playlists.errors import BadPlaylist, NotYourPlaylist, PlaylistCycle, TooDeep
from segue.playlists.service import NewRow, PlaylistService
from segue.query import BadCursor, BadQuery
from tests.playlists.ground import playlists_of, set_tracks
from tests.rows import Rows, some_music

pytestmark = pytest.mark.anyio


@pytest.fixture
async def music(db: Database) -> Rows:
    rows = await some_music(db)
    await set_tracks(db, rows.tracks[0], year=1970)
    await set_tracks(db, rows.tracks[1], year=1980)
    return rows


@pytest.fixture
def anna(music: Rows) -> Actor:
    return Actor(1, "anna", libraries=frozenset(music.libraries), time_zone="Europe/Berlin")


@pytest.fixture
def ben(music: Rows) -> Actor:
    return Actor(2, "ben", libraries=frozenset(music.libraries[:1]))


@pytest.fixture
def playlists(db: Database, anna: Actor, ben: Actor) -> PlaylistService:
    return playlists_of(db, anna, ben)


async def star(db: Database, person: Actor, *tracks: int) -> None:
    async with db.write() as tx:
        for track in tracks:
            row = {"user_id": person.person, "kind": "track", "entity_id": track, "starred_at": datetime.now(UTC)}
            await tx.execute(insert(Annotation).values(row))
            tx.changed("track", track, user_id=person.person)


async def tracks_of(playlists: PlaylistService, actor: Actor, number: int) -> list[int | None]:
    return [row.track_id for row in (await playlists.playlist(actor, number))[1]]


async def test_a_smart_list_holds_what_its_query_finds_whenever_it_is_read(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Seventies", query="year:1970..1979 sort:-title")
    assert await tracks_of(playlists, anna, number) == music.tracks[0][::-1]
    view = await playlists.view(anna, number)
    assert (view.kind, view.track_count, view.duration_ms, view.more) == ("smart", 4, 10_000, False)
    assert view.normalized == "year:1970..1979 sort:-title"
    await set_tracks(db, music.tracks[0][:3], year=1999)
    assert await tracks_of(playlists, anna, number) == music.tracks[0][3:]
    assert [one.track_count for _, one in await playlists.playlists(anna)] == [1]


async def test_a_list_is_filled_with_its_owners_eyes_from_what_its_reader_may_see(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    await star(db, anna, music.tracks[0][1], music.tracks[1][2])
    await star(db, ben, music.tracks[0][3])
    number = await playlists.create(anna, "Hers", query="is:starred", visibility="public")
    assert await tracks_of(playlists, anna, number) == [music.tracks[0][1], music.tracks[1][2]]
    assert await tracks_of(playlists, ben, number) == [music.tracks[0][1]]
    assert (await playlists.view(ben, number)).personal


async def test_not_a_rating_is_also_what_was_never_rated(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    async with db.write() as tx:
        for track, rating in zip(music.tracks[0], (1, 5, None, None), strict=True):
            row = {"user_id": anna.person, "kind": "track", "entity_id": track, "rating": rating}
            await tx.execute(insert(Annotation).values(row))
    number = await playlists.create(anna, "No dislikes", query="NOT rating:1 NOT plays:>=3 year:1970 sort:title")
    assert await tracks_of(playlists, anna, number) == music.tracks[0][1:]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("limit:3", [0, 1, 2]),
        ("limit:3 offset:2", [2, 3]),
        ("limit:50%", [0, 1]),
        ("limit:1%", [0]),
        ("limit:2kb", [0, 1]),
        ("limit:999b", []),
        ("limit:1min", [0, 1, 2, 3]),
    ],
)
async def test_a_limit_takes_rows_minutes_bytes_or_a_share(
    playlists: PlaylistService, music: Rows, anna: Actor, limit: str, expected: list[int]
) -> None:
    number = await playlists.create(anna, "Some", query=f"year:1970 sort:title {limit}")
    wanted = [music.tracks[0][place] for place in expected]
    assert await tracks_of(playlists, anna, number) == wanted
    view, page = await playlists.rows(anna, number, limit=2)
    assert (view.track_count, page.total) == (len(wanted), len(wanted))
    assert view.duration_ms == sum((place + 1) * 1000 for place in expected)
    pages = [row.track_id for row in page.rows]
    while page.next is not None:
        _, page = await playlists.rows(anna, number, limit=2, cursor=page.next)
        pages += [row.track_id for row in page.rows]
    assert pages == wanted


async def test_a_random_order_stays_until_the_list_is_changed(
    playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Mixed", query="* sort:random limit:6")
    first = await tracks_of(playlists, anna, number)
    assert len(set(first)) == 6
    assert await tracks_of(playlists, anna, number) == first
    _, page = await playlists.rows(anna, number, limit=4)
    _, rest = await playlists.rows(anna, number, limit=4, cursor=page.next)
    assert [row.track_id for row in [*page.rows, *rest.rows]] == first


async def test_pages_of_a_long_list_follow_one_another(playlists: PlaylistService, music: Rows, anna: Actor) -> None:
    number = await playlists.create(anna, "All", query="* sort:year,title")
    _, page = await playlists.rows(anna, number, limit=3)
    seen = [row.track_id for row in page.rows]
    while page.next:
        _, page = await playlists.rows(anna, number, limit=3, cursor=page.next)
        seen += [row.track_id for row in page.rows]
    assert seen == [*music.tracks[0], *music.tracks[1]]
    with pytest.raises(BadCursor):
        await playlists.rows(anna, number, limit=3, cursor="nonsense")


async def test_a_preview_counts_while_a_query_is_written(playlists: PlaylistService, music: Rows, anna: Actor) -> None:
    found = await playlists.preview(anna, "year : 1970", limit=2)
    assert (found.count, found.more, found.duration_ms, found.normalized) == (4, False, 10_000, "year:1970")
    assert [row.title for row in found.rows] == ["Song 1", "Song 2"]
    with pytest.raises(BadQuery) as refused:
        await playlists.preview(anna, "yaer:1970")
    assert refused.value.code == "unknown_field"
    warned = await playlists.preview(anna, "valence:>5")
    assert (warned.count, [warning.code for warning in warned.warnings]) == (0, ["no_data_yet"])


async def test_rows_of_a_smart_list_are_changed_by_its_query_alone(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    number = await playlists.create(anna, "Seventies", query="year:1970", visibility="public")
    with pytest.raises(BadPlaylist) as refused:
        await playlists.add_tracks(anna, number, music.tracks[0][:1])
    assert refused.value.code == "smart_playlist"
    with pytest.raises(NotYourPlaylist):
        await playlists.set_query(ben, number, "year:1980")
    await playlists.set_query(anna, number, "year:1980")
    assert await tracks_of(playlists, anna, number) == music.tracks[1]
    await playlists.undo(anna, number)
    assert await tracks_of(playlists, anna, number) == music.tracks[0]
    assert (await playlists.view(anna, number)).query == "year:1970"
    for nothing in ("", "   "):
        with pytest.raises((BadPlaylist, BadQuery)):
            await playlists.create(anna, "Empty", query=nothing)


async def test_a_smart_list_is_frozen_and_thawed(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create(anna, "Seventies", query="year:1970")
    await playlists.freeze(anna, number)
    await set_tracks(db, music.tracks[0], year=2000)
    view, rows = await playlists.playlist(anna, number)
    assert (view.kind, view.query, view.editable, view.track_count, view.duration_ms) == (
        "manual",
        None,
        True,
        4,
        10_000,
    )
    await playlists.remove_rows(anna, number, [rows[0].id or 0])
    await playlists.undo(anna, number)
    assert await tracks_of(playlists, anna, number) == music.tracks[0]
    await playlists.undo(anna, number)
    view = await playlists.view(anna, number)
    assert (view.kind, view.query, view.track_count) == ("smart", "year:1970", 0)


async def test_a_manual_list_becomes_smart_and_gets_its_rows_back(
    playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    number = await playlists.create_with_rows(anna, "Kept", [NewRow(music.tracks[1][0]), NewRow(title="Lost")])
    await playlists.set_query(anna, number, "year:1970")
    assert (await playlists.view(anna, number)).track_count == 4
    await playlists.undo(anna, number)
    view, rows = await playlists.playlist(anna, number)
    assert (view.kind, view.track_count, view.duration_ms) == ("manual", 2, 1000)
    assert [row.title for row in rows] == ["Song 1", "Lost"]


async def test_a_list_is_filled_from_others_by_id_and_by_name(
    playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    (one, two, *_), others = music.tracks[0], music.tracks[1]
    manual = await playlists.create(anna, "Late trains", [one, one, others[0]])
    smart = await playlists.create(anna, "Eighties", query="year:1980 sort:title limit:2")
    hidden = await playlists.create(ben, "Late trains", [two])
    for query, expected in [
        (f"in:pl-{manual}", [one, others[0]]),
        ('in:"late trains"', [one, others[0]]),
        ("in:trains", [one, others[0]]),
        (f"in:pl-{smart}", others[:2]),
        (f"in:pl-{smart} OR in:pl-{manual}", [one, others[0], others[1]]),
        (f"in:pl-{smart},pl-{manual} year:1970", [one]),
        (f"NOT in:pl-{smart} year:1980", others[2:]),
        (f"in:pl-{hidden}", []),
        ("in:pl-99999", []),
    ]:
        found = await playlists.preview(anna, query)
        assert sorted(row.track_id or 0 for row in found.rows) == sorted(expected), query


async def test_a_list_inside_another_keeps_its_own_owners_eyes(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    await star(db, anna, music.tracks[0][1])
    await star(db, ben, music.tracks[0][2], music.tracks[0][3])
    theirs = await playlists.create(ben, "Ben's stars", query="is:starred", visibility="public")
    top = await playlists.create(ben, "Ben's last star", query="is:starred sort:-title limit:1", visibility="public")
    mine = await playlists.create(anna, "Ours", query=f"is:starred OR in:pl-{theirs}")
    assert await tracks_of(playlists, anna, mine) == music.tracks[0][1:]
    last = await playlists.create(anna, "One of his", query=f"in:pl-{top}")
    assert await tracks_of(playlists, anna, last) == music.tracks[0][3:]


async def test_lists_filled_from_one_another_in_a_circle_are_refused_and_named(
    playlists: PlaylistService, anna: Actor
) -> None:
    first = await playlists.create(anna, "First", query="year:1970")
    second = await playlists.create(anna, "Second", query=f"in:pl-{first}")
    third = await playlists.create(anna, "Third", query=f"in:pl-{second} OR year:1980")
    with pytest.raises(PlaylistCycle) as refused:
        await playlists.set_query(anna, first, f"in:pl-{third}")
    assert refused.value.message.endswith("First → Third → Second → First.")
    with pytest.raises(PlaylistCycle):
        await playlists.set_query(anna, first, "in:first")
    with pytest.raises(PlaylistCycle):
        await playlists.preview(anna, 'in:"third"', playlist_id=first)
    assert await tracks_of(playlists, anna, third)


async def test_a_circle_that_a_new_name_closes_is_told_where_the_list_is_read(
    playlists: PlaylistService, anna: Actor
) -> None:
    one = await playlists.create(anna, "One", query='in:"Two" OR year:1970')
    two = await playlists.create(anna, "Another", query='in:"One"')
    await playlists.change(anna, two, name="Two")
    view, page = await playlists.rows(anna, one)
    assert view.problem is not None
    assert view.problem[0] == "playlist_cycle"
    assert page.rows == []
    assert {one.problem[0] for _, one in await playlists.playlists(anna) if one.problem} == {"playlist_cycle"}


async def test_lists_filled_from_lists_have_an_end(playlists: PlaylistService, anna: Actor) -> None:
    last = await playlists.create(anna, "0", query="year:1970")
    with pytest.raises(TooDeep):
        for level in range(1, 20):
            last = await playlists.create(anna, str(level), query=f"in:pl-{last}")


async def test_a_query_that_can_no_longer_be_asked_is_told_with_its_list(
    db: Database, playlists: PlaylistService, anna: Actor
) -> None:
    from sqlalchemy import update

    from segue.playlists.models import Playlist

    number = await playlists.create(anna, "Old", query="year:1970")
    async with db.write() as tx:
        await tx.execute(update(Playlist).values(query="nosuchfield:1"))
    view, page = await playlists.rows(anna, number)
    assert (view.problem and view.problem[0], page.rows) == ("unknown_field", [])
    await playlists.set_query(anna, number, "year:1980")
    assert (await playlists.view(anna, number)).track_count == 4


async def test_the_feed_tells_lists_that_a_change_touches_and_no_others(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor, ben: Actor
) -> None:
    feed = ChangeFeed(db)
    feed.follow(playlists.touched)
    by_year = await playlists.create(anna, "Seventies", query="year:1970")
    by_star = await playlists.create(anna, "Stars", query="is:starred", visibility="public")
    by_order = await playlists.create(anna, "Often", query="* sort:-plays limit:3")
    await playlists.create(anna, "By hand", music.tracks[0])

    async def told(actor: Actor, since: int) -> set[str]:
        page = await feed.since(since, actor)
        assert page.cursor >= since
        return {item.id for item in page.items if item.kind == "playlist"}

    start = (await feed.head(anna)).cursor
    assert await told(anna, start) == set()
    await star(db, anna, music.tracks[0][0])
    assert await told(anna, start) == {f"pl-{by_star}", f"pl-{by_order}"}
    assert await told(ben, start) == {f"pl-{by_star}"}
    start = (await feed.head(anna)).cursor
    await star(db, ben, music.tracks[0][0])
    assert await told(anna, start) == set()
    await set_tracks(db, music.tracks[0][:1], year=1971)
    assert await told(anna, start) == {f"pl-{by_year}", f"pl-{by_star}", f"pl-{by_order}"}
    only = await feed.since(start, anna, kinds=["playlist"])
    assert {item.kind for item in only.items} == {"playlist"}
    assert len(only.items) == 3


async def test_counts_in_lists_of_lists_follow_every_change(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor
) -> None:
    await playlists.create(anna, "Stars", query="is:starred")
    counts = []
    for track in music.tracks[0]:
        counts.append([view.track_count for _, view in await playlists.playlists(anna)])
        counts.append([view.track_count for _, view in await playlists.playlists(anna)])
        await star(db, anna, track)
    assert counts == [[0], [0], [1], [1], [2], [2], [3], [3]]


async def test_where_very_many_lists_must_be_counted_again_some_wait_for_the_next_time(
    db: Database, playlists: PlaylistService, music: Rows, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [await playlists.create(anna, f"Stars {number}", query="is:starred") for number in range(3)]
    await playlists.playlists(anna)
    await star(db, anna, music.tracks[0][0])
    monkeypatch.setattr(browsing, "COUNTING_S", -1.0)
    assert [view.track_count for _, view in await playlists.playlists(anna)] == [0, 0, 0]
    assert (await playlists.view(anna, numbers[0])).track_count == 1
    assert [view.track_count for _, view in await playlists.playlists(anna)] == [1, 0, 0]
    monkeypatch.setattr(browsing, "COUNTING_S", 60.0)
    assert [view.track_count for _, view in await playlists.playlists(anna)] == [1, 1, 1]
