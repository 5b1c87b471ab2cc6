"""Playlist files of other programs, as they really look: what comes out of them, and what is told of what is wrong."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import pytest

from segue.playlists.exchange.events import Doubt, Entry, Event, ListHead
from segue.playlists.exchange.formats import format_of, read
from segue.playlists.exchange.reasons import sentence


def events(data: bytes | str, name: str = "Late trains.m3u8", encoding: str | None = None) -> list[Event]:
    raw = data.encode() if isinstance(data, str) else data
    found = list(read(io.BytesIO(raw), name, None, encoding))
    for event in found:
        if isinstance(event, Doubt):
            assert "{" not in sentence(event.code, event.params)
        if isinstance(event, Entry) and event.problem:
            assert "{" not in sentence(*event.problem)
    return found


def entries(*args: object) -> list[Entry]:
    return [event for event in events(*args) if isinstance(event, Entry)]  # type: ignore[arg-type]


def heads(*args: object) -> list[ListHead]:
    return [event for event in events(*args) if isinstance(event, ListHead)]  # type: ignore[arg-type]


def doubts(*args: object) -> list[str]:
    return [event.code for event in events(*args) if isinstance(event, Doubt)]  # type: ignore[arg-type]


# --- M3U -------------------------------------------------------------------------------------------------------------

M3U = """#EXTM3U
#PLAYLIST:Late trains
#EXTINF:303,Portishead - Roads
Portishead/Dummy/08 Roads.flac
#EXTINF:-1 tvg-id="x" group-title="y, z",Radio
http://radio.example/stream
#EXTART:Ann - Bo
#EXTALB:First - Last
#EXTINF:12.5,Ann - Bo - A - B
D:\\Music\\a.mp3
#a remark

