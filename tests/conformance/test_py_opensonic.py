"""A client library that others wrote, against a running server: what it can use, Segue can do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from libopensonic import AsyncConnection
from libopensonic.errors import DataNotFoundError, SonicError

from tests.conformance.house import Server

pytestmark = pytest.mark.anyio


def connection(server: Server, **options: Any) -> AsyncConnection:
    return AsyncConnection(server.host, port=server.port, app_name="py-opensonic", **options)


@pytest.fixture(params=["token", "password", "api key", "get"])
async def app(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[AsyncConnection]:
    """The library signed in in each of the ways it knows."""
    person = {"username": server.username, "password": server.app_password}
    options: dict[str, Any] = {
        "token": person,
        "password": {"username": server.username, "password": server.password, "legacy_auth": True},
        "api key": {"api_key": server.app_password},
        "get": {**person, "use_get": True, "use_views": False},
    }[request.param]
    made = connection(server, **options)
    yield made
    await made.cleanup()


async def test_it_signs_in_in_every_way(app: AsyncConnection, server: Server) -> None:
    assert await app.ping()
    assert (await app.get_license())["license"]["valid"] is True
    assert (await app.token_info()).username == server.username
    assert {"formPost", "apiKeyAuthentication"} <= {one.name for one in await app.get_open_subsonic_extensions()}


async def test_it_walks_from_an_artist_to_a_stream(app: AsyncConnection) -> None:
    index = await app.get_artists()
    listed = [artist for letter in index.index or [] for artist in letter.artist or []]
    assert listed
    artist = await app.get_artist(listed[0].id)
    album = await app.get_album((artist.album or [])[0].id)
    song = await app.get_song((album.song or [])[0].id)
    assert song.album_id == album.id
    response = await app.stream(song.id)
    assert len(await response.read()) == song.size
    saved = await app.download(song.id)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    directory = await app.get_music_directory(album.id)
    assert [child.id for child in directory.child or []] == [child.id for child in album.song or []]
    assert await app.get_indexes()
    assert (await app.get_artist_info2(artist.id)).similar_artist == []
    assert await app.get_album_info2(album.id)


async def test_it_reads_covers_and_lists(app: AsyncConnection) -> None:
    albums = await app.get_album_list2("alphabeticalByName", size=500)
    covered = next(album for album in albums if album.cover_art)
    cover = await app.get_cover_art(covered.cover_art, 100)
    assert cover.headers["Content-Type"].startswith("image/")
    assert len(await app.get_album_list2("newest", size=2)) == 2
    assert await app.get_random_songs(size=3)
    assert await app.get_genres()
    genre = (await app.get_genres())[0].value
    assert await app.get_songs_by_genre(genre)
    found = await app.search3("", song_count=500, album_count=500, artist_count=500)
    assert {album.id for album in found.album or []} == {album.id for album in albums}


async def test_it_keeps_playlists(app: AsyncConnection) -> None:
    songs = [song.id for song in await app.get_random_songs(size=3)]
    assert await app.create_playlist(name="By an app", song_ids=songs)
    made = next(playlist for playlist in await app.get_playlists() if playlist.name == "By an app")
    assert [song.id for song in (await app.get_playlist(made.id)).entry or []] == songs
    assert await app.update_playlist(made.id, name="Renamed", song_indices_to_remove=[0], song_ids_to_add=[songs[0]])
    again = await app.get_playlist(made.id)
    assert (again.name, [song.id for song in again.entry or []]) == ("Renamed", [*songs[1:], songs[0]])
    assert made.id in {playlist.id for playlist in await app.get_playlists()}
    assert await app.delete_playlist(made.id)
    with pytest.raises(DataNotFoundError):
        await app.get_playlist(made.id)


async def test_it_stars_rates_plays_and_queues(app: AsyncConnection) -> None:
    song, other = (await app.search3("", song_count=2)).song or []
    assert await app.star(sids=[song.id], album_ids=[song.album_id or ""])
    starred = await app.get_starred2()
    assert song.id in {one.id for one in starred.song or []}
    assert song.album_id in {one.id for one in starred.album or []}
    assert await app.unstar(sids=[song.id], album_ids=[song.album_id or ""])
    assert await app.set_rating(song.id, 4)
    before = (await app.get_song(song.id)).play_count or 0
    assert await app.scrobble(song.id, listen_time=1_700_000_000 + before * 600)
    after = await app.get_song(song.id)
    assert (after.user_rating, after.play_count) == (4, before + 1)
    assert await app.scrobble(other.id, submission=False)
    assert other.id in {one.id for one in await app.get_now_playing()}
    assert await app.save_play_queue([song.id, other.id], current=other.id, position=1500)
    queue = await app.get_play_queue()
    assert (queue.current, queue.position, len(queue.entry or [])) == (other.id, 1500, 2)
    assert await app.save_play_queue_by_index([song.id, song.id], current_index=1, position=10)
    assert (await app.get_play_queue_by_index()).current_index == 1
    assert await app.create_bookmark(song.id, 500, "here")
    assert [mark.position for mark in await app.get_bookmarks()] == [500]
    assert await app.delete_bookmark(song.id)


async def test_it_asks_about_people_and_scans(app: AsyncConnection, server: Server) -> None:
    assert (await app.get_user(server.username)).admin_role is True
    assert server.username in {user.username for user in await app.get_users()}
    assert (await app.get_scan_status()).count
    assert await app.start_scan()


async def test_it_finds_nothing_where_there_is_nothing(app: AsyncConnection) -> None:
    assert await app.get_podcasts() == []
    assert await app.get_internet_radio_stations() == []
    assert await app.get_shares() == []
    for ask in (app.get_song("tr-99999999"), app.get_album("nonsense"), app.stream("al-1")):
        with pytest.raises(DataNotFoundError):
            await ask


async def test_a_wrong_password_is_refused(server: Server) -> None:
    made = connection(server, username=server.username, password="not the password", legacy_auth=True)
    with pytest.raises(SonicError):
        await made.get_license()
    await made.cleanup()
