from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from segue.catalog.sources import open_source
from segue.catalog.sources.discogs.positions import milliseconds, numbered
from segue.catalog.sources.errors import NoSource

RELEASE = """<release id="7" status="Accepted"><artists><artist><id>3</id><name>Sun (2)</name><anv>The Sun</anv>
<join>Feat.</join><role/><tracks/></artist><artist><id>4</id><name>Moon</name><anv/><join/><role/><tracks/></artist></artists>
<title>Days &amp; Nights</title><labels><label name="Hill (3)" catno="H 1" id="9"/></labels>
<extraartists><artist><id>5</id><name>Cloud</name><anv/><join/><role>Mastered By</role><tracks>A1 to B1</tracks></artist>
<artist><id>0</id><name>Nobody / Somebody</name><anv/><join/><role>Written By</role><tracks/></artist></extraartists>
<formats><format name="Vinyl" qty="1" text="Blue"><descriptions><description>LP</description><description>Album</description>
</descriptions></format></formats><genres><genre>Jazz</genre></genres><styles><style>Modal</style></styles>
<country>Norway</country><released>1999-03-00</released><master_id is_main_release="true">70</master_id>
<tracklist><track><position/><title>Day</title><duration/></track>
<track><position>A1</position><title>Morning</title><duration>4:45</duration><extraartists><artist><id>6</id>
<name>Wind</name><anv/><join/><role>Featuring</role><tracks/></artist></extraartists></track>
<track><position/><title>Suite</title><duration>1:02:03</duration><sub_tracks><track><position>A2.a</position><title>One</title>
<duration>1:00</duration></track><track><position>A2.b</position><title>Two</title><duration/></track></sub_tracks></track>
<track><position>B1</position><title>Night</title><duration/><artists><artist><id>4</id><name>Moon</name><anv/><join/><role/>
<tracks/></artist></artists></track><track><position>C1</position><title>Dream</title><duration/></track></tracklist>
<identifiers><identifier type="Barcode" value="7 35131 91931 8 &gt;"/><identifier type="Barcode" value="073145193616"/>
</identifiers><companies><company><id>1</id><name>Hill Music</name><entity_type>14</entity_type>
<entity_type_name>Copyright (c)</entity_type_name></company></companies></release>"""
BARE = """<release id="{}"><title>Bare {}</title>\
<tracklist><track><position>1</position><title>x</title></track></tracklist></release>"""


def dump(folder: Path, *releases: str, **others: str) -> Path:
    folder.mkdir(exist_ok=True)
    text = "<releases>\n" + "\n".join(releases) + "\n</releases>\n"
    (folder / "discogs_20261101_releases.xml.gz").write_bytes(gzip.compress(text.encode()))
    for kind, inside in others.items():
        (folder / f"discogs_20261101_{kind}.xml.gz").write_bytes(gzip.compress(f"<{kind}>{inside}</{kind}>".encode()))
    return folder


def test_a_release_gives_its_credits_formats_codes_and_dates(tmp_path: Path) -> None:
    master = '<master id="70"><main_release>7</main_release><year>1961</year></master>'
    source = open_source(discogs=dump(tmp_path, RELEASE, masters=master))
    (album,) = source.albums()
    assert (album.id, album.name, album.type, album.label) == ("7", "Days & Nights", "album", "Hill")
    assert (album.release_date, album.precision, album.upc) == ("1999-03", "month", "073145193616")
    assert album.artists == (3, 4) and album.appears == (5, 6)
    assert album.genres == ("Jazz", "Modal") and album.copyright == "Hill Music"
    assert album.ids == ("discogs:release:7", "discogs:master:70")
    more = album.more or {}
    assert more["credits"] == [
        {"name": "The Sun", "join": " Feat. ", "artist": "3"},
        {"name": "Moon", "artist": "4"},
    ]
    assert more["roles"][0] == {"name": "Cloud", "artist": "5", "role": "Mastered By", "tracks": "A1 to B1"}
    assert more["roles"][1] == {"name": "Nobody / Somebody", "role": "Written By"}
    assert more["master"] == {"id": "70", "main": True, "year": 1961}
    assert more["formats"] == [{"name": "Vinyl", "quantity": 1, "text": "Blue", "descriptions": ["LP", "Album"]}]


def test_headings_are_no_tracks_and_parts_of_a_whole_are(tmp_path: Path) -> None:
    source = open_source(discogs=dump(tmp_path, RELEASE))
    tracks = list(source.tracks())
    assert [(track.id, track.name, track.disc_number, track.track_number, track.duration_ms) for track in tracks] == [
        ("7-1", "Morning", 1, 1, 285_000),
        ("7-2", "One", 1, 2, 60_000),
        ("7-3", "Two", 1, 3, 0),
        ("7-4", "Night", 1, 4, 0),
        ("7-5", "Dream", 2, 1, 0),
    ]
    assert tracks[0].artists == (3, 4, 6)
    assert tracks[0].artist_roles == ("main_artist", "main_artist", "featured_artist")
    assert tracks[3].artists == (4,) and tracks[3].artist_roles == ()
    assert tracks[1].more is not None and tracks[1].more["part_of"] == "Suite" and tracks[1].more["heading"] == "Day"