../Elsewhere/07 - Ann - Café.mp3
https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=x
"""


def test_an_m3u_gives_its_name_and_every_row_with_what_its_remarks_say() -> None:
    assert [head.name for head in heads(M3U)] == ["Late trains"]
    roads, radio, split, cafe, video = entries(M3U)
    assert (roads.artist, roads.title, roads.duration_ms, roads.location) == (
        "Portishead", "Roads", 303_000, "Portishead/Dummy/08 Roads.flac",
    )  # fmt: skip
    assert (radio.title, radio.duration_ms, radio.location) == ("Radio", None, "http://radio.example/stream")
    assert (split.artist, split.title, split.album, split.duration_ms) == ("Ann - Bo", "A - B", "First - Last", 12_500)
    assert (cafe.title, cafe.shown) == ("", "07 - Ann - Café.mp3")
    assert video.external_ids == {"youtube:video": "dQw4w9WgXcQ"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_no_encoding_and_no_line_ending_hides_a_row(encoding: str, ending: str) -> None:
    text = ending.join(["#EXTM3U", "#EXTINF:1,Zoë – Über", "Zoë/Über.mp3", "b.mp3"])
    first, second = entries(text.encode(encoding), "x.m3u")
    assert (first.title, first.location, second.location) == ("Zoë – Über", "Zoë/Über.mp3", "b.mp3")


def test_what_was_decoded_wrongly_before_is_put_right_and_an_encoding_can_be_said() -> None:
    assert entries("#EXTM3U\n#EXTINF:1,BeyoncÃ© - DÃ©jÃ\xa0 Vu\na.mp3\n")[0].artist == "Beyoncé"
    assert entries("#EXTINF:1,Кино - Звезда\nа.mp3\n".encode("cp1251"), "x.m3u", "cp1251")[0].title == "Звезда"


def test_a_file_without_any_header_is_read_by_its_name() -> None:
    assert [one.location for one in entries("a.mp3\nb.mp3", "x.m3u")] == ["a.mp3", "b.mp3"]
    assert heads("a.mp3", "Road trip.m3u")[0].name == "Road trip"


def test_a_stream_that_calls_itself_m3u_is_no_playlist_and_binary_rows_are_told() -> None:
    assert "hls_stream" in doubts("#EXTM3U\n#EXT-X-TARGETDURATION:10\na.ts\n")
    row = entries(b"#EXTM3U\n\x01\x02\x03\x04\x05x\n")[0]
    assert row.problem is not None and row.problem[0] == "not_text"
    assert doubts(b"\x7fELF\x00\x01\x02" * 100, "x.m3u") == ["unknown_format"]


def test_a_line_without_end_is_cut_and_told_and_the_next_is_read() -> None:
    data = b"#EXTM3U\n" + b"a" * 3_000_000 + b"\nb.mp3\n"
    assert [one.location[:3] for one in entries(data)] == ["aaa", "b.m"]
    assert doubts(data) == ["lines_cut"]


# --- PLS -------------------------------------------------------------------------------------------------------------


def test_a_pls_in_any_order_and_case() -> None:
    text = "[Playlist]\nnumberofentries=2\nFile2=b.mp3\nTitle2=Bo - B\nfile1=a.mp3\nLENGTH1=12\nTitle1=A\nTitle3=Lost\n"
    first, second, third = entries(text, "x.pls")
    assert (first.location, first.title, first.duration_ms) == ("a.mp3", "A", 12_000)
    assert (second.artist, second.title) == ("Bo", "B")
    assert third.problem == ("no_location", {}) and third.title == "Lost"


# --- XSPF ------------------------------------------------------------------------------------------------------------

XSPF = """<?xml version="1.0" encoding="UTF-8"?>
<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Late &amp; trains</title><annotation>Notes</annotation>
<trackList>
<track><location>file:///music/Ann/01%20Caf%C3%A9.flac</location><title>Café</title><creator>Simon & Garfunkel</creator>
<album><![CDATA[A & B]]></album><duration>200000</duration><trackNum>1</trackNum>
<identifier>https://musicbrainz.org/recording/0A0A0A0A-0000-4000-8000-000000000001</identifier></track>
<track><location>https://open.spotify.com/track/6rqhFgbbKwnb9MLmUQDhG6?si=x</location></track>
<track></track>
</trackList></playlist>"""


def test_an_xspf_with_a_bare_ampersand_and_its_ids() -> None:
    assert (heads(XSPF)[0].name, heads(XSPF)[0].comment) == ("Late & trains", "Notes")
    cafe, spotify, empty = entries(XSPF, "x.xspf")
    assert (cafe.title, cafe.artist, cafe.album) == ("Café", "Simon & Garfunkel", "A & B")
    assert (cafe.location, cafe.duration_ms, cafe.position) == ("/music/Ann/01 Café.flac", 200_000, 1)
    assert cafe.external_ids == {"musicbrainz:recording": "0a0a0a0a-0000-4000-8000-000000000001"}
    assert spotify.external_ids == {"spotify:track": "6rqhFgbbKwnb9MLmUQDhG6"}
    assert empty.problem == ("empty_row", {})


def test_entities_are_never_expanded_and_nothing_is_fetched() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{laughs}<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    rows = f"{bomb}<playlist><trackList><track><title>&l9; &e;</title><location>a</location></track></trackList></playlist>"
    assert entries(rows, "x.xspf")[0].title == "&l9; &e;"
    assert doubts(rows, "x.xspf") == ["xml_entities"]


def test_of_broken_xml_the_rows_before_the_break_are_kept_and_the_place_is_told() -> None:
    broken = XSPF.replace("<track></track>", "<track><title>x</track>")
    assert len(entries(broken, "x.xspf")) == 2
    told = [event for event in events(broken, "x.xspf") if isinstance(event, Doubt)]
    assert told[0].code == "xml_broken" and told[0].params["line"] == 8
    assert doubts("<a>" * 100, "x.xspf")[0] == "xml_too_deep"
    assert len(entries(XSPF.replace("Café", "Caf\udce9").encode("utf-8", "surrogateescape"), "x.xspf")) == 3


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_a_jspf_of_listenbrainz() -> None:
    document = {
        "playlist": {
            "creator": "ann", "title": "Weekly", "annotation": "<p>x</p>", "identifier": "https://listenbrainz.org/playlist/1",
            "extension": {"https://musicbrainz.org/doc/jspf#playlist": {"public": True}},
            "track": [
                {"title": "Roads", "creator": "Portishead", "album": "Dummy", "duration": 303000,
                 "identifier": ["https://musicbrainz.org/recording/0a0a0a0a-0000-4000-8000-000000000001"]},
                {"title": "Numb", "identifier": "https://musicbrainz.org/recording/0b0b0b0b-0000-4000-8000-000000000002"},
                "nonsense", {},
            ],
        }
    }  # fmt: skip
    text = json.dumps(document)
    assert heads(text, "x.jspf")[0].name == "Weekly"
    roads, numb, nonsense, empty = entries(text, "x.jspf")
    assert (roads.title, roads.artist, roads.duration_ms) == ("Roads", "Portishead", 303_000)
    assert numb.external_ids == {"musicbrainz:recording": "0b0b0b0b-0000-4000-8000-000000000002"}
    assert nonsense.problem == ("not_a_track", {}) and empty.problem == ("empty_row", {})


SPOTIFY = {
    "playlists": [
        {"name": "Köln", "lastModifiedDate": "2024-01-01", "description": "x", "numberOfFollowers": 0, "items": [
            {"track": {"trackName": "Roads", "artistName": "Portishead", "albumName": "Dummy",
                       "trackUri": "spotify:track:6rqhFgbbKwnb9MLmUQDhG6"}, "episode": None, "localTrack": None,
             "addedDate": "2024-01-01"},
            {"track": None, "episode": {"episodeName": "Talk", "showName": "Show", "episodeUri": "spotify:episode:1"}},
            {"track": None, "episode": None, "localTrack": {"uri": "spotify:local:Ann:First:Song:200"}},
        ]},
        {"items": [], "name": "Empty"},
    ]
}  # fmt: skip


def test_spotifys_account_data_several_lists_episodes_and_liked_songs() -> None:
    text = json.dumps(SPOTIFY)
    assert [head.name for head in heads(text, "Playlist1.json")] == ["Köln", "Empty"]
    roads, talk, local = entries(text, "Playlist1.json")
    assert (roads.title, roads.artist, roads.album) == ("Roads", "Portishead", "Dummy")
    assert roads.external_ids == {"spotify:track": "6rqhFgbbKwnb9MLmUQDhG6"}
    assert talk.problem == ("episode", {}) and talk.title == "Talk"
    assert local.problem == ("empty_row", {})
    library = {"tracks": [{"artist": "A", "album": "B", "track": "C", "uri": "spotify:track:6rqhFgbbKwnb9MLmUQDhG6"}],
               "albums": [], "shows": [], "bannedTracks": []}  # fmt: skip
    liked = json.dumps(library)
    assert heads(liked, "YourLibrary.json")[0].name == "Liked songs"
    assert entries(liked, "YourLibrary.json")[0].title == "C"


def test_a_smart_list_comes_as_its_document() -> None:
    document = {"name": "Recent", "comment": "c", "all": [{"inTheLast": {"lastPlayed": 30}}], "sort": "lastPlayed"}
    (head,) = heads(json.dumps(document), "x.nsp")
    assert (head.kind, head.name, head.query) == ("smart", "Recent", document)


def test_of_broken_json_the_rows_before_the_break_are_kept() -> None:
    text = json.dumps(SPOTIFY)[:-80]
    assert entries(text, "Playlist1.json")[0].title == "Roads"
    assert doubts(text, "Playlist1.json") == ["json_broken"]
    assert doubts("[" * 100_000, "x.json") == ["json_too_deep"]
    assert doubts('{"playlist": {"track": [{"title": "' + "a" * 3_000_000 + '"}]}}', "x.jspf") == [
        "json_value_too_large"
    ]
    assert len(entries('{"a": "' + "b" * 500_000 + '", "tracks": [{"track": "C"},]}', "x.json")) == 1


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (  # Exportify
            "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Added By\n"
            'spotify:track:6rqhFgbbKwnb9MLmUQDhG6,Roads,Dummy,"Portishead;Ann",1994,303000,x\n',
            ("Roads", "Portishead, Ann", "Dummy", 303_000),
        ),
        (  # TuneMyMusic
            "Track name,Artist name,Album,Playlist name,Type,ISRC,Spotify - id\n"
            "Roads,Portishead,Dummy,Late,Playlist,GBAAA9400001,6rqhFgbbKwnb9MLmUQDhG6\n",
            ("Roads", "Portishead", "Dummy", None),
        ),
        ("Titel;Interpret;Album;Dauer\nRoads;Portishead;Dummy;5:03\n", ("Roads", "Portishead", "Dummy", 303_000)),
        ("\ufefftitle\tartist\tlength\nRoads\tPortishead\t303\n", ("Roads", "Portishead", "", 303_000)),
        (  # YouTube Music's library
            "Video ID,Song Title,Album Title,Artist Name 1,Artist Name 2\ndQw4w9WgXcQ,Roads,Dummy,Portishead,\n",
            ("Roads", "Portishead", "Dummy", None),
        ),
        ("Roads,Portishead,Dummy\nNumb,Portishead,Dummy\n", ("Roads", "Portishead", "Dummy", None)),
    ],
)
def test_tables_of_several_programs(text: str, wanted: tuple[object, ...]) -> None:
    first = entries(text, "x.csv")[0]
    assert (first.title, first.artist, first.album, first.duration_ms) == wanted


def test_a_table_may_hold_several_lists() -> None:
    text = "Playlist name,Track name,Artist name\nA,1,x\nB,2,x\nA,3,x\n"
    assert [head.name for head in heads(text, "x.csv")] == ["A", "B"]
    assert [(row.list_number, row.title) for row in entries(text, "x.csv")] == [(0, "1"), (1, "2"), (0, "3")]


def test_youtubes_takeout_in_both_forms() -> None:
    new = "Video ID,Playlist Video Creation Timestamp\ndQw4w9WgXcQ,2024-01-01T00:00:00+00:00\n"
    (row,) = entries(new, "Mix-videos.csv")
    assert heads(new, "Takeout/playlists/Mix-videos.csv")[0].name == "Mix"
    assert row.external_ids == {"youtube:video": "dQw4w9WgXcQ"} and row.shown.endswith("dQw4w9WgXcQ")
    old = (
        "Playlist ID,Channel ID,Time Created,Time Updated,Title,Description,Visibility\n"
        "PL1,UC1,2020,2021,My mix,,Private\n\nVideo ID,Time Added\ndQw4w9WgXcQ,2020-01-01 00:00:00 UTC\n"
    )
    assert heads(old, "x.csv")[0].name == "My mix"
    assert len(entries(old, "x.csv")) == 1


# --- iTunes ----------------------------------------------------------------------------------------------------------

ITUNES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>Major Version</key><integer>1</integer><key>Tracks</key><dict>
<key>10</key><dict><key>Track ID</key><integer>10</integer><key>Name</key><string>Roads</string>
<key>Artist</key><string>Portishead</string><key>Total Time</key><integer>303000</integer>
<key>Location</key><string>file://localhost/C:/Music/Portishead/08%20Roads.mp3</string></dict>
<key>11</key><dict><key>Track ID</key><integer>11</integer><key>Name</key><string>Numb</string></dict>
</dict><key>Playlists</key><array>
<dict><key>Name</key><string>Library</string><key>Master</key><true/><key>Playlist Items</key><array>
<dict><key>Track ID</key><integer>10</integer></dict></array></dict>
<dict><key>Name</key><string>Trips</string><key>Playlist Persistent ID</key><string>F1</string><key>Folder</key><true/></dict>
<dict><key>Name</key><string>Late</string><key>Playlist Persistent ID</key><string>A1</string>
<key>Parent Persistent ID</key><string>F1</string><key>Playlist Items</key><array>
<dict><key>Track ID</key><integer>11</integer></dict><dict><key>Track ID</key><integer>10</integer></dict>
<dict><key>Track ID</key><integer>10</integer></dict><dict><key>Track ID</key><integer>99</integer></dict></array></dict>
<dict><key>Name</key><string>Rated</string><key>Smart Info</key><data>AQE=</data><key>Playlist Items</key><array>
<dict><key>Track ID</key><integer>10</integer></dict></array></dict>
</array></dict></plist>"""


