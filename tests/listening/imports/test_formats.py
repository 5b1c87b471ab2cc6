"""What services and servers give out, read row by row: every shape they write, and everything that can be wrong with it."""

from __future__ import annotations

import gzip
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from segue.listening.imports.formats import reading
from segue.listening.imports.formats.every import Reading
from segue.listening.imports.formats.reading import Budget
from segue.listening.imports.items import Bookmarked, Heard, Item, Listed, Opined, Passed, Trouble
from tests.listening.imports import exports
from tests.listening.imports.exports import at, lines, listen, scrobble, seconds, spotify, table, zipped

SONG = ("Late Trains", "Ann", "Harbour")
OTHER = ("Tides", "Ann", "Harbour")


def read(tmp_path: Path, data: bytes, name: str = "upload", budget: Budget | None = None) -> tuple[str, list[Item]]:
    """The source of an upload, and its items."""
    upload = tmp_path / "upload"
    upload.write_bytes(data)
    reading = Reading(upload, name, tmp_path, budget)
    items = list(reading)
    return reading.source, items


def heard(items: list[Item]) -> list[tuple[str, datetime]]:
    return [(item.thing.title, item.at) for item in items if isinstance(item, Heard)]


def troubles(items: list[Item]) -> list[tuple[str, int | None]]:
    return [(item.code, item.line) for item in items if isinstance(item, Trouble)]


# --- ListenBrainz


def test_the_archive_of_listenbrainz_is_read_in_the_order_of_its_months(tmp_path: Path) -> None:
    feedback = [
        {"recording_mbid": "aa", "score": 1, "created": seconds(1)},
        {"recording_mbid": "bb", "score": -1, "created": seconds(2)},
        {"recording_mbid": "cc", "score": 0, "created": seconds(2)},
    ]
    source, items = read(tmp_path, exports.listenbrainz([SONG, OTHER, SONG, SONG], feedback), "ann_lb.zip")
    assert source == "listenbrainz"
    assert [title for title, _ in heard(items)] == ["Late Trains", "Tides", "Late Trains", "Late Trains"]
    opinions = [item for item in items if isinstance(item, Opined)]
    assert [(one.starred_at, one.hated_at) for one in opinions] == [(at(1), None), (None, at(2))]
    assert opinions[0].thing.external_ids == (("musicbrainz:recording", "aa"),)


@pytest.mark.parametrize("wrapped", ["array", "indented array", "answer", "lines", "gzip"])
def test_every_shape_of_listenbrainz_says_the_same(tmp_path: Path, wrapped: str) -> None:
    rows = [listen(SONG, 0, duration_ms=200_000, recording_mbid="aa", media_player="Deck"), listen(OTHER, 1)]
    data = {
        "array": json.dumps(rows).encode(),
        "indented array": json.dumps(rows, indent=4).encode(),
        "answer": json.dumps({"payload": {"count": 2, "listens": rows}}).encode(),
        "lines": lines(rows),
        "gzip": gzip.compress(lines(rows)),
    }[wrapped]
    source, items = read(tmp_path, data)
    assert (source, heard(items)) == ("listenbrainz", [("Late Trains", at(0)), ("Tides", at(1))])
    first = items[0]
    assert isinstance(first, Heard)
    assert (first.thing.duration_ms, first.client) == (200_000, "Deck")


def test_recorded_answers_of_listenbrainz_are_understood(tmp_path: Path, reference: Path) -> None:
    data = (reference / "providers/listenbrainz/get_listens_happy_path_response.json").read_bytes()
    source, items = read(tmp_path, data)
    assert source == "listenbrainz"
    assert heard(items)


# --- Last.fm


def test_pages_of_last_fm_are_understood_whoever_wrote_them(tmp_path: Path) -> None:
    playing = {**scrobble(SONG, 9), "@attr": {"nowplaying": "true"}}
    page = {"track": [playing, scrobble(SONG, 1), scrobble(OTHER, 0)], "@attr": {"page": "1"}}
    one_row = {"recenttracks": {"track": scrobble(SONG, 2)}}
    for data in (json.dumps([page]), json.dumps({"recenttracks": page}), json.dumps([*page["track"]])):
        source, items = read(tmp_path, data.encode())
        assert (source, heard(items)) == ("lastfm", [("Late Trains", at(1)), ("Tides", at(0))])
        assert items[0] == Passed("now_playing")
    assert heard(read(tmp_path, json.dumps(one_row).encode())[1]) == [("Late Trains", at(2))]


