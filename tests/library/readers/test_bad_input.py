"""What a library may hold besides good files: each is kept and marked, none stops the reader."""

from __future__ import annotations

import io
import os
import socket
import struct
import zlib
from pathlib import Path

import pytest

from segue.library.scan.facts import FileFacts
from segue.library.scan.problems import MEANINGS, ProblemCode, plays, sentence
from segue.library.scan.read import read_file, read_picture
from tests.library.media import FORMATS, bare, jpeg, make_audio, noise, png, tagged


def read(file: Path, **options: object) -> FileFacts:
    return read_file(bytes(file.parent), os.fsencode(file.name), **options)  # type: ignore[arg-type]


def put(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def code(facts: FileFacts) -> str | None:
    return facts.problem.code if facts.problem else None


def test_every_problem_has_a_sentence() -> None:
    assert set(MEANINGS) == set(ProblemCode)
    for meaning in MEANINGS.values():
        assert meaning.sentence.endswith(".")


def test_an_empty_file_is_kept_with_a_reason(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.mp3", b""))
    assert code(facts) == ProblemCode.EMPTY
    assert facts.tags is None


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    assert code(read(tmp_path / "x.mp3")) == ProblemCode.GONE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_says_so(tmp_path: Path) -> None:
    file = put(tmp_path, "x.mp3", bare("mp3"))
    file.chmod(0)
    assert code(read(file)) == ProblemCode.NOT_PERMITTED


def test_no_permission_is_told_from_other_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert read_file(bytes(tmp_path), b"x.mp3").problem.code == ProblemCode.NOT_PERMITTED  # type: ignore[union-attr]


def test_pipes_sockets_folders_and_circular_links_never_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "folder.mp3").mkdir()
    (tmp_path / "circle.mp3").symlink_to("circle.mp3")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.mp3")
        for name in ("pipe.mp3", "folder.mp3", "circle.mp3", "socket.mp3"):
            facts = read(tmp_path / name)
            assert code(facts) == ProblemCode.NOT_A_FILE, name
            assert facts.tags is None


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    put(tmp_path, "real.flac", bare("flac"))
    (tmp_path / "link.flac").symlink_to("real.flac")
    assert read(tmp_path / "link.flac").codec == "flac"


def test_a_name_in_broken_utf8_is_read_as_bytes(tmp_path: Path) -> None:
    name = b"caf\xe9 \xff\xfe.flac"
    make_audio(os.path.join(bytes(tmp_path), name), "flac", tags={"title": "Coffee"})
    facts = read_file(bytes(tmp_path), name)
    assert facts.path == name
    assert facts.tags is not None
    assert facts.tags.title == "Coffee"


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_lying_extension_is_read_by_what_it_is_and_marked(tmp_path: Path, fmt: str) -> None:
    lie = "flac" if fmt != "flac" else "mp3"
    facts = read(put(tmp_path, f"x.{lie}", tagged(fmt, tags={"title": "True"})))
    assert code(facts) == ProblemCode.WRONG_EXTENSION
    assert facts.tags is not None
    assert facts.tags.title == "True"


@pytest.mark.parametrize(
    "data",
    [noise(50_000), b"<!DOCTYPE html>" + b" " * 5000, png(), jpeg(), b"%PDF-1.7\n" + noise(3000), bytes(100_000)],
    ids=["noise", "html", "png", "jpeg", "pdf", "zeros"],
)
@pytest.mark.parametrize("extension", ["mp3", "flac", "m4a", "wav", "ogg"])
def test_what_is_no_music_is_a_file_and_no_track(tmp_path: Path, data: bytes, extension: str) -> None:
    facts = read(put(tmp_path, f"x.{extension}", data))
    assert facts.tags is None
    assert code(facts) in (ProblemCode.NOT_AUDIO, ProblemCode.UNREADABLE)
    assert not plays(facts.problem)


@pytest.mark.parametrize(
    "fmt", ["flac", "vorbis", "opus", "wav", "aiff", "tta", "wavpack", "ape", "dsf", "dff", "wma", "mp3"]
)
def test_a_truncated_file_is_kept_and_marked(tmp_path: Path, fmt: str) -> None:
    data = bare(fmt, 3.0)
    facts = read(put(tmp_path, f"x.{FORMATS[fmt]}", data[: len(data) * 6 // 10]))
    assert code(facts) in (ProblemCode.TRUNCATED, ProblemCode.CUT_AT_END)
    assert facts.tags is not None
    assert facts.duration_ms > 0


def test_a_truncated_mp4_with_its_index_in_front_plays_in_part_and_without_it_not_at_all(tmp_path: Path) -> None:
    data = bare("aac", 3.0)
    behind = read(put(tmp_path, "behind.m4a", data[: len(data) // 2]))
    assert code(behind) == ProblemCode.UNREADABLE
    moov = data.find(b"moov") - 4
    front = data[: data.find(b"mdat") - 4] + data[moov:] + data[data.find(b"mdat") - 4 : moov]
    cut = read(put(tmp_path, "front.m4a", front[:-5000]))
    assert code(cut) == ProblemCode.TRUNCATED
    assert cut.tags is not None
    assert cut.duration_ms == pytest.approx(3000, abs=50)


def test_an_mp3_with_garbage_in_front_is_a_marked_track(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.mp3", b"\x01garbage" * 2000 + bare("mp3", 2.0)))
    assert code(facts) == ProblemCode.GARBAGE_BEFORE_AUDIO
    assert facts.tags is not None
    assert facts.duration_ms == pytest.approx(2000, abs=60)


def test_a_tag_that_claims_more_than_the_file_does_not_hide_the_music(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.mp3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bare("mp3", 2.0)))
    assert code(facts) == ProblemCode.TAGS_TOO_LARGE
    assert facts.tags is not None
    assert facts.duration_ms == pytest.approx(2000, abs=60)
    assert facts.bytes_read < 2_000_000


def test_a_tag_of_200_megabytes_is_skipped_not_read(tmp_path: Path) -> None:
    size = 200 * 1024 * 1024
    header = b"ID3\x04\0\0" + bytes((size >> 21 & 0x7F, size >> 14 & 0x7F, size >> 7 & 0x7F, size & 0x7F))
    file = tmp_path / "x.mp3"
    with file.open("wb") as out:
        out.write(header)
        out.seek(size + 10)
        out.write(bare("mp3", 1.0))
    facts = read(file)
    assert code(facts) == ProblemCode.TAGS_TOO_LARGE
    assert facts.duration_ms == pytest.approx(1000, abs=60)
    assert facts.bytes_read < 1_000_000


def _comments(count: int, entries: list[bytes]) -> bytes:
    return struct.pack("<I", 0) + struct.pack("<I", count) + b"".join(struct.pack("<I", len(e)) + e for e in entries)


def _flac_with(comments: bytes) -> bytes:
    data = bare("flac")
    return data[:42] + b"\x04" + len(comments).to_bytes(3, "big") + comments + data[42:]


def test_a_comment_count_of_four_billion_ends_where_the_bytes_end(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.flac", _flac_with(_comments(0xFFFFFFFF, [b"TITLE=Still here"]))))
    assert code(facts) == ProblemCode.TAGS_UNREADABLE
    assert facts.tags is not None
    assert facts.tags.title == "Still here"


def test_a_million_artists_are_cut_to_a_number_that_makes_sense(tmp_path: Path) -> None:
    entry = struct.pack("<I", 8) + b"ARTIST=x"
    comments = struct.pack("<II", 0, 1_000_000) + entry * 1_000_000
    facts = read(put(tmp_path, "x.flac", _flac_with(comments)))
    assert facts.tags is not None
    assert 1 <= len(facts.tags.artists) <= 500
    assert any(doubt.code == ProblemCode.VALUES_CUT for doubt in facts.doubts)
    assert facts.problem is not None


@pytest.mark.parametrize("size", [0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF])
def test_absurd_mp4_box_sizes_are_survived(tmp_path: Path, size: int) -> None:
    data = bare("aac")
    for name in (b"ftyp", b"moov", b"trak", b"mdia", b"stsz", b"stco", b"stsd", b"esds", b"mdat"):
        at = data.find(name) - 4
        facts = read(put(tmp_path, "x.m4a", data[:at] + struct.pack(">I", size) + data[at + 4 :]))
        assert facts.tags is None or facts.format == "mp4"


def test_an_mp4_that_claims_four_billion_samples_costs_nothing(tmp_path: Path) -> None:
    data = bytearray(bare("aac"))
    at = data.find(b"stsz") + 4
    data[at + 4 : at + 12] = struct.pack(">II", 4, 0xFFFFFFFF)
    facts = read(put(tmp_path, "x.m4a", bytes(data)))
    assert facts.tags is not None


def test_a_nul_in_a_title_is_removed_and_noted_and_kept_raw(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.flac", _flac_with(_comments(1, [b"TITLE=Good\0 Times "]))))
    assert facts.tags is not None
    assert facts.tags.title == "Good Times"
    assert facts.raw == {"TITLE": ["Good\0 Times "]}
    assert [doubt.code for doubt in facts.doubts] == [ProblemCode.NUL_REMOVED]


def test_a_title_of_a_megabyte_is_cut_and_noted(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.flac", _flac_with(_comments(1, [b"TITLE=" + b"long " * 200_000]))))
    assert facts.tags is not None
    assert facts.tags.title is not None
    assert len(facts.tags.title) <= 1024
    assert facts.raw_truncated
    assert any(doubt.code == ProblemCode.VALUE_CUT for doubt in facts.doubts)


def _bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("fmt", ["flac", "mp3", "aac", "opus", "ape", "wma"])
def test_an_image_bomb_as_cover_is_noted_and_never_kept(tmp_path: Path, fmt: str) -> None:
    facts = read(put(tmp_path, f"x.{FORMATS[fmt]}", tagged(fmt, tags={"title": "Boom"}, cover=_bomb(100_000, 100_000))))
    assert facts.tags is not None
    assert facts.problem is None
    assert [doubt.code for doubt in facts.doubts] == [ProblemCode.PICTURE_TOO_LARGE]
    (picture,) = facts.pictures
    assert (picture.width, picture.height, picture.data, picture.best) == (100_000, 100_000, None, False)


def test_a_cover_that_is_no_picture_is_noted_and_never_kept(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.flac", tagged("flac", cover=noise(500))))
    assert [doubt.code for doubt in facts.doubts] == [ProblemCode.PICTURE_UNREADABLE]
    assert facts.pictures[0].data is None


def test_a_cover_goes_into_the_spool_once(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    for name in ("a.flac", "b.mp3", "c.opus"):
        facts = read(put(tmp_path, name, tagged({"flac": "flac", "mp3": "mp3"}.get(name[2:], "opus"), cover=png(64, 48))),
                     spool=bytes(spool))  # fmt: skip
        (picture,) = facts.pictures
        assert (picture.kind, picture.mime, picture.width, picture.height) == ("front", "image/png", 64, 48)
        assert picture.spooled
        assert picture.data is None
    assert [file.read_bytes() for file in spool.iterdir()] == [png(64, 48)]
    assert spool.joinpath(facts.pictures[0].sha256).exists()
    assert read_picture(bytes(tmp_path), b"a.flac", facts.pictures[0].sha256) == png(64, 48)


def test_a_spool_that_cannot_be_written_costs_the_picture_not_the_track(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "a.flac", tagged("flac", cover=png())), spool=bytes(tmp_path / "not there"))
    assert facts.tags is not None
    assert facts.problem is None
    assert [doubt.code for doubt in facts.doubts] == [ProblemCode.PICTURE_NOT_KEPT]


def test_a_file_that_changes_while_it_is_read_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from segue.library.scan import read as reading

    file = put(tmp_path, "x.flac", bare("flac"))
    real = reading.track_tags

    def grow(*args: object) -> object:
        with file.open("ab") as out:
            out.write(b"more")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "track_tags", grow)
    put(tmp_path, "x.flac", tagged("flac", tags={"title": "x"}))
    facts = read(file)
    assert code(facts) == ProblemCode.CHANGED_WHILE_READ
    assert facts.tags is not None


def test_a_parser_that_breaks_is_the_files_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from segue.library.scan import read as reading

    def broken(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setitem(reading._BEHIND_ID3, "flac", broken)
    facts = read(put(tmp_path, "x.flac", bare("flac")))
    assert code(facts) == ProblemCode.UNREADABLE
    assert facts.problem is not None
    assert sentence(facts.problem) == "The flac file is damaged and could not be read (RecursionError)."


def test_a_video_without_sound_is_no_track(tmp_path: Path) -> None:
    import av

    target = tmp_path / "x.mp4"
    with av.open(str(target), "w") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        for _ in range(3):
            file.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        file.mux(stream.encode(None))
    assert code(read(target)) == ProblemCode.NO_AUDIO


def test_a_wav_that_was_written_to_a_pipe_is_as_long_as_its_bytes(tmp_path: Path) -> None:
    data = bytearray(bare("wav", 1.0))
    at = data.find(b"data")
    data[4:8] = data[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    facts = read(put(tmp_path, "x.wav", bytes(data)))
    assert facts.problem is None
    assert facts.duration_ms == 1000


def test_a_wav_beyond_4_gib_keeps_its_length_in_ds64(tmp_path: Path) -> None:
    data = bare("wav", 1.0)
    at = data.find(b"data")
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, len(data) + 28, size, size // 4, 0)
    rf64 = b"RF64\xff\xff\xff\xffWAVE" + ds64 + data[12:at] + b"data\xff\xff\xff\xff" + data[at + 8 :]
    facts = read(put(tmp_path, "x.wav", rf64))
    assert (facts.problem, facts.duration_ms, facts.format) == (None, 1000, "wav")
    out = io.BytesIO(data)
    assert facts.audio_key == read(put(tmp_path, "y.wav", out.getvalue())).audio_key


def test_a_megabyte_of_sync_bytes_takes_no_time_to_speak_of(tmp_path: Path) -> None:
    facts = read(put(tmp_path, "x.mp3", b"\xff" * 1_000_000 + b"\xff\xfb\x90\x00" * 100_000))
    assert facts.format in ("mp3", None)