def test_a_library_of_itunes_its_lists_folders_and_smart_lists_by_what_they_hold() -> None:
    late, rated = heads(ITUNES, "Library.xml")
    assert (late.name, late.folder, late.source) == ("Late", ("Trips",), "itunes:A1")
    rows = entries(ITUNES, "Library.xml")
    assert [(row.list_number, row.title) for row in rows] == [
        (0, "Numb"), (0, "Roads"), (0, "Roads"), (0, "#99"), (1, "Roads"),
    ]  # fmt: skip
    assert rows[1].location == "C:/Music/Portishead/08 Roads.mp3"
    assert rows[3].problem == ("unknown_track", {"number": 99})
    assert doubts(ITUNES, "Library.xml") == ["smart_as_contents"] and rated.name == "Rated"


# --- ZIP -------------------------------------------------------------------------------------------------------------


def packed(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_a_zip_holds_lists_in_folders() -> None:
    data = packed(
        {"Trips/Late.m3u8": M3U.encode(), "Two.csv": b"title,artist\nA,B\n", "read.me": b"x", "in.zip": packed({})}
    )
    first, second = heads(data, "x.zip")
    assert (first.name, first.folder) == ("Late trains", ("Trips",))
    assert [row.list_number for row in entries(data, "x.zip")] == [0] * 5 + [1]
    assert doubts(data, "x.zip") == ["zip_in_zip"] and second.source == "Two.csv"
    assert doubts(data[:-30], "x.zip") == ["zip_broken"]


def test_a_zip_is_never_unpacked_further_than_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from segue.playlists.exchange import formats

    monkeypatch.setattr(formats, "MAX_BYTES", 1_000)
    monkeypatch.setattr(formats, "MAX_UNPACKED", 100_000)
    data = packed({"bomb.m3u": b"a\n" * 10_000_000, "small.m3u": b"a.mp3\n"})
    assert doubts(data, "x.zip") == ["member_too_large"]
    assert [row.location for row in entries(data, "x.zip")] == ["a.mp3"]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"<", b"{", b"[", b"[playlist]", b"PK\x03\x04", b"\xff\xfe", b"\xff\xfe\x00"]
)
@pytest.mark.parametrize("name", ["x.m3u", "x.xspf", "x.json", "x.csv", "x.xml", "x.pls", "x", "x.nsp", "x.zip"])
def test_nothing_at_all_is_told_and_never_an_error(data: bytes, name: str) -> None:
    found = events(data, name)
    assert any(isinstance(event, Doubt | ListHead) for event in found)