def test_recorded_answers_of_last_fm_are_understood(tmp_path: Path, reference: Path) -> None:
    source, items = read(tmp_path, (reference / "providers/lastfm/lb-import-page.json").read_bytes())
    assert source == "lastfm"
    assert heard(items)


@pytest.mark.parametrize(
    "data",
    [
        table([["uts", "utc_time", "artist", "artist_mbid", "album", "album_mbid", "track", "track_mbid"],
               [str(seconds(0)), "01 May 2020, 12:00", "Ann", "", "Harbour", "", "Late Trains", ""]]),
        table([["Artist", "Album", "AlbumId", "Track", "Date#ann"],
               ["Ann", "Harbour", "", "Late Trains", str(seconds(0) * 1000)]], ";"),
        table([["Ann", "Harbour", "Late Trains", "01 May 2020 12:00"]]),
        json.dumps({"username": "ann", "scrobbles": [
            {"track": "Late Trains", "artist": "Ann", "album": "Harbour", "albumId": "", "date": seconds(0) * 1000}]}).encode(),
        f"#AUDIOSCROBBLER/1.1\n#TZ/UTC\nAnn\tHarbour\tLate Trains\t1\t200\tL\t{seconds(0)}\t\n".encode(),
    ],
    ids=["ghan.nl", "lastfmstats csv", "lastfm-to-csv", "lastfmstats json", "scrobbler.log"],
)  # fmt: skip
def test_tables_of_the_exporters_in_use_are_understood(tmp_path: Path, data: bytes) -> None:
    source, items = read(tmp_path, data)
    assert (source, heard(items)) == ("lastfm", [("Late Trains", at(0))])


# --- Spotify


def test_spotify_tells_when_a_track_ended_and_began(tmp_path: Path) -> None:
    rows = [
        spotify(SONG, 0, 200_000),
        spotify(OTHER, 1, 5_000, "fwdbtn"),
        {**spotify(SONG, 2, 9_000), "master_metadata_track_name": None, "episode_name": "A talk"},
    ]
    members = {"Spotify Extended Streaming History/Streaming_History_Audio_2020_0.json": json.dumps(rows),
               "Spotify Extended Streaming History/ReadMeFirst.pdf": b"%PDF-1.4 not a history"}  # fmt: skip
    source, items = read(tmp_path, zipped(members), "my_spotify_data.zip")
    assert (source, heard(items)) == ("spotify", [("Late Trains", at(0)), ("Tides", at(1))])
    first, second = (item for item in items if isinstance(item, Heard))
    assert (first.counted, first.whole, first.heard_ms, second.whole) == (False, True, 200_000, False)
    assert Passed("not_music") in items


def test_the_short_history_of_spotify_is_understood_too(tmp_path: Path) -> None:
    row = {"endTime": "2020-05-01 12:04", "artistName": "Ann", "trackName": "Late Trains", "msPlayed": 240_000}
    source, items = read(tmp_path, json.dumps([row]).encode())
    assert (source, heard(items)) == ("spotify", [("Late Trains", at(0))])


# --- Apple


