"""What was kept of a file's tags is enough to make them again: what the reader said comes out, for every format."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from mutagen import id3
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3

from segue.library.scan.facts import FileFacts
from segue.library.scan.read import read_file
from segue.library.scan.tags.again import TAG_DOUBTS, tags_again
from segue.library.scan.tags.rules import shipped
from segue.library.scan.tags.rules_file import rules_of
from tests.library.media import FORMATS, bare, tagged

_WORDS = ("plain", "Für Elise", "日本語", "A feat. B", "AC/DC", "Rock; Pop", "1977", "3/9", "x" * 300, " spaced ")


def read(folder: Path, fmt: str, data: bytes, rules: str | None = None) -> FileFacts:
    file = folder / f"x.{FORMATS.get(fmt, fmt)}"
    file.write_bytes(data)
    return read_file(bytes(folder), file.name.encode(), rules=rules_of(rules))


def same_again(facts: FileFacts, rules: str | None = None) -> None:
    assert facts.tags is not None
    assert facts.format is not None
    tags, doubts = tags_again(facts.format, facts.raw or {}, rules_of(rules))
    assert tags == facts.tags
    assert doubts == [doubt for doubt in facts.doubts if doubt.code in TAG_DOUBTS]


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("seed", range(3))
def test_tags_are_made_again_from_what_was_kept(tmp_path: Path, fmt: str, seed: int) -> None:
    chance = random.Random(f"{fmt}{seed}")
    is_mp4 = fmt in ("aac", "alac")

    def some() -> list[str]:
        return [chance.choice(_WORDS) for _ in range(chance.randint(1, 3))]

    tags = {
        "title": chance.choice(_WORDS), "artist": some(), "artists": some(), "album": chance.choice(_WORDS),
        "albumartist": chance.choice(_WORDS), "genre": some(), "date": chance.choice(("1977-05-08", "1977-16", "May")),
        "tracknumber": chance.choice(("3",) if is_mp4 else ("3", "x9", "A1")), "tracktotal": "12", "discnumber": "1",
        "disctotal": "2",
        "composer": some(), "label": some(), "isrc": chance.choice(("DEA123456789", "none")), "compilation": "1",
        "comment": chance.choice(_WORDS), "bpm": chance.choice(("72",) if is_mp4 else ("72", "fast")), "catalognumber": some(),
        "musicbrainz_trackid": "0b0d0f6e-0000-4000-8000-000000000001", "releasetype": ["album", "live"],
    }  # fmt: skip
    data = tagged(fmt, tags={name: value for name, value in tags.items() if chance.random() < 0.8})
    same_again(read(tmp_path, fmt, data))
    same_again(read(tmp_path, fmt, data, OTHERS), OTHERS)


OTHERS = """
add: {composer: {id3: TPE1, vorbis: ARTIST, mp4: ©ART, ape: Artist, asf: Author}}
split: {artist: [" & "], genre: []}
drop: [comment]
own: {seal: LABEL}
"""


def _saved(tag: ID3, version: int, data: bytes) -> bytes:
    if version == 3:
        tag.update_to_v23()
    out = io.BytesIO(data)
    tag.save(out, v2_version=version)
    return out.getvalue()


@pytest.mark.parametrize("version", [3, 4])
def test_every_kind_of_id3_frame_is_made_again(tmp_path: Path, version: int) -> None:
    tag = ID3()
    tag.add(id3.TIT2(encoding=3, text=["Title"]))
    tag.add(id3.TCON(encoding=3, text=["(17)(18)Foo", "Folk"]))
    tag.add(id3.TDRC(encoding=3, text=["1977-05-08"]))
    tag.add(id3.TDOR(encoding=3, text=["1967"]))
    tag.add(id3.TIPL(encoding=3, people=[["producer", "P"], ["guitar", "G: H"]]))
    tag.add(id3.TMCL(encoding=3, people=[["oboe", "O"]]))
    tag.add(id3.COMM(encoding=3, lang="eng", desc="", text=["Said"]))
    tag.add(id3.COMM(encoding=3, lang="eng", desc="description", text=["Otherwise"]))
    tag.add(id3.USLT(encoding=3, lang="deu", desc="x:y", text="La la"))
    tag.add(id3.SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=[("one", 1000)]))
    tag.add(id3.UFID(owner="http://musicbrainz.org", data=b"0b0d0f6e-0000-4000-8000-000000000001"))
    tag.add(id3.UFID(owner="elsewhere", data=b"x" * 100))
    tag.add(id3.TXXX(encoding=3, desc="performer:bass: five strings", text=["B"]))
    tag.add(id3.PRIV(owner="someone", data=b"\0\1\2"))
    tag.add(id3.GRP1(encoding=3, text=["Group"]))
    tag.add(id3.MVIN(encoding=3, text=["2/3"]))
    facts = read(tmp_path, "mp3", _saved(tag, version, bare("mp3")))
    assert facts.tags is not None
    assert (facts.tags.movement_number, facts.tags.movement_total) == (2, 3)
    same_again(facts)


def test_several_kinds_of_tags_in_one_file_are_told_apart(tmp_path: Path) -> None:
    file = io.BytesIO(bare("mp3"))
    tag = APEv2()
    tag["Artist"], tag["MOOD"], tag["YEAR"] = ["Ape"], ["calm"], "1999"
    tag.save(file)
    old = b"TAG" + b"Old title".ljust(30, b"\0") + bytes(60) + b"1966" + bytes(28) + b"\0\x07\x11"
    with_id3 = ID3()
    with_id3.add(id3.TALB(encoding=3, text=["Album"]))
    facts = read(tmp_path, "mp3", _saved(with_id3, 4, file.getvalue()) + old)
    assert facts.tags is not None
    assert facts.raw is not None
    assert {"TALB", "APEv2:Artist", "APEv2:MOOD", "ID3v1:title", "ID3v1:genre"} <= facts.raw.keys()
    assert (facts.tags.title, facts.tags.album, facts.tags.moods, facts.tags.track_number) == (
        "Old title", "Album", ("calm",), 7,
    )  # fmt: skip
    same_again(facts)


def test_an_id3_tag_before_monkeys_audio_is_told_from_its_own_tags(tmp_path: Path) -> None:
    with_id3 = ID3()
    with_id3.add(id3.TALB(encoding=3, text=["Album"]))
    head = io.BytesIO()
    with_id3.save(head)
    facts = read(tmp_path, "ape", head.getvalue() + tagged("ape", tags={"title": "Title", "mood": "calm"}))
    assert facts.raw is not None
    assert "ID3v2:TALB" in facts.raw
    assert facts.tags is not None
    assert (facts.tags.album, facts.tags.title) == ("Album", "Title")
    same_again(facts)


def test_the_rules_of_a_child_process_are_those_of_its_parent() -> None:
    import pickle

    rules = rules_of(OTHERS)
    copy = pickle.loads(pickle.dumps(rules))
    assert (copy.hash, copy.vorbis, copy.own) == (rules.hash, rules.vorbis, rules.own)
    assert copy is pickle.loads(pickle.dumps(rules))
    assert rules.hash != shipped().hash
    assert rules_of("# nothing but a remark\n").hash == shipped().hash