def test_the_first_bytes_say_more_than_the_name() -> None:
    assert format_of("x.txt", io.BytesIO(XSPF.encode())) == "xspf"
    assert format_of("x.xml", io.BytesIO(XSPF.encode("utf-16"))) == "xspf"
    assert format_of("Library.xml", io.BytesIO(ITUNES.encode())) == "itunes"
    assert format_of("x.bin", io.BytesIO(b"\x00\x01")) is None


class Endless(io.RawIOBase):
    """A file of 2 GB that is made as it is read."""

    def __init__(self, line: bytes, size: int) -> None:
        self.line, self.size, self.place = line, size, 0

    def read(self, count: int = -1) -> bytes:
        count = min(count if count >= 0 else self.size, self.size - self.place)
        start = self.place % len(self.line)
        self.place += count
        return (self.line * (count // len(self.line) + 2))[start : start + count]

    def seek(self, place: int, whence: int = 0) -> int:
        self.place = place
        return place

    def tell(self) -> int:
        return self.place


def test_reading_keeps_no_more_than_a_few_rows_in_memory() -> None:
    import tracemalloc

    file = Endless(b"#EXTINF:1,Ann - Song\nsong.mp3\n", 30_000_000)
    tracemalloc.start()
    try:
        count = sum(isinstance(event, Entry) for event in stopped(read(file, "x.m3u"), 40_000))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 19_000 and peak < 4 * 2**20


def stopped(found: Iterator[Event], most: int) -> Iterator[Event]:
    for _, event in zip(range(most), found, strict=False):
        yield event