def test_apples_plays_learn_their_artists_from_the_library_beside_them(tmp_path: Path) -> None:
    head = ["Album Name", "Song Name", "Event Type", "Event Start Timestamp", "Play Duration Milliseconds",
            "Media Duration In Milliseconds", "End Reason Type", "UTC Offset In Seconds", "Media Type"]  # fmt: skip
    began = at(0).strftime("%Y-%m-%dT%H:%M:%S.123Z")
    rows = [
        head,
        ["Harbour", "Late Trains", "PLAY_END", began, "200000", "201000", "NATURAL_END_OF_TRACK", "7200", "AUDIO"],
        ["Harbour", "Late Trains", "PLAY_START", began, "", "201000", "", "7200", "AUDIO"],
        ["", "A film", "PLAY_END", began, "200000", "201000", "", "7200", "VIDEO"],
    ]
    library = json.dumps([{"Title": "Late Trains", "Artist": "Ann", "Album": "Harbour", "Track Identifier": 7}])
    inner = zipped({"Apple Music Activity/Apple Music Play Activity.csv": table(rows),
                    "Apple Music Activity/Apple Music Library Tracks.json": library})  # fmt: skip
    source, items = read(tmp_path, zipped({"Apple_Media_Services.zip": inner}), "apple.zip")
    assert source == "apple"
    (one,) = [item for item in items if isinstance(item, Heard)]
    assert (one.thing.artist, one.thing.duration_ms, one.zone_offset_minutes) == ("Ann", 201_000, 120)
    assert (one.at, one.whole, one.counted) == (at(0) + timedelta(milliseconds=123), True, False)


def test_library_xml_gives_counts_and_opinions_but_no_plays(tmp_path: Path) -> None:
    tracks = [
        {"Name": "Late Trains", "Artist": "Ann", "Album": "Harbour", "Total Time": 200_000, "Play Count": 12,
         "Play Date UTC": at(0), "Rating": 80, "Loved": True, "Location": "file:///Music/Ann/Caf%C3%A9.m4a"},
        {"Name": "Tides", "Artist": "Ann", "Rating": 60, "Rating Computed": True},
        {"Name": "A talk", "Podcast": True, "Play Count": 3},
    ]  # fmt: skip
    source, items = read(tmp_path, exports.plist(tracks))
    assert source == "itunes"
    (one,) = [item for item in items if isinstance(item, Opined)]
    assert (one.plays, one.rating, one.last_played_at, one.thing.path) == (12, 4, at(0), "/Music/Ann/Café.m4a")
    assert one.starred_at is not None
    assert [item for item in items if isinstance(item, Passed)] == [Passed("no_plays"), Passed("not_music")]


def test_entities_of_xml_are_not_followed(tmp_path: Path) -> None:
    data = exports.plist([{"Name": "&a;"}], ' [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]')
    assert troubles(read(tmp_path, data)[1]) == [("xml_entities", None)]
    cut = exports.plist([{"Name": "Late Trains", "Play Count": 2}])[:-60]
    _, items = read(tmp_path, cut)
    assert isinstance(items[0], Opined)
    assert troubles(items)[-1][0] == "broken_xml"


# --- servers


def test_navidromes_database_gives_what_each_person_made(tmp_path: Path) -> None:
    songs = [SONG, OTHER, ("Rope", "Ann", "Harbour")]
    data = exports.navidrome(tmp_path / "n.db", songs, scrobbles=[(2, 0), (2, 1)])
    source, items = read(tmp_path, data, "navidrome.db")
    assert source == "navidrome"
    assert heard(items) == [("Rope", at(0)), ("Rope", at(1))]
    marks = {(one.person, one.thing.kind, one.thing.title): one for one in items if isinstance(one, Opined)}
    assert marks["ann", "track", "Late Trains"].starred_at == datetime(2024, 2, 3, 4, 5, 6, 123456, UTC)
    assert marks["ann", "track", "Tides"].rating == 4
    assert (marks["ann", "track", "Rope"].plays, marks["ben", "track", "Late Trains"].plays) == (7, 3)
    assert marks["ann", "album", "Late Trains"].rating == 5
    assert marks["ann", "artist", "Late Trains"].starred_at is not None
    (playlist,) = [item for item in items if isinstance(item, Listed)]
    assert [thing.title for thing in playlist.rows] == ["Rope", "Tides", "Late Trains"]
    (bookmark,) = [item for item in items if isinstance(item, Bookmarked)]
    assert (bookmark.thing.title, bookmark.position_ms, bookmark.person) == ("Tides", 61_000, "ann")


