"""What apps rely on beyond the shape of answers: signing in, paging, order, playlists, queues, who sees what."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from segue.accounts.service import AccountService
from segue.core.access import SYSTEM
from tests.conformance.house import APP_PASSWORD, PASSWORD, Face
from tests.library.media import make_audio

pytestmark = pytest.mark.anyio


async def said(face: Face, method: str, query: str) -> dict[str, Any]:
    """The body for a query that signs in by itself."""
    response = await face.client.get(f"/{method}?v=1.16.1&c=test&f=json&{query}")
    return dict(response.json()["subsonic-response"])


def token(secret: str, salt: str = "c19b2d") -> str:
    return f"t={hashlib.md5((secret + salt).encode()).hexdigest()}&s={salt}"


# --- signing in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        f"u=ann&p={PASSWORD}",
        f"u=ANN&p={APP_PASSWORD}",
        f"u=ann&p=enc:{PASSWORD.encode().hex()}",
        f"u=ann&p=enc:{APP_PASSWORD.encode().hex().upper()}",
        f"u=ann&{token(APP_PASSWORD)}",
        f"u=ann&{token(APP_PASSWORD).upper().replace('T=', 't=').replace('S=C19B2D', 's=c19b2d')}",
        f"apiKey={APP_PASSWORD}",
    ],
)
async def test_every_way_of_signing_in_works(query: str, face: Face) -> None:
    assert (await said(face, "ping", query))["status"] == "ok"


@pytest.mark.parametrize(
    ("query", "code", "sentence"),
    [
        ("", 10, "'u'"),
        ("u=ann", 10, "'p'"),
        ("u=ann&p=", 10, "'p'"),
        ("u=ann&p=wrong", 40, "Wrong username or password"),
        ("u=nobody&p=wrong", 40, "Wrong username or password"),
        (f"u=ann&{token(PASSWORD)}", 41, "app password"),
        (f"u=ann&t={'0' * 32}&s=abcdef", 41, "app password"),
        (f"u=ann&apiKey={APP_PASSWORD}", 43, "apiKey"),
        (f"u=ann&p={PASSWORD}&{token(APP_PASSWORD)}", 43, "not both"),
        ("apiKey=wrong", 44, "API key"),
        (f"apiKey={PASSWORD}", 44, "API key"),
    ],
)
async def test_what_is_wrong_with_credentials_is_said(query: str, code: int, sentence: str, face: Face) -> None:
    error = (await said(face, "ping", query))["error"]
    assert error["code"] == code
    assert sentence in error["message"]


async def test_a_browsers_cookie_is_no_credential_here(face: Face) -> None:
    signed_in = await face.services.get(AccountService).sign_in("ann", PASSWORD, browser=True)
    cookie = getattr(signed_in, "cookie", None) or "x"
    response = await face.client.get("/ping?f=json", headers={"cookie": f"segue_session={cookie}"})
    assert response.json()["subsonic-response"]["error"]["code"] == 10


async def test_guessing_is_slowed_down_with_an_envelope(face: Face) -> None:
    statuses = set()
    for guess in range(12):
        response = await face.client.get(f"/ping?u=guessed&p=wrong{guess}&f=json")
        statuses.add(response.status_code)
        assert response.json()["subsonic-response"]["status"] == "failed"
    assert statuses == {200, 429}
    assert int(response.headers["retry-after"]) >= 1


# --- lists -----------------------------------------------------------------------------------------------------------


async def test_an_empty_search_pages_through_everything_once(face: Face) -> None:
    whole = (await face.ok("search3", "query=&songCount=500&albumCount=500&artistCount=500"))["searchResult3"]
    for kind in ("song", "album", "artist"):
        paged = []
        for offset in range(0, len(whole[kind]) + 2, 2):
            counts = {"song": 0, "album": 0, "artist": 0} | {kind: 2}
            query = "&".join(f"{name}Count={count}" for name, count in counts.items())
            answer = (await face.ok("search3", f'query=""&{query}&{kind}Offset={offset}'))["searchResult3"]
            paged += answer[kind]
            assert all(answer[other] == [] for other in counts if other != kind)
        assert [item["id"] for item in paged] == [item["id"] for item in whole[kind]]
    assert len(whole["song"]) == 13


async def test_search_finds_words_that_are_only_begun_in_any_script(face: Face) -> None:
    for query, kind, name in (
        ("fixt", "artist", "The Fixtures"), ("КИНО", "artist", "Кино"), ("音", "song", "音楽"), ("!!!", "album", "!!!"),
        ("first li", "album", "First Light"),
    ):  # fmt: skip
        found = (await face.ok("search3", f"query={query}"))["searchResult3"]
        assert name in [item.get("name", item.get("title")) for item in found[kind]], query


async def test_album_lists_are_in_the_order_they_say(face: Face) -> None:
    async def listed(query: str) -> list[dict[str, Any]]:
        return list((await face.ok("getAlbumList2", f"size=500&{query}"))["albumList2"]["album"])

    up = [album["year"] for album in await listed("type=byYear&fromYear=1970&toYear=2020")]
    assert up == sorted(up)
    assert [album["year"] for album in await listed("type=byYear&fromYear=2020&toYear=1970")] == up[::-1]
    assert {album["name"] for album in await listed("type=byGenre&genre=jazz")} == {"Two Discs"}
    assert await listed("type=byGenre&genre=Polka") == []
    everything = {album["id"] for album in await listed("type=alphabeticalByName")}
    assert {album["id"] for album in await listed("type=random")} == everything
    assert await listed("type=newest&offset=1000") == []


async def test_an_album_that_was_played_rated_and_starred_is_in_those_lists(face: Face) -> None:
    album = face.ids["album"]
    await face.ok("scrobble", "id={song}&time=1700000000000")
    await face.ok("setRating", "id={album}&rating=5")
    await face.ok("star", "albumId={album}")
    for kind in ("frequent", "recent", "highest", "starred"):
        listed = (await face.ok("getAlbumList2", f"type={kind}"))["albumList2"]["album"]
        assert [item["id"] for item in listed] == [album], kind
        assert (listed[0]["userRating"], listed[0]["playCount"]) == (5, 1)
    song = (await face.ok("getSong", "id={song}"))["song"]
    assert (song["playCount"], song["played"]) == (1, "2023-11-14T22:13:20.000Z")
    await face.ok("setRating", "id={album}&rating=0")
    await face.ok("unstar", "albumId={album}")
    assert (await face.ok("getAlbumList2", "type=starred"))["albumList2"]["album"] == []
    assert "userRating" not in (await face.ok("getAlbum", "id={album}"))["album"]


async def test_an_index_that_has_not_changed_is_not_sent_again(face: Face) -> None:
    index = (await face.ok("getIndexes"))["indexes"]
    assert [letter["name"] for letter in index["index"]]
    again = (await face.ok("getIndexes", f"ifModifiedSince={index['lastModified']}"))["indexes"]
    assert (again["index"], again["lastModified"]) == ([], index["lastModified"])
    older = (await face.ok("getIndexes", f"ifModifiedSince={index['lastModified'] - 1}"))["indexes"]
    assert older["index"] == index["index"]


async def test_discs_and_people_are_told(face: Face) -> None:
    album = (await face.ok("getAlbum", "id={two_discs}"))["album"]
    assert [(song["discNumber"], song["track"]) for song in album["song"]] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert album["discTitles"] == [{"disc": 1, "title": "Part 1"}, {"disc": 2, "title": "Part 2"}]
    song = (await face.ok("getSong", "id={classical}"))["song"]
    assert song["displayComposer"] == "Clara Composer"
    assert song["contributors"] == [
        {"role": "composer", "artist": {"id": face.ids["composer"], "name": "Clara Composer"}}
    ]
    composer = (await face.ok("getArtist", "id={composer}"))["artist"]
    assert (composer["roles"], [album["name"] for album in composer["album"]]) == (["composer"], ["Symphony"])


async def test_lyrics_have_their_times(face: Face) -> None:
    lyrics = (await face.ok("getLyricsBySongId", "id={with_lyrics}"))["lyricsList"]["structuredLyrics"]
    assert [(line["start"], line["value"]) for line in lyrics[0]["line"]] == [(50, "First line"), (200, "Second line")]
    plain = (await face.ok("getLyrics", "artist=the fixtures&title=SONG 2"))["lyrics"]
    assert plain == {"artist": "The Fixtures", "title": "Song 2", "value": "First line\nSecond line"}


async def test_folders_on_disk_can_be_walked(face: Face) -> None:
    root = (await face.ok("getMusicDirectory", "id=li-{folder}"))["directory"]
    names = {child["title"]: child for child in root["child"]}
    assert names["Two Discs"]["isDir"] is True
    inside = (await face.ok("getMusicDirectory", f"id={names['Two Discs']['id']}"))["directory"]
    assert (inside["parent"], [child["title"] for child in inside["child"]]) == (root["id"], ["CD1", "CD2"])


async def test_the_index_is_the_folders_on_disk_and_leads_to_every_song(face: Face) -> None:
    index = (await face.ok("getIndexes"))["indexes"]
    folders = {one["name"]: one["id"] for letter in index["index"] for one in letter["artist"]}
    assert [letter["name"] for letter in index["index"]] == ["C", "F", "T", "V", "漢"]
    assert folders.keys() == {"The Fixtures", "Two Discs", "Various", "Classics", "東京"}
    assert all(number.startswith("fo-") for number in folders.values())
    root = (await face.ok("getMusicDirectory", "id=li-{folder}"))["directory"]
    (loose,) = index["child"]
    assert (loose["isDir"], loose["parent"], loose["title"]) == (False, root["id"], "untagged & odd")
    assert [child["id"] for child in root["child"] if not child["isDir"]] == [loose["id"]]
    found, waiting = {loose["id"]}, list(folders.values())
    while waiting:
        number = waiting.pop()
        inside = (await face.ok("getMusicDirectory", f"id={number}"))["directory"]
        assert inside["id"] == number
        assert {child["parent"] for child in inside["child"]} == {number}
        found |= {child["id"] for child in inside["child"] if not child["isDir"]}
        waiting += [child["id"] for child in inside["child"] if child["isDir"]]
    everything = (await face.ok("search3", "query=&songCount=500"))["searchResult3"]["song"]
    assert found == {song["id"] for song in everything}
    assert (await face.ok("getIndexes", "musicFolderId={folder}"))["indexes"]["index"] == index["index"]


async def test_a_folder_stands_for_its_album_or_for_the_artist_of_its_name(face: Face) -> None:
    index = (await face.ok("getIndexes"))["indexes"]
    folders = {one["name"]: one["id"] for letter in index["index"] for one in letter["artist"]}
    artist = folders["The Fixtures"]
    (album,) = (await face.ok("getMusicDirectory", f"id={artist}"))["directory"]["child"]
    assert (album["title"], album["isDir"]) == ("First Light", True)
    await face.ok("star", f"id={artist}&id={album['id']}")
    starred = (await face.ok("getStarred2"))["starred2"]
    assert ([one["id"] for one in starred["artist"]], [one["id"] for one in starred["album"]]) == (
        [face.ids["artist"]], [face.ids["album"]],
    )  # fmt: skip
    await face.ok("unstar", f"id={artist}&id={album['id']}")
    await face.ok("setRating", f"id={album['id']}&rating=0")
    assert (await face.ok("getArtistInfo", f"id={artist}"))["artistInfo"]["musicBrainzId"]
    assert (await face.ok("getAlbumInfo", f"id={album['id']}"))["albumInfo"]["musicBrainzId"]
    assert (await face.get("getCoverArt", f"id={album['id']}")).headers["content-type"].startswith("image/")
    nobody = (await face.get("getArtistInfo", f"id={folders['Classics']}x")).json()["subsonic-response"]
    assert nobody["error"]["code"] == 70


# --- what people make ------------------------------------------------------------------------------------------------


async def test_places_in_a_playlist_are_counted_before_anything_is_added(face: Face) -> None:
    song, other = face.ids["song"], face.ids["classical"]
    made = (await face.ok("createPlaylist", f"name=P&songId={song}&songId={other}&songId={song}"))["playlist"]
    query = f"playlistId={made['id']}&songIndexToRemove=0&songIndexToRemove=2&songIndexToRemove=9&songIdToAdd={other}"
    await face.ok("updatePlaylist", f"{query}&comment=A+note&public=true")
    playlist = (await face.ok("getPlaylist", f"id={made['id']}"))["playlist"]
    assert [entry["id"] for entry in playlist["entry"]] == [other, other]
    assert (playlist["comment"], playlist["public"], playlist["owner"]) == ("A note", True, "ann")
    await face.ok("updatePlaylist", f"playlistId={made['id']}&comment=")
    assert (await face.ok("getPlaylist", f"id={made['id']}"))["playlist"]["comment"] == ""
    replaced = (await face.ok("createPlaylist", f"playlistId={made['id']}&songId={song}"))["playlist"]
    assert [entry["id"] for entry in replaced["entry"]] == [song]
    await face.ok("deletePlaylist", f"id={made['id']}")


async def test_a_playlist_keeps_a_song_whose_file_is_missing(face: Face) -> None:
    file = face.music / "Gone/soon.flac"
    make_audio(file, tags={"title": "Soon gone", "artist": "Nobody", "album": "Gone"}, seed=77)
    await face.rescan()
    song = (await face.ok("search3", "query=soon gone"))["searchResult3"]["song"][0]["id"]
    made = (await face.ok("createPlaylist", f"name=Keeps&songId={song}"))["playlist"]
    await face.ok("savePlayQueue", f"id={song}&current={song}")
    file.unlink()
    await face.rescan()
    assert (await face.ok("search3", "query=soon gone"))["searchResult3"]["song"] == []
    kept = (await face.ok("getPlaylist", f"id={made['id']}"))["playlist"]
    assert [entry["title"] for entry in kept["entry"]] == ["Soon gone"]
    assert (await face.ok("getPlayQueue"))["playQueue"]["current"] == song
    await face.ok("deletePlaylist", f"id={made['id']}")


async def test_a_queue_may_hold_a_song_twice_and_is_cleared_by_none(face: Face) -> None:
    song, other = face.ids["song"], face.ids["classical"]
    await face.ok("savePlayQueueByIndex", f"id={song}&id={other}&id={song}&currentIndex=2&position=1234")
    queue = (await face.ok("getPlayQueueByIndex"))["playQueueByIndex"]
    assert (queue["currentIndex"], queue["position"], len(queue["entry"])) == (2, 1234, 3)
    assert queue["changedBy"] == "test"
    for wrong in ("currentIndex=3", "currentIndex=-1", ""):
        answer = (await face.get("savePlayQueueByIndex", f"id={song}&{wrong}")).json()["subsonic-response"]
        assert answer["error"]["code"] == 10, wrong
    wrong_current = (await face.get("savePlayQueue", f"id={song}&current={other}")).json()["subsonic-response"]
    assert wrong_current["status"] == "failed"
    await face.ok("savePlayQueue")
    assert "current" not in (await face.ok("getPlayQueue"))["playQueue"]


async def test_what_is_on_right_now_is_shown_and_counts_no_play(face: Face) -> None:
    before = (await face.ok("getSong", "id={with_lyrics}"))["song"]["playCount"]
    await face.ok("scrobble", "id={with_lyrics}&submission=false")
    playing = (await face.ok("getNowPlaying"))["nowPlaying"]["entry"]
    assert [(entry["id"], entry["username"], entry["playerName"]) for entry in playing] == [
        (face.ids["with_lyrics"], "ann", "test")
    ]
    assert (await face.ok("getSong", "id={with_lyrics}"))["song"]["playCount"] == before


async def test_several_plays_come_with_their_times_and_count_once(face: Face) -> None:
    query = "id={two}&id={two}&time=1700000001000&time=1700000301000"
    tracks = (await face.ok("getAlbum", "id={two_discs}"))["album"]["song"]
    face.ids["two"] = tracks[0]["id"]
    await face.ok("scrobble", query)
    await face.ok("scrobble", query)
    assert (await face.ok("getSong", "id={two}"))["song"]["playCount"] == 2


# --- who sees what ---------------------------------------------------------------------------------------------------


async def test_someone_without_access_to_a_library_finds_nothing_of_it(face: Face) -> None:
    accounts = face.services.get(AccountService)
    await accounts.create_user(SYSTEM, "bob", "a password of bob")
    everyone = (await accounts.groups(SYSTEM))[0]
    await accounts.change_group(SYSTEM, everyone.id, {"all_libraries": False})
    bob = "u=bob&p=a password of bob"
    assert (await said(face, "getMusicFolders", bob))["musicFolders"]["musicFolder"] == []
    indexes = (await said(face, "getIndexes", bob))["indexes"]
    assert (indexes["index"], indexes.get("child", [])) == ([], [])
    found = (await said(face, "search3", f"{bob}&query="))["searchResult3"]
    assert (found["song"], found["album"], found["artist"]) == ([], [], [])
    for method, query in (
        ("getSong", "id={song}"), ("getAlbum", "id={album}"), ("getArtist", "id={artist}"), ("stream", "id={song}"),
        ("getCoverArt", "id={album}"), ("star", "id={song}"), ("scrobble", "id={song}"), ("getPlaylist", "id={playlist}"),
        ("getMusicDirectory", "id=li-{folder}"), ("getMusicDirectory", "id=fo-1"), ("star", "id=fo-2"),
        ("getIndexes", "musicFolderId={folder}"),
        ("createPlaylist", "name=x&songId={song}"), ("getLyricsBySongId", "id={with_lyrics}"),
    ):  # fmt: skip
        answer = await said(face, method, f"{bob}&{query.format_map(face.ids)}")
        assert answer["error"]["code"] == 70, (method, answer)
    await accounts.change_group(SYSTEM, everyone.id, {"all_libraries": True})


async def test_only_administrators_start_scans_and_see_others(face: Face) -> None:
    accounts = face.services.get(AccountService)
    await accounts.create_user(SYSTEM, "cleo", "a password of cleo")
    cleo = "u=cleo&p=a password of cleo"
    for method, query in (("startScan", ""), ("getUsers", ""), ("getUser", "username=ann")):
        assert (await said(face, method, f"{cleo}&{query}"))["error"]["code"] == 50, method
    own = (await said(face, "getUser", f"{cleo}&username=Cleo"))["user"]
    assert (own["username"], own["adminRole"], own["folder"]) == ("cleo", False, [1])
    others = (await face.ok("getUser", "username=cleo"))["user"]
    assert others["username"] == "cleo"


async def test_a_scan_is_announced_at_once(face: Face) -> None:
    assert (await face.ok("startScan"))["scanStatus"]["scanning"] is True
    assert (await face.ok("getScanStatus"))["scanStatus"]["count"] == 13


# --- apps ------------------------------------------------------------------------------------------------------------


async def test_an_old_app_gets_nothing_it_does_not_know(face: Face) -> None:
    response = await face.client.get(f"/getSong?u=ann&p={APP_PASSWORD}&c=DSub&f=json&id={face.ids['song']}")
    song = response.json()["subsonic-response"]["song"]
    assert song["title"] == "Song 1"
    assert not song.keys() & {"genres", "replayGain", "musicBrainzId", "mediaType"}


async def test_an_app_on_a_watch_gets_the_least_there_is(face: Face) -> None:
    response = await face.client.get(f"/getAlbum?u=ann&p={APP_PASSWORD}&c=SubMusic&f=json&id={face.ids['album']}")
    songs = response.json()["subsonic-response"]["album"]["song"]
    assert [song.keys() for song in songs] == [{"id", "isDir", "title"}] * 3
