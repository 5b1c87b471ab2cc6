"""The audio key stays with the music through any retag, and costs little to take."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from segue.library.scan.facts import FileFacts
from segue.library.scan.formats.source import Source
from segue.library.scan.read import read_file
from tests.library.media import FORMATS, _write_tags, bare, jpeg, noise, tagged

SECONDS = (0.3, 1.6)


def _facts(folder: Path, fmt: str, data: bytes) -> FileFacts:
    file = folder / f"x.{FORMATS[fmt]}"
    file.write_bytes(data)
    facts = read_file(bytes(folder), file.name.encode())
    assert facts.tags is not None, facts.problem
    return facts


def _retag(fmt: str, tags: dict[str, list[str]], cover: bytes | None = None) -> Callable[[bytes], bytes]:
    return lambda data: _write_tags(fmt, data, tags, cover)


def _retags(fmt: str) -> dict[str, Callable[[bytes], bytes]]:
    big_cover = jpeg() + noise(200_000)
    return {
        "longer": _retag(fmt, {"title": ["A much longer title " * 200], "artist": ["Somebody else"]}),
        "shorter": _retag(fmt, {"title": ["x"]}),
        "a picture of 200 KB": _retag(fmt, {"title": ["With a cover"]}, big_cover),
        "no tags": _without_tags(fmt),
    }


def _without_tags(fmt: str) -> Callable[[bytes], bytes]:
    def strip(data: bytes) -> bytes:
        import mutagen
        from mutagen.apev2 import APEv2
        from mutagen.id3 import ID3

        file = io.BytesIO(data)
        if fmt in ("mp3", "tta", "adts"):
            ID3(file).delete(file)
        elif fmt in ("ape", "wavpack", "musepack"):
            APEv2(file).delete(file)
        else:
            audio = mutagen.File(file)
            file.seek(0)
            audio.delete(file)
        return file.getvalue()

    return strip


@pytest.mark.parametrize("seconds", SECONDS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_every_retag_keeps_the_key(tmp_path: Path, fmt: str, seconds: float) -> None:
    data = tagged(fmt, seconds=seconds, tags={"title": "First"})
    first = _facts(tmp_path, fmt, data)
    assert first.audio_key is not None
    assert len(first.audio_key) == 16
    for name, retag in _retags(fmt).items():
        data = retag(data)
        again = _facts(tmp_path, fmt, data)
        assert again.problem is None, (name, again.problem)
        assert (again.audio_key, again.audio_key_kind) == (first.audio_key, first.audio_key_kind), name
        assert again.duration_ms == first.duration_ms, name
        data = tagged(fmt, seconds=seconds, tags={"title": "First"}) if name == "no tags" else data
    assert _facts(tmp_path, fmt, bare(fmt, seconds)).audio_key == first.audio_key


@pytest.mark.parametrize("fmt", FORMATS)
def test_different_audio_has_different_keys(tmp_path: Path, fmt: str) -> None:
    keys = {_facts(tmp_path, fmt, bare(fmt, seconds, seed)).audio_key for seconds in SECONDS for seed in range(4)}
    assert len(keys) == 8


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_audio_in_two_formats_has_two_keys(tmp_path: Path, fmt: str) -> None:
    others = {_facts(tmp_path, other, bare(other)).audio_key for other in FORMATS if other != fmt}
    own = _facts(tmp_path, fmt, bare(fmt))
    if own.audio_key_kind == "packets_1":
        assert own.audio_key not in others


def test_an_id3v1_and_an_apev2_tag_behind_an_mp3_keep_its_key(tmp_path: Path) -> None:
    from mutagen.apev2 import APEv2

    data = bare("mp3", 2.0)
    key = _facts(tmp_path, "mp3", data).audio_key
    file = io.BytesIO(data)
    tag = APEv2()
    tag["REPLAYGAIN_TRACK_GAIN"] = "-3.2 dB"
    tag.save(file)
    with_v1 = file.getvalue() + b"TAG" + b"Title".ljust(30, b"\0") + bytes(95)
    assert _facts(tmp_path, "mp3", file.getvalue()).audio_key == key
    facts = _facts(tmp_path, "mp3", with_v1)
    assert facts.audio_key == key
    assert facts.tags is not None
    assert facts.tags.replay_gain is not None
    assert facts.tags.title == "Title"


def test_a_rewritten_xing_header_keeps_the_key_of_an_mp3(tmp_path: Path) -> None:
    data = bytearray(bare("mp3", 2.0))
    key = _facts(tmp_path, "mp3", bytes(data)).audio_key
    at = max(data.find(b"Info"), data.find(b"Xing"))
    assert at > 0
    data[at + 20 : at + 60] = bytes(40)
    assert _facts(tmp_path, "mp3", bytes(data)).audio_key == key


def test_a_flac_without_a_checksum_is_told_by_its_frames(tmp_path: Path) -> None:
    data = bytearray(bare("flac", 2.0))
    data[26:42] = bytes(16)
    first = _facts(tmp_path, "flac", bytes(data))
    assert first.audio_key_kind == "packets_1"
    tagged_again = _write_tags("flac", bytes(data), {"title": ["Longer " * 2000]}, jpeg() + noise(200_000))
    assert _facts(tmp_path, "flac", tagged_again).audio_key == first.audio_key


def test_an_mp4_whose_index_moves_to_the_front_keeps_its_key(tmp_path: Path) -> None:
    import av

    data = bare("aac", 4.0)
    target = tmp_path / "front.m4a"
    options = {"movflags": "faststart"}
    with av.open(io.BytesIO(data)) as source, av.open(str(target), "w", format="ipod", options=options) as file:
        stream = file.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                file.mux(packet)
    moved = target.read_bytes()
    assert moved.find(b"moov") < moved.find(b"mdat")
    assert data.find(b"moov") > data.find(b"mdat")
    assert _facts(tmp_path, "aac", moved).audio_key == _facts(tmp_path, "aac", data).audio_key


def test_ogg_pages_cut_elsewhere_keep_the_key(tmp_path: Path) -> None:
    """A remux puts other numbers of packets on each page; the packets are the same."""
    from mutagen.ogg import OggPage

    data = bare("opus", 30.0)
    pages = []
    file = io.BytesIO(data)
    while file.tell() < len(data):
        pages.append(OggPage(file))
    music = list(OggPage.to_packets(pages[2:]))
    granule = pages[-1].position
    for per_page in (1, 7, 40):
        again = list(pages[:2])
        for index in range(0, len(music), per_page):
            page = OggPage()
            page.serial, page.sequence = pages[0].serial, len(again)
            page.packets = music[index : index + per_page]
            page.position = granule if index + per_page >= len(music) else min(granule, 960 * (index + per_page))
            again.append(page)
        again[-1].last = True
        repaged = b"".join(page.write() for page in again)
        assert _facts(tmp_path, "opus", repaged).audio_key == _facts(tmp_path, "opus", data).audio_key, per_page


@pytest.mark.parametrize("fmt", ["flac", "mp3", "vorbis", "opus", "aac", "alac", "wav", "wma", "wavpack"])
def test_a_large_file_is_read_only_in_small_part(tmp_path: Path, fmt: str) -> None:
    data = tagged(fmt, seconds=25.0, tags={"title": "Long"}, cover=jpeg() + noise(100_000))
    facts = _facts(tmp_path, fmt, data)
    last_block = 128 * 1024 if fmt == "wavpack" else 0  # only its last block says whether a WavPack file is whole
    assert facts.bytes_read <= 100_000 + 256 * 1024 + last_block


def test_the_key_alone_costs_at_most_256_kib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are counted where the reader asks for them, with and without the key being made."""
    from segue.library.scan.formats import mp4, mpeg, ogg, riff

    for fmt in ("mp3", "wav", "aac", "vorbis"):
        (tmp_path / f"x.{FORMATS[fmt]}").write_bytes(bare(fmt, 25.0))
        name = f"x.{FORMATS[fmt]}".encode()
        whole = read_file(bytes(tmp_path), name).bytes_read
        with monkeypatch.context() as patch:
            for module in (mp4, mpeg, riff):
                patch.setattr(module, "packets_key", lambda *_: (None, None), raising=False)
            patch.setattr(mp4, "_audio_key", lambda *_: 1)
            patch.setattr(ogg, "SAMPLE_BYTES", 0)
            without = read_file(bytes(tmp_path), name).bytes_read
        assert whole - without <= 256 * 1024


def test_a_source_counts_every_byte_once(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(noise(1_000_000))
    source = Source(bytes(tmp_path / "x"))
    assert source.at(500_000, 100_000) == noise(1_000_000)[500_000:600_000]
    assert source.at(999_990, 100) == noise(1_000_000)[999_990:]
    assert source.at(2_000_000, 100) == b""
    assert source.bytes_read == 64 * 1024 + 100_000 + 16 * 1024
    source.close()