def test_jellyfins_databases_old_and_new_say_the_same(tmp_path: Path) -> None:
    kind = "MediaBrowser.Controller.Entities.Audio.Audio"
    played = "2024-02-03T04:05:06.1234567Z"
    new = exports.database(tmp_path / "j.db", {
        "Users": ("Id, Username, InternalId", [("AB-CD", "ann", 1)]),
        "BaseItems": ("Id, Type, Name, Path, Album, Artists, AlbumArtists, RunTimeTicks, IndexNumber, Data",
                      [("I1", kind, "Late Trains", "/m/1.flac", "Harbour", "Ann|Bo", "Ann", 2_000_000_000, 1, None),
                       ("P1", "MediaBrowser.Controller.Playlists.Playlist", "Sunday", "", "", "", "", 0, 0,
                        json.dumps({"LinkedChildren": [{"Path": "/m/1.flac"}], "OwnerUserId": "abcd"}))]),
        "BaseItemProviders": ("ItemId, ProviderId, ProviderValue", [("I1", "MusicBrainzRecording", "aa")]),
        "UserData": ("ItemId, UserId, Rating, PlayCount, IsFavorite, LastPlayedDate, PlaybackPositionTicks",
                     [("I1", "ABCD", 8.0, 5, True, played, 30_000_000)]),
    })  # fmt: skip
    old = exports.database(tmp_path / "j.db", {
        "TypedBaseItems": ("guid, type, UserDataKey, Name, Path, Album, Artists, AlbumArtists, RunTimeTicks, IndexNumber, "
                           "ProviderIds",
                           [(b"\x01", kind, "k1", "Late Trains", "/m/1.flac", "Harbour", "Ann|Bo", "Ann", 2_000_000_000, 1,
                             "MusicBrainzRecording=aa")]),
        "UserDatas": ("key, userId, rating, playCount, isFavorite, lastPlayedDate, playbackPositionTicks",
                      [("k1", 7, 8.0, 5, 1, played, 30_000_000)]),
    })  # fmt: skip
    for data, person in ((new, "ann"), (old, "user 7")):
        source, items = read(tmp_path, data)
        assert source == "jellyfin"
        (one,) = [item for item in items if isinstance(item, Opined)]
        assert (one.person, one.rating, one.plays) == (person, 4, 5)
        assert (one.thing.artist, one.thing.duration_ms) == ("Ann, Bo", 200_000)
        assert ("musicbrainz:recording", "aa") in one.thing.external_ids
        assert [item.position_ms for item in items if isinstance(item, Bookmarked)] == [3_000]
    assert [item.name for item in read(tmp_path, new)[1] if isinstance(item, Listed)] == ["Sunday"]


AIRSONIC = """SET DATABASE UNIQUE NAME HSQLDB
CREATE SCHEMA PUBLIC AUTHORIZATION DBA
CREATE MEMORY TABLE PUBLIC.MEDIA_FILE(ID INTEGER NOT NULL PRIMARY KEY,PATH VARCHAR(4096),TYPE VARCHAR(32),TITLE VARCHAR(4096),\
ARTIST VARCHAR(4096),ALBUM VARCHAR(4096),DURATION_SECONDS DECIMAL(10,2),PLAY_COUNT INTEGER,LAST_PLAYED TIMESTAMP,\
CONSTRAINT X UNIQUE(PATH))
CREATE MEMORY TABLE PUBLIC.STARRED_MEDIA_FILE(ID INTEGER,MEDIA_FILE_ID INTEGER,USERNAME VARCHAR(64),CREATED TIMESTAMP)
CREATE MEMORY TABLE PUBLIC.USER_RATING(USERNAME VARCHAR(64),PATH VARCHAR(4096),RATING DOUBLE)
CREATE MEMORY TABLE PUBLIC.PLAYLIST(ID INTEGER,USERNAME VARCHAR(64),IS_PUBLIC BOOLEAN,NAME VARCHAR(64),COMMENT VARCHAR(64))
CREATE MEMORY TABLE PUBLIC.PLAYLIST_FILE(ID INTEGER,PLAYLIST_ID INTEGER,MEDIA_FILE_ID INTEGER)
INSERT INTO MEDIA_FILE VALUES(1,'/m/Caf\\u00e9.flac','MUSIC','It''s Late, Ann','Ann','Harbour',200.00,4,'2024-02-03 04:05:06.000')
INSERT INTO MEDIA_FILE VALUES(2,'/m','DIRECTORY',NULL,'Ann','Harbour',NULL,9,NULL)
INSERT INTO STARRED_MEDIA_FILE VALUES(1,1,'ann','2024-02-03 04:05:06.000')
INSERT INTO USER_RATING VALUES('ann','/m/Caf\\u00e9.flac',3.0E0)
INSERT INTO PLAYLIST VALUES(1,'ann',TRUE,'Sunday',NULL)
INSERT INTO PLAYLIST_FILE VALUES(1,1,1)
"""


