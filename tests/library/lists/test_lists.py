"""Lists, pages of one thing, and who may see what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import event, insert, select, text, update

from segue.core.access import Actor
from segue.library.models import Album, AlbumCredit, Artist, Folder, Redirect, Track, TrackCredit
from segue.library.service import NotAsked, NotInLibrary
from segue.query import Compare, Entities, Window, parse_sort
from segue.query import page as query_page
from segue.query.fields import Scope
from tests.library.lists.conftest import ANN, BOB, NOBODY, House

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("tracks", "albums", "artists", "genres", "labels", "files", "folders")


async def test_every_sort_of_every_list_pages_to_the_whole_list(house: House) -> None:
    for kind, name in [(each, name) for each in KINDS for name in house.library.entities[each].sortable()]:
        for sort in (name, f"-{name}"):
            whole = await house.library.page(kind, ANN, sort=sort, window=Window(1000), with_total=True)
            assert whole.total == len(whole.items) > 0
            ids: list[int] = []
            cursor = None
            while True:
                part = await house.library.page(kind, ANN, sort=sort, window=Window(101, cursor))
                ids += [item.id for item in part.items]
                cursor = part.next
                if cursor is None:
                    break
            assert ids == [item.id for item in whole.items], sort
            assert len(ids) == len(set(ids))


async def test_every_field_of_every_list_can_be_asked(house: House) -> None:
    values = {"integer": "1..5", "number": ">1", "date": "2015..2016", "duration": "1:00..3:00", "boolean": "true"}
    for kind, name in [(each, name) for each in KINDS for name in house.library.entities[each].fields]:
        field = house.library.entities[kind].fields[name]
        text_value = values.get(field.type) or (field.choices[0] if field.choices else None)
        text_value = text_value or (f"{field.prefix}-1" if field.prefix else "night")
        text_value = "spotify:night" if name == "external" else text_value
        node = house.library.filters(kind, [(name, text_value)])
        found = await house.library.page(kind, ANN, node, window=Window(1000), with_total=True)
        assert found.total == len(found.items), name
        if field.words is None:
            await house.library.page(kind, ANN, house.library.filters(kind, [("has", f"-{name}")]))


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_sees_rows_of_a_library_they_may_not_see(house: House, kind: str) -> None:
    everything = {item.id: item for item in (await house.library.page(kind, ANN, window=Window(1000))).items}
    seen = (await house.library.page(kind, BOB, window=Window(1000), with_total=True)).items
    assert 0 < len(seen) < len(everything) or kind in ("artists", "genres", "labels")
    for item in seen:
        if hasattr(item, "library"):
            assert item.library.id == 1
        elif kind == "artists":
            assert item.album_count <= everything[item.id].album_count
    assert (await house.library.page(kind, NOBODY)).items == []
    one = getattr(house.library, kind[:-1])
    for number in everything:
        if number not in {each.id for each in seen}:
            with pytest.raises(NotInLibrary) as caught:
                await one(number, BOB)
            assert caught.value.status == 404
            assert await one(number, ANN)
            break


async def test_counts_are_of_what_the_person_may_see(house: House) -> None:
    for kind in ("genres", "labels", "artists"):
        for item in (await house.library.page(kind, BOB, window=Window(1000))).items:
            name = {"genres": "genre", "labels": "label", "artists": "appears"}[kind]
            assert await house.library.count("albums", BOB, Compare(name, "=", item.id)) == item.album_count


async def test_a_page_of_albums_takes_the_same_number_of_statements_whatever_its_length(house: House) -> None:
    seen: list[str] = []
    engine = house.db._reader.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    counts = []
    for limit in (1, 50):
        for kind in ("albums", "tracks", "artists"):
            seen.clear()
            await house.library.page(kind, ANN, window=Window(limit))
            counts.append((kind, len([statement for statement in seen if statement.startswith("SELECT")])))
    assert counts[:3] == counts[3:]
    assert max(number for _, number in counts) <= 7


async def test_an_albums_page_has_its_discs_tracks_and_reason(house: House) -> None:
    album_id = house.collection.albums[4]
    async with house.db.write() as tx:
        ids = select(Track.id).where(Track.album_id == album_id).order_by(Track.id)
        last = (await tx.execute(ids)).all()[-1]
        await tx.execute(update(Track).where(Track.id == last.id).values(disc=2, position=1, disc_subtitle="Live"))
    page = await house.library.album(album_id, ANN)
    assert [(disc.number, disc.subtitle, len(disc.tracks)) for disc in page.discs] == [(1, None, 3), (2, "Live", 1)]
    assert page.grouping.sentence.endswith(".")
    assert page.album.artists[0].role == "album_artist"
    track = page.discs[0].tracks[0]
    assert track.album.id == album_id
    assert track.artists
    assert track.album_artists == page.album.artists
    assert track.artwork == page.album.artwork
    assert {credit.role for credit in page.credits} <= {"composer"}


async def test_an_artists_page_has_their_albums_by_role_each_once(house: House) -> None:
    for number in house.collection.artists:
        page = await house.library.artist(number, ANN)
        roles = [role for role, _ in page.albums]
        assert len(roles) == len(set(roles))
        own = {album.id for role, albums in page.albums if role == "album_artist" for album in albums}
        others = {album.id for role, albums in page.albums if role == "artist" for album in albums}
        assert not own & others
        async with house.db.read() as conn:
            credited = select(AlbumCredit.album_id).where(AlbumCredit.artist_id == number)
            assert own == set((await conn.scalars(credited)).all())
        assert page.artist.roles.get("album_artist", (0, 0))[0] == len(own)


async def test_missing_music_is_left_out_until_asked_for_and_found_by_its_id(house: House) -> None:
    gone = house.collection.tracks[3]
    async with house.db.write() as tx:
        await tx.execute(update(Track).where(Track.id == gone).values(missing_since=NOW))
    listed = await house.library.page("tracks", ANN, window=Window(1000))
    assert gone not in [track.id for track in listed.items]
    asked = await house.library.page("tracks", ANN, house.library.filters("tracks", [("missing", "true")]))
    assert [track.id for track in asked.items] == [gone]
    both = house.library.filters("tracks", [("missing", "true,false")])
    assert await house.library.count("tracks", ANN, both) == len(house.collection.tracks)
    assert (await house.library.track(gone, ANN)).missing_since == NOW
    assert [track.id for track in await house.library.tracks_of([gone], ANN)] == [gone]


async def test_tracks_come_in_the_order_asked_repeated_and_without_what_is_hidden(house: House) -> None:
    wanted = [5, 2, 5, 99999, 8, 1]
    assert [track.id for track in await house.library.tracks_of(wanted, ANN)] == [5, 2, 5, 8, 1]
    seen = [track.id for track in await house.library.tracks_of(wanted, BOB)]
    assert seen == [track.id for track in await house.library.tracks_of(wanted, ANN) if track.library_id == 1]
    assert await house.library.tracks_of([], ANN) == []


async def test_a_merged_id_leads_to_the_row_it_was_merged_into(house: House) -> None:
    kept = house.collection.artists[0]
    async with house.db.write() as tx:
        await tx.execute(
            insert(Redirect),
            [
                {"kind": "artist", "old_id": 7001, "new_id": 7002, "created_at": NOW},
                {"kind": "artist", "old_id": 7002, "new_id": kept, "created_at": NOW},
                {"kind": "artist", "old_id": 7003, "new_id": 7004, "created_at": NOW},
                {"kind": "artist", "old_id": 7004, "new_id": 7003, "created_at": NOW},
            ],
        )
    assert (await house.library.artist(7001, ANN)).artist.id == kept
    with pytest.raises(NotInLibrary):
        await house.library.artist(7003, ANN)


async def test_the_index_files_every_album_artist_under_one_letter(house: House) -> None:
    letters = await house.library.artist_index(ANN)
    names = [letter.letter for letter in letters]
    assert len(names) == len(set(names))
    assert "#" not in names[1:]
    filed = [artist.id for letter in letters for artist in letter.artists]
    async with house.db.read() as conn:
        assert set(filed) == set((await conn.scalars(select(AlbumCredit.artist_id))).all())
    assert len(filed) == len(set(filed))
    one_library = await house.library.artist_index(ANN, library_ids=[1])
    restricted = await house.library.artist_index(BOB)
    assert [[artist.id for artist in letter.artists] for letter in one_library] == [
        [artist.id for artist in letter.artists] for letter in restricted
    ]
    assert await house.library.artist_index(BOB, library_ids=[2]) == []


async def test_letters_of_other_alphabets_are_their_own(house: House) -> None:
    from segue.core.text import sort_key

    names = ["Кино", "椎名林檎", "さくら", "!!!", "10cc", "The Zombies", "Émilie", "a-ha"]
    async with house.db.write() as tx:
        for number, name in enumerate(names, 8001):
            key = sort_key(name)
            await tx.execute(insert(Artist).values(id=number, name=name, name_key=name, sort_key=key, added_at=NOW))
            await tx.execute(
                text("INSERT INTO artist_counts VALUES (:id, 1, 'album_artist', 1, 1)"),
                {"id": number},
            )
    found = {artist.id: letter.letter for letter in await house.library.artist_index(ANN) for artist in letter.artists}
    letters = [found[number] for number in range(8001, 8001 + len(names))]
    assert letters == ["К", "漢", "さ", "#", "#", "Z", "E", "A"]


ALBUM_LISTS = "random newest alphabeticalByName alphabeticalByArtist highest frequent recent starred"


async def test_pages_of_an_album_list_put_together_are_the_list(house: House) -> None:
    for kind in ALBUM_LISTS.split():
        await check_album_list(house, kind)


async def check_album_list(house: House, kind: str) -> None:
    whole = [album.id for album in await house.library.album_list(ANN, kind, size=500, seed="s")]
    parts = [
        album.id
        for offset in range(0, 70, 7)
        for album in await house.library.album_list(ANN, kind, size=7, offset=offset, seed="s")
    ]
    assert parts == whole
    assert len(whole) == len(set(whole)) > 0
    if kind in ("random", "newest", "alphabeticalByName", "alphabeticalByArtist"):
        assert len(whole) == 60
    views = {album.id: album for album in await house.library.album_list(ANN, kind, size=500, seed="s")}
    personal = [views[number].personal for number in whole]
    if kind == "frequent":
        plays = [known["play_count"] for known in personal]
        assert plays == sorted(plays, reverse=True)
        assert min(plays) > 0
    if kind == "starred":
        stars = [known["starred_at"] for known in personal]
        assert stars == sorted(stars, reverse=True)
        assert None not in stars
    if kind == "highest":
        ratings = [known["rating"] for known in personal]
        assert ratings == sorted(ratings, reverse=True)
        assert min(ratings) > 0


async def test_albums_by_year_go_either_way_and_by_genre_have_it(house: House) -> None:
    up = await house.library.album_list(ANN, "byYear", from_year=1960, to_year=2000, size=500)
    years = [album.year for album in up if album.year is not None]
    assert len(years) == len(up) > 0
    assert years == sorted(years)
    down = await house.library.album_list(ANN, "byYear", from_year=2000, to_year=1960, size=500)
    assert [album.id for album in down] == [album.id for album in reversed(up)]
    genre = up[0].genres[0]
    for album in await house.library.album_list(ANN, "byGenre", genre_id=genre.id, size=500):
        assert genre in album.genres


async def test_an_album_list_that_cannot_be_made_says_why(house: House) -> None:
    for kind in ("byYear", "byGenre", "bestest"):
        with pytest.raises(NotAsked):
            await house.library.album_list(ANN, kind)


async def test_stars_and_ratings_are_of_the_person_who_asks(house: House) -> None:
    starred = house.library.filters("albums", [("starred", "true")])
    mine = await house.library.list_albums(ANN, starred, window=Window(1000))
    assert mine.items
    assert all(album.personal["starred_at"] for album in mine.items)
    other = Actor(9, "other", libraries=None)
    assert (await house.library.list_albums(other, starred)).items == []
    everything = await house.library.list_albums(other, window=Window(1000))
    assert all(album.personal["rating"] == 0 and album.personal["play_count"] == 0 for album in everything.items)


async def test_a_search_without_words_pages_the_whole_library_while_it_grows(house: House) -> None:
    for typed in ("", '""', "  "):
        ids = [
            track.id
            for offset in range(0, 250, 50)
            for track in (await house.library.search(typed, ANN, tracks=Window(50, offset=offset))).tracks
        ]
        assert sorted(ids) == sorted(house.collection.tracks)
        assert len(ids) == len(set(ids))


async def test_a_search_finds_only_what_is_present_and_may_be_seen(house: House) -> None:
    title = (await house.library.track(1, ANN)).title
    found = await house.library.search(title, ANN, tracks=Window(500))
    assert found.tracks[0].title == title
    assert found.artists == found.albums == []
    assert 1 in [track.id for track in found.tracks]
    seen = await house.library.search(title, BOB, tracks=Window(500))
    assert all(track.library_id == 1 for track in seen.tracks)
    assert (await house.library.search(title, NOBODY, tracks=Window(500))).tracks == []
    async with house.db.write() as tx:
        await tx.execute(update(Track).where(Track.id == 1).values(missing_since=NOW))
    later = await house.library.search(title, ANN, tracks=Window(500))
    assert 1 not in [track.id for track in later.tracks]


async def test_a_folder_tells_its_parents_folders_and_tracks(house: House) -> None:
    roots = await house.library.root_folders(ANN)
    assert [root.name for root in roots] == ["Library 1", "Library 2"]
    root = await house.library.folder(roots[0].id, ANN)
    assert root.folder.folder_count == len(root.folders) == 30
    inside = await house.library.folder(root.folders[0].id, ANN)
    assert [parent.id for parent in inside.parents] == [roots[0].id]
    assert [track.position for track in inside.tracks] == [1, 2, 3, 4]
    assert inside.folder.file_count == 4
    assert [folder.id for folder in await house.library.root_folders(BOB)] == [roots[0].id]
    with pytest.raises(NotInLibrary):
        await house.library.folder(roots[1].id, BOB)


async def test_an_album_by_role_and_a_track_by_composer_can_be_asked(house: House) -> None:
    async with house.db.read() as conn:
        composed = (await conn.execute(select(TrackCredit).where(TrackCredit.role == "composer").limit(1))).one()
    node = house.library.filters("tracks", [("composer", f"ar-{composed.artist_id}")])
    found = await house.library.list_tracks(ANN, node, window=Window(1000))
    assert composed.track_id in [track.id for track in found.items]
    for track in found.items:
        assert ("composer", composed.artist_id) in [(credit.role, credit.artist_id) for credit in track.credits]
    appears = await house.library.list_albums(
        ANN, house.library.filters("albums", [("appears", f"ar-{composed.artist_id}")]), window=Window(1000)
    )
    assert {track.album.id for track in found.items} <= {album.id for album in appears.items}


async def test_release_types_are_asked_with_commas_and_left_out_with_a_minus(house: House) -> None:
    whole = (await house.library.list_albums(ANN, window=Window(1000))).items
    for written, wanted in {
        "live": lambda types: "live" in types,
        "album,-live": lambda types: "album" in types and "live" not in types,
        "ep,single": lambda types: "ep" in types or "single" in types,
    }.items():
        found = await house.library.list_albums(
            ANN, house.library.filters("albums", [("type", written)]), window=Window(1000)
        )
        assert {album.id for album in found.items} == {album.id for album in whole if wanted(album.release_types)}


def test_every_index_that_a_sort_names_is_there() -> None:
    from segue.core.db import Base
    from segue.library.fields import ENTITIES

    there = {index.name for table in Base.metadata.tables.values() for index in table.indexes}
    there |= {constraint.name for table in Base.metadata.tables.values() for constraint in table.constraints}
    for entity in Entities(ENTITIES):
        for field in entity.fields.values():
            if field.sort and field.sort.index:
                names = {str(name) for name in there}
                assert field.sort.index in names, (entity.name, field.name)


@pytest.mark.parametrize("db_kind", ["sqlite"])
@pytest.mark.parametrize("kind", ["tracks", "albums"])
async def test_a_sort_with_an_index_reads_nothing_but_the_index(house: House, kind: str) -> None:
    entity = house.library.entities[kind]
    for name, field in entity.fields.items():
        if field.sort is None or field.sort.index is None:
            continue
        for sort in (name, f"-{name}"):
            question = query_page.Question(entity, house.library.filters(kind, []), parse_sort(entity, sort), None)
            scope = Scope.of(ANN, "sqlite")
            keys = question.order.keys(entity, scope)
            statement = query_page._select(question, scope, [key.expression for key in keys])
            statement = statement.order_by(*(key.clause() for key in keys)).limit(50).offset(20)
            async with house.db.read() as conn:
                sql = str(statement.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True}))
                plan = [row.detail for row in await conn.execute(text("EXPLAIN QUERY PLAN " + sql))]
            assert any(f"USING COVERING INDEX {field.sort.index}" in step for step in plan), (sort, plan)
            assert not any("TEMP B-TREE" in step for step in plan), (sort, plan)


async def test_a_folder_without_a_parent_is_a_root(house: House) -> None:
    found = await house.library.list_folders(ANN, house.library.filters("folders", [("has", "-parent")]))
    async with house.db.read() as conn:
        roots = (await conn.scalars(select(Folder.id).where(Folder.parent_id.is_(None)))).all()
    assert {folder.id for folder in found.items} == set(roots)
    assert isinstance(await house.library.count("albums", ANN), int)
    assert await house.library.count("albums", ANN) == len(house.collection.albums) == 60
    async with house.db.read() as conn:
        assert len((await conn.scalars(select(Album.id))).all()) == 60