def test_artists_come_from_their_dump_and_from_the_releases_that_credit_them(tmp_path: Path) -> None:
    sun = (
        "<artist><id>3</id><name>Sun (2)</name><realname>S. Un</realname><urls><url>https://soundcloud.com/sun</url></urls>"
        "<namevariations><name>The Sun</name></namevariations><members><id>8</id><name id='8'>Ray (4)</name></members></artist>"
    )
    source = open_source(discogs=dump(tmp_path, RELEASE, BARE.format(8, 8), artists=sun))
    artists = {artist.key: artist for artist in source.artists()}
    assert set(artists) == {3, 4, 5, 6}
    assert artists[3].name == "Sun" and artists[3].aliases == ("The Sun",)
    assert artists[3].ids == ("discogs:artist:3", "soundcloud:user:sun")
    assert artists[3].more == {"listed_as": "Sun (2)", "real_name": "S. Un", "members": [{"id": "8", "name": "Ray"}]}
    assert artists[5].name == "Cloud"


def test_a_broken_release_is_named_with_its_offset_and_the_rest_is_kept(tmp_path: Path) -> None:
    broken = '<release id="5"><title>Bro & ken</title></release>'
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    entity = '<release id="6"><title>&a;</title></release>'
    folder = dump(tmp_path, bomb, BARE.format(1, 1), broken, entity, '<release id="x"></release>', BARE.format(2, 2))
    source = open_source(discogs=folder)
    assert [album.id for album in source.albums()] == ["1", "2"]
    assert len(source.damage) == 3
    offset = int(source.damage[0].place.removeprefix("byte "))
    text = gzip.decompress((folder / "discogs_20261101_releases.xml.gz").read_bytes())
    assert text[offset:].startswith(broken.encode())


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_truncated_dump_keeps_what_came_before(tmp_path: Path, kept: float) -> None:
    numbers = list(range(1, 2_000))
    folder = dump(tmp_path, *(BARE.format(number, number * 7919) for number in numbers))
    path = folder / "discogs_20261101_releases.xml.gz"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    source = open_source(discogs=folder)
    found = [int(album.id) for album in source.albums()]
    assert 100 < len(found) < len(numbers) and found == numbers[: len(found)]
    assert len(source.damage) == 1 and str(path) == source.damage[0].file and "ends" in source.damage[0].why


def test_more_versions_of_a_master_make_an_album_more_popular(tmp_path: Path) -> None:
    versions = [BARE.format(n, n).replace("<tracklist>", "<master_id>9</master_id><tracklist>") for n in range(1, 9)]
    source = open_source(discogs=dump(tmp_path, *versions, BARE.format(20, 20)))
    assert [album.popularity for album in source.albums()] == [43] * 8 + [0]
    assert [track.popularity for track in source.tracks()] == [43] * 8 + [0]


@pytest.mark.parametrize(
    ("positions", "places"),
    [
        (["A1", "A2", "B1", "C1", "D"], [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]),
        (["A", "AA"], [(1, 1), (1, 2)]),
        (["1-01", "1-02", "2-01"], [(1, 1), (1, 2), (2, 1)]),
        (["1.01", "1.02", "2.01"], [(1, 1), (1, 2), (2, 1)]),
        (["1", "2.1", "2.2", "3"], [(1, 1), (1, 2), (1, 3), (1, 4)]),
        (["CD1-1", "CD1-Video", "CD2-1", "DVD-1"], [(1, 1), (1, 2), (2, 1), (3, 1)]),
        (["LP-A1", "LP-B1", "LP-C1", "CD-1"], [(1, 1), (1, 2), (2, 1), (3, 1)]),
        (["A.1", "A1.1", "B.2"], [(1, 1), (1, 2), (1, 3)]),
        (["CD1", "CD2", ""], [(1, 1), (1, 2), (1, 3)]),
    ],
)
def test_positions_are_discs_and_numbers(positions: list[str], places: list[tuple[int, int]]) -> None:
    assert numbered(positions) == places


@pytest.mark.parametrize(
    ("text", "length"),
    [("4:45", 285_000), ("1:02:03", 3_723_000), ("0:30", 30_000), ("", 0), ("?", 0), ("4:x", 0), ("inf", 0)],
)
def test_durations_are_milliseconds(text: str, length: int) -> None:
    assert milliseconds(text) == length


def test_a_folder_without_releases_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoSource, match="has no dump of releases"):
        open_source(discogs=tmp_path)


def test_every_release_of_a_real_dump_becomes_an_album_and_every_place_on_it_a_track(reference: Path) -> None:
    dumps = reference / "catalogue" / "discogs"
    with gzip.open(dumps / "releases.xml.gz") as file:
        root = ElementTree.parse(file).getroot()
    places: Counter[str] = Counter()
    for release in root:
        for track in release.iterfind("tracklist/track"):
            parts = track.findall("sub_tracks/track")
            places[release.get("id") or ""] += 1 if track.findtext("position") else len(parts)
    source = open_source(discogs=dumps)
    albums, tracks, artists = list(source.albums()), list(source.tracks()), list(source.artists())
    assert source.damage == []
    assert [album.id for album in albums] == [release.get("id") for release in root]
    assert Counter(track.id.partition("-")[0] for track in tracks) == +places
    assert sum(bool(album.upc) for album in albums) > 200
    assert all(
        album.release_date == album.release_date.rstrip("-0") or "-00" not in album.release_date for album in albums
    )
    keys = {artist.key for artist in artists}
    assert len(keys) == len(artists)
    assert all(key in keys for album in albums for key in (*album.artists, *album.appears))
    assert all(key in keys for track in tracks for key in track.artists)
    assert len({track.key for track in tracks}) == len(tracks)