def test_airsonics_script_is_read_as_its_database_would_be(tmp_path: Path) -> None:
    source, items = read(tmp_path, AIRSONIC.encode(), "airsonic.script")
    assert source == "airsonic"
    counted, starred, rated = (item for item in items if isinstance(item, Opined))
    assert (counted.person, counted.plays, counted.thing.title) == ("*", 4, "It's Late, Ann")
    assert (starred.person, starred.starred_at) == ("ann", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC))
    assert (rated.rating, rated.thing.path) == (3, "/m/Café.flac")
    (playlist,) = [item for item in items if isinstance(item, Listed)]
    assert (playlist.name, playlist.public, len(playlist.rows)) == ("Sunday", True, 1)


def test_a_database_cannot_run_anything_of_its_own(tmp_path: Path) -> None:
    songs = [SONG, OTHER, ("Rope", "Ann", "Harbour")]
    path = tmp_path / "evil.db"
    path.write_bytes(exports.navidrome(tmp_path / "n.db", songs))
    conn = sqlite3.connect(path)
    conn.execute("DROP TABLE playlist")
    endless = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS id, x AS name, 0 AS public FROM c"
    )
    conn.execute(f"CREATE VIEW playlist AS {endless}")
    conn.commit()
    conn.close()
    before = path.read_bytes()
    source, items = read(tmp_path, before)
    assert source == "navidrome"
    assert not [item for item in items if isinstance(item, Listed)]
    assert path.read_bytes() == before


# --- what can be wrong


def test_broken_rows_are_told_with_their_line_and_the_others_are_read(tmp_path: Path) -> None:
    rows = lines([listen(SONG, 0)]) + b'{"listened_at": 12, "track_me\n' + lines([listen(OTHER, 1)])
    rows += lines([{"listened_at": None, "track_metadata": {"track_name": "x", "artist_name": "y"}}])
    rows += lines([{"listened_at": 99_999_999_999, "track_metadata": {"track_name": "x", "artist_name": "y"}}])
    rows += lines([{"listened_at": seconds(0), "track_metadata": {"track_name": "", "artist_name": "y"}}])
    rows += b"[1, 2\n" + b'"' + b"x" * (600 * 1024) + b'"\n' + lines([listen(SONG, 2)])
    _, items = read(tmp_path, rows)
    assert heard(items) == [("Late Trains", at(0)), ("Tides", at(1)), ("Late Trains", at(2))]
    assert troubles(items) == [
        ("broken_json", 2), ("bad_time", 4), ("time_out_of_range", 5), ("no_title", 6), ("broken_json", 7),
        ("line_too_long", 8),
    ]  # fmt: skip


def test_an_array_that_breaks_off_or_is_broken_inside_gives_the_rest(tmp_path: Path) -> None:
    rows = json.dumps([listen(SONG, 0), listen(OTHER, 1), listen(SONG, 2)])
    _, items = read(tmp_path, rows[:-40].encode())
    assert len(heard(items)) == 2
    assert troubles(items)[-1][0] == "broken_json"
    broken = rows.replace('"Tides"', '"Tides', 1)
    _, items = read(tmp_path, broken.encode())
    assert ("Late Trains", at(0)) in heard(items)
    assert troubles(items)


