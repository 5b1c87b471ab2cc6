"""The quick way through an ID3 tag says what mutagen says, or stands aside."""

from __future__ import annotations

import io
import random

import pytest
from mutagen import id3
from mutagen.id3 import ID3

from segue.library.scan.formats.id3 import read_id3_fully
from segue.library.scan.formats.id3_quick import read_quickly
from segue.library.scan.found import Found
from segue.library.scan.tags.track_tags import track_tags
from tests.library.media import png

_TEXTS = ("plain", "Für Elise", "日本語", "a\nb", "  spaced ", "AC/DC", "1977", "3/9", "x" * 300)
_FRAMES = (
    "TIT2",
    "TPE1",
    "TPE2",
    "TALB",
    "TCOM",
    "TCON",
    "TRCK",
    "TPOS",
    "TDRC",
    "TDOR",
    "TSRC",
    "TPUB",
    "TBPM",
    "TSOP",
    "MVNM",
)


def _tag(seed: int) -> bytes:
    chance = random.Random(seed)
    version = chance.choice((3, 4))
    tag = ID3()

    def text() -> str:
        return chance.choice(_TEXTS)

    for name in chance.sample(_FRAMES, 8):
        values = ["1977-05-08"] if name in ("TDRC", "TDOR") else [text() for _ in range(chance.randint(1, 3))]
        if name == "TCON":
            values = chance.choice((["Rock"], ["(17)"], ["17"], ["(17)(18)Foo", "Folk"], ["Foo (live)"]))
        tag.add(getattr(id3, name)(encoding=chance.choice((1, 3)), text=values))
    tag.add(id3.TXXX(encoding=chance.choice((1, 3)), desc="ARTISTS", text=[text(), text()]))
    tag.add(id3.TXXX(encoding=3, desc="performer:oboe", text=["Somebody"]))
    tag.add(id3.COMM(encoding=chance.choice((1, 3)), lang="eng", desc=chance.choice(("", "iTunNORM")), text=[text()]))
    tag.add(id3.USLT(encoding=chance.choice((1, 3)), lang="eng", desc="", text=text()))
    tag.add(id3.TIPL(encoding=3, people=[["producer", text()], ["guitar", "Jo"]]))
    tag.add(id3.UFID(owner="http://musicbrainz.org", data=b"0b0d0f6e-0000-4000-8000-000000000001"))
    tag.add(id3.APIC(encoding=chance.choice((0, 1, 3)), mime="image/png", type=3, desc="Front", data=png()))
    tag.add(id3.PRIV(owner="someone", data=b"\0\1\2"))
    tag.add(id3.WOAR(url="http://example.org/"))
    out = io.BytesIO()
    if version == 3:
        tag.update_to_v23()
    tag.save(out, v2_version=version, v23_sep=chance.choice(("/", None)))
    return out.getvalue()


@pytest.mark.parametrize("seed", range(60))
def test_the_quick_way_says_what_mutagen_says(seed: int) -> None:
    data = _tag(seed)
    quick, full = Found("mp3"), Found("mp3")
    assert read_quickly(data, quick, want_pictures=True)
    read_id3_fully(data, full)
    assert track_tags(quick) == track_tags(full)
    assert quick.pictures == full.pictures
    assert quick.doubts == full.doubts


def _of(*frames: id3.Frame) -> bytes:
    tag = ID3()
    for frame in frames:
        tag.add(frame)
    out = io.BytesIO()
    tag.save(out)
    return out.getvalue()


def test_the_quick_way_stands_aside_for_what_it_does_not_know() -> None:
    title = id3.TIT2(encoding=3, text=["x"])
    chapter = id3.CHAP(element_id="1", start_time=0, end_time=1, start_offset=0, end_offset=0, sub_frames=[])
    plain = _of(title)
    unsynchronised = plain[:5] + b"\x80" + plain[6:]
    old = plain[:3] + b"\x02" + plain[4:]
    for data in (_of(title, chapter), unsynchronised, old, plain[:18] + b"\x08" + plain[19:]):
        found = Found("mp3")
        assert not read_quickly(data, found, want_pictures=True)
        assert not found.fields
        assert not found.raw


def test_itunes_frame_sizes_that_are_no_syncsafe_integers_are_mutagens_to_read() -> None:
    text = ("Long title in UTF-16 " * 20).encode("utf-16")
    body = b"TIT2" + (len(text) + 1).to_bytes(4, "big") + b"\0\0\x01" + text
    body += b"TPE1" + (5).to_bytes(4, "big") + b"\0\0\x03Band" + bytes(50)
    data = b"ID3\x04\0\0" + bytes((0, 0, len(body) >> 7, len(body) & 0x7F)) + body
    found = Found("mp3")
    assert not read_quickly(data, found, want_pictures=True)
    read_id3_fully(data, found)
    assert found.fields["artist"] == ["Band"]
