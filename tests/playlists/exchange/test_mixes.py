"""Lists that go to DJ programs: beats, keys and points of a mix, read back as those programs would."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from segue.analysis.mixing.cues import Cue, cues
from segue.analysis.mixing.records import Key, Manner, Mixable
from segue.analysis.mixing.transition import plan
from segue.core.access import Actor
from segue.library.fields.tracks import TRACK
from segue.playlists.exchange import m3u, rekordbox
from segue.playlists.exchange.exporting import PlaylistExportService
from segue.playlists.exchange.mixes import mix_of, stretches
from segue.playlists.exchange.outgoing import OutList, OutRow
from tests.analysis.mixing.tracks import track
from tests.playlists.exchange.ground import Ground

LIST = OutList('Late "trains" & <more>')


def row(number: int, **more: Any) -> OutRow:
    values = {
        "title": f"Song {number}", "artist": "Ann & Bob", "album": "A<B", "duration_ms": 240_400, "track_id": number,
        "location": f"/music/É {number}#1.flac", "position": number,
    }  # fmt: skip
    return OutRow(**{**values, **more})


def mixed(number: int, one: Mixable, **more: Any) -> OutRow:
    return row(number, mix=mix_of(one, cues(one, 2), **more))


def parsed(rows: list[OutRow]) -> ET.Element:
    return ET.fromstring("".join(rekordbox.write(LIST, rows)))


def test_the_collection_has_each_track_once_and_the_list_all_in_order() -> None:
    root = parsed([row(4), row(9), row(4), row(5, location="")])
    assert root.tag == "DJ_PLAYLISTS" and root.attrib == {"Version": "1.0.0"}
    tracks = root.findall("COLLECTION/TRACK")
    assert root.find("COLLECTION").attrib["Entries"] == "2"  # type: ignore[union-attr]
    assert [one.attrib["TrackID"] for one in tracks] == ["4", "9"]
    assert tracks[0].attrib["Artist"] == "Ann & Bob" and tracks[0].attrib["Album"] == "A<B"
    assert tracks[0].attrib["Kind"] == "FLAC File" and tracks[0].attrib["TotalTime"] == "240"
    node = root.find("PLAYLISTS/NODE[@Type='0']/NODE[@Type='1']")
    assert node is not None
    assert node.attrib == {"Name": LIST.name, "Type": "1", "KeyType": "0", "Entries": "3"}
    assert [one.attrib["Key"] for one in node] == ["4", "9", "4"]


@pytest.mark.parametrize(
    ("location", "wanted"),
    [
        ("/music/É 1#1.flac", "file://localhost/music/É 1#1.flac"),
        ("C:\\Music\\a b.mp3", "file://localhost/C:/Music/a b.mp3"),
        ("Band/100%.mp3", "file://localhost/Band/100%.mp3"),
    ],
)
def test_files_are_addresses_as_rekordbox_has_them(location: str, wanted: str) -> None:
    written = rekordbox.as_location(location)
    assert unquote(written) == wanted and written.isascii() and " " not in written and "#" not in written
    assert rekordbox.as_location("https://x.example/rest/stream?id=tr-1") == "https://x.example/rest/stream?id=tr-1"


def test_a_steady_beat_is_one_tempo_and_cues_are_where_a_mix_uses_them() -> None:
    one = track(1, 124.0, first_ms=310, key=Key(6, "minor"), intro_end_ms=15_900, outro_start_ms=200_000)
    one = replace(one, downbeats=tuple(range(2, len(one.beats_ms), 4)))
    (found,) = parsed([mixed(1, one)]).findall("COLLECTION/TRACK")
    assert found.attrib["AverageBpm"] == "124.00" and found.attrib["Tonality"] == "F#m"
    (tempo,) = found.findall("TEMPO")
    assert tempo.attrib == {"Inizio": "0.310", "Bpm": "124.00", "Metro": "4/4", "Battito": "3"}
    marks = found.findall("POSITION_MARK")
    hot = {mark.attrib["Num"]: mark.attrib for mark in marks if mark.attrib["Num"] != "-1"}
    assert [hot[number]["Name"] for number in ("0", "1", "2")] == ["Mix in", "Intro end", "Outro"]
    beats = {f"{beat / 1000:.3f}" for beat in one.beats_ms}
    memory = [mark.attrib["Start"] for mark in marks if mark.attrib["Num"] == "-1"]
    assert memory == sorted(memory, key=float) and set(memory) <= beats and len(memory) == 5


def test_a_moving_beat_is_several_tempos_that_meet_its_beats() -> None:
    beats, at = [], 500.0
    for number in range(160):
        beats.append(round(at))
        at += 500 - number * 0.5
    one = replace(track(1), beats_ms=tuple(beats), downbeats=tuple(range(0, 160, 4)))
    found = stretches(one, 4)
    assert len(found) == 10 and found[0].bpm < 121 < 138 < found[-1].bpm
    for stretch in found:
        assert stretch.at_ms in beats and stretch.beat == 1
        after = [beat for beat in beats if stretch.at_ms <= beat][:17]
        assert abs(stretch.at_ms + (len(after) - 1) * 60_000 / stretch.bpm - after[-1]) < 35
    assert stretches(replace(one, beats_ms=(), downbeats=()), 4) == ()


def test_an_m3u_says_where_vlc_begins_and_ends_and_keeps_the_cues() -> None:
    one, two = track(1, outro_start_ms=208_500), track(2, intro_end_ms=16_500)
    way = plan(one, two, Manner())
    rows = [mixed(1, one, after=way), mixed(2, two, before=way), row(3)]
    text = "".join(m3u.write(LIST, rows))
    assert f"#EXTVLCOPT:stop-time={(way.out_ms + way.length_ms) / 1000:.3f}\n" in text
    assert f"#EXTVLCOPT:start-time={way.in_ms / 1000:.3f}\n" in text and text.count("#EXTVLCOPT") == 2
    kept = [json.loads(line[7:]) for line in text.splitlines() if line.startswith("#SEGUE:")]
    assert kept[0]["mix"]["bpm"] == 120 and kept[0]["mix"]["key"] == "Am"
    assert ["outro_start", 208_500] in kept[0]["mix"]["cues"] and "mix" not in kept[2]
    lines = text.splitlines()
    for place in (i for i, line in enumerate(lines) if not line.startswith("#")):
        assert lines[place - 1].startswith("#SEGUE:")


class Mixing:
    """Knows of some tracks how they are mixed."""

    def __init__(self, known: dict[int, Mixable]) -> None:
        self.known = known

    async def cues_of(self, _actor: Actor, tracks: list[int]) -> dict[int, tuple[Mixable, list[Cue]]]:
        return {id: (self.known[id], cues(self.known[id], 2)) for id in tracks if id in self.known}


@pytest.mark.anyio
async def test_a_playlist_goes_to_rekordbox_with_what_is_known_of_its_tracks(ground: Ground) -> None:
    exports = PlaylistExportService(ground.db, ground.playlists, ground.imports._finding, TRACK)
    roads, angel, *_ = ground.tracks
    exports.mixing = Mixing({roads: track(roads, 85.0), angel: track(angel, 86.0)})  # type: ignore[assignment]
    number = await ground.playlists.create(ground.anna, "Late", [roads, angel, ground.tracks[3]])
    made = await exports.export(ground.anna, number, "rekordbox", folder="/Users/anna/Music/")
    root = ET.fromstring(b"".join([piece async for piece in made.pieces]))
    found = root.findall("COLLECTION/TRACK")
    assert made.name == "Late.xml" and [len(one.findall("TEMPO")) for one in found] == [1, 1, 0]
    assert unquote(found[0].attrib["Location"]) == "file://localhost/Users/anna/Music/Portishead/Dummy/01 Roads.flac"
    listed = await exports.export(ground.anna, number, "m3u8-cues", folder="D:\\Music")
    text = b"".join([piece async for piece in listed.pieces]).decode()
    assert listed.name == "Late.m3u8" and "\nD:\\Music\\Portishead\\Dummy\\01 Roads.flac\n" in text
    assert text.count('"mix":') == 2 and "#EXTVLCOPT:stop-time=" in text
    zipped = await exports.export_all(ground.anna, "rekordbox")
    assert zipped.name == "playlists.zip" and b"Late.xml" in b"".join([piece async for piece in zipped.pieces])