def test_a_date_in_month_16_is_told_for_its_row(tmp_path: Path) -> None:
    rows = [["artist", "album", "track", "date"], ["Ann", "Harbour", "Late Trains", "2020-16-01 12:00:00"],
            ["Ann", "Harbour", "Tides", "2020-05-01 12:00:00"], ["Ann", "Harbour"]]  # fmt: skip
    _, items = read(tmp_path, table(rows))
    assert heard(items) == [("Tides", at(0))]
    assert troubles(items) == [("bad_time", 2), ("broken_row", 4)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_tables_in_other_encodings_keep_their_letters(tmp_path: Path, encoding: str) -> None:
    text = "artist;album;track;date\nBjörk;Début;Jóga;2020-05-01 12:00:00\n"
    _, items = read(tmp_path, text.encode(encoding))
    assert [item.thing.artist for item in items if isinstance(item, Heard)] == ["Björk"]
    rows = json.dumps([{**listen(("Jóga", "Björk", ""), 0)}], ensure_ascii=False)
    _, items = read(tmp_path, rows.encode(encoding))
    assert heard(items) == [("Jóga", at(0))]


def test_an_archive_that_unpacks_to_too_much_is_left_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = lines([listen(SONG, number) for number in range(2_000)])
    _, items = read(tmp_path, zipped({"a.jsonl": rows, "b.jsonl": rows}), budget=Budget(len(rows) + 1000))
    assert len(heard(items)) > 2_000
    assert "too_large" in [code for code, _ in troubles(items)]
    monkeypatch.setattr(reading, "RATIO_FROM", 1_000)
    _, items = read(tmp_path, zipped({"bomb.json": b" " * 10_000_000, "b.jsonl": rows}))
    assert troubles(items) == [("suspicious", None)]
    assert len(heard(items)) == 2_000


def test_archives_within_archives_without_end_are_not_followed(tmp_path: Path) -> None:
    data = lines([listen(SONG, 0)])
    for _ in range(5):
        data = zipped({"inner.zip": data})
    _, items = read(tmp_path, data)
    assert troubles(items)
    assert not heard(items)


def test_a_broken_archive_says_so_and_gives_what_can_be_read(tmp_path: Path) -> None:
    whole = exports.listenbrainz([SONG] * 200)
    assert troubles(read(tmp_path, whole[: len(whole) // 2])[1]) == [("broken_member", None)]
    place = whole.index(b"listens/2020/5.jsonl") + 30
    spoiled = whole[:place] + b"\xff" * 20 + whole[place + 20 :]
    _, items = read(tmp_path, spoiled)
    assert len(heard(items)) >= 100
    assert troubles(items)[0][0] == "broken_member"
    locked = zipped({"a.jsonl": lines([listen(SONG, 0)])})
    flagged = bytearray(locked)
    flagged[locked.index(b"PK\x01\x02") + 8] |= 1
    assert troubles(read(tmp_path, bytes(flagged))[1]) == [("encrypted", None)]


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path.parent / "segue-escaped.jsonl"
    data = zipped({"../segue-escaped.jsonl": lines([listen(SONG, 0)]), "/etc/x.jsonl": lines([listen(OTHER, 1)])})
    assert len(heard(read(tmp_path, data)[1])) == 2
    assert not outside.exists()


@pytest.mark.parametrize(
    "data",
    [b"", b"hello, there\nno, history\n", b"\x89PNG\r\n\x1a\n" + bytes(200), b'{"a": 1}', b"[1, 2, 3]", b"<html></html>",
     b"SQLite format 3\0" + bytes(200), b'[{"what": 1}]' , b"{" * 100_000],
    ids=["nothing", "text", "picture", "object", "numbers", "page", "broken database", "other rows", "braces"],
)  # fmt: skip
def test_what_is_no_history_is_not_taken_for_one(tmp_path: Path, data: bytes) -> None:
    source, items = read(tmp_path, data)
    assert source == ""
    assert not [item for item in items if not isinstance(item, Trouble | Passed)]


def test_texts_are_cut_and_cleaned(tmp_path: Path) -> None:
    row: dict[str, Any] = listen(("x" * 5_000, "A\0nn \ud800", "Harbour"), 0)
    _, items = read(tmp_path, lines([row]))
    (one,) = [item for item in items if isinstance(item, Heard)]
    assert len(one.thing.title) == 1_000
    assert one.thing.artist == "Ann ?"
