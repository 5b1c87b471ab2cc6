"""Whatever a file is, it is heard or there is a reason; never a hang, never a crash."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.analysis.decode import blocks
from segue.analysis.errors import (
    REASONS,
    CannotOpen,
    EmptyFile,
    Encrypted,
    NoAudioStream,
    NoSound,
    NoSuchFile,
    NotAFile,
    NotAudio,
    OutsideTheFile,
    StrangeSound,
    TooDamaged,
    told,
)
from segue.analysis.records import Finding
from tests.analysis.files import RATE, coded, tone, video, wav
from tests.analysis.sounded import noise


def heard(path: Path | bytes, **wanted: Any) -> tuple[Any, dict[str, Any]]:
    """All samples, and the parameters of the doubts by their code."""
    with blocks(path, **wanted) as decoded:
        parts = list(decoded)
    for part in parts:
        assert np.isfinite(part.samples).all()
        assert np.isfinite(part.mono).all()
    return np.concatenate([part.samples for part in parts], 1), {one.code: one.params for one in decoded.doubts}


# --- what is sound, if strange ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.2, 0.001, 1 / RATE])
def test_the_shortest_of_sounds_is_heard(tmp_path: Path, seconds: float) -> None:
    samples, doubts = heard(wav(tmp_path / "a.wav", tone(seconds)))
    assert samples.shape[1] == round(seconds * RATE)
    assert doubts == {}


def test_silence_and_a_single_click_are_heard(tmp_path: Path) -> None:
    silence, _ = heard(wav(tmp_path / "silence.wav", np.zeros((2, RATE))))
    assert not silence.any()
    click = np.zeros((1, RATE))
    click[0, 100] = 1
    samples, _ = heard(wav(tmp_path / "click.wav", click))
    assert int(np.count_nonzero(samples)) == 1


def test_what_is_no_number_becomes_silence_and_is_told(tmp_path: Path) -> None:
    given = tone(0.5).astype(np.float64)
    given[0, 10], given[1, 20], given[0, 30], given[1, 40] = np.nan, np.inf, -np.inf, 1e30
    samples, doubts = heard(wav(tmp_path / "a.wav", given, kind="dbl"))
    assert doubts == {"not_finite": {"samples": 4}}
    assert samples[0, 10] == samples[1, 20] == samples[0, 30] == samples[1, 40] == 0
    assert samples[0, 11] == np.float32(given[0, 11])


def test_an_offset_and_clipping_are_left_as_they_are(tmp_path: Path) -> None:
    offset, _ = heard(wav(tmp_path / "dc.wav", tone(0.5, dbfs=-20) + 0.25))
    assert float(offset.mean()) == pytest.approx(0.25, abs=1e-3)
    loud, doubts = heard(wav(tmp_path / "loud.wav", tone(0.5) * 8))
    assert float(loud.max()) == pytest.approx(1, abs=1e-4)
    assert doubts == {}


def test_floats_above_full_scale_are_kept(tmp_path: Path) -> None:
    samples, doubts = heard(wav(tmp_path / "a.wav", tone(0.2) * 4, kind="flt"))
    assert float(samples.max()) > 1.9
    assert doubts == {}


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.opus", "a.mka"])
def test_a_file_that_was_cut_is_heard_up_to_the_cut(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    given = noise(4, 48_000)
    wav(path, given, 48_000) if name == "a.wav" else coded(path, given, 48_000)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    samples, doubts = heard(path)
    assert 1.5 < samples.shape[1] / 48_000 < 2.6
    assert doubts["cut_short"]["heard_ms"] == pytest.approx(samples.shape[1] / 48, abs=2)


def test_a_wav_that_never_said_how_long_it_would_be_is_whole(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(1))
    body = bytearray(path.read_bytes())
    body[4:8] = body[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(body)
    samples, doubts = heard(path)
    assert samples.shape[1] == RATE
    assert doubts == {}


def test_damage_in_the_middle_is_passed_over_and_what_follows_stays_in_its_place(tmp_path: Path) -> None:
    rate = 48_000
    given = np.concatenate([noise(2, rate), tone(1, rate, hz=1000)], axis=1)
    path = coded(tmp_path / "a.flac", given, rate)
    body = bytearray(path.read_bytes())
    middle = len(body) // 3
    body[middle : middle + 30_000] = bytes(30_000)
    path.write_bytes(body)
    samples, doubts = heard(path)
    assert samples.shape[1] == 3 * rate
    assert "gaps" in doubts or "damaged" in doubts
    assert np.abs(samples[:, -rate // 2 :] - given[:, -rate // 2 :]).max() < 1e-3


def test_another_rate_on_the_way_is_told_and_resampled(tmp_path: Path) -> None:
    first = coded(tmp_path / "1.ogg", tone(1, 48_000), 48_000, codec="flac").read_bytes()
    second = coded(tmp_path / "2.ogg", tone(1, 24_000), 24_000, codec="flac").read_bytes()
    path = tmp_path / "chained.ogg"
    path.write_bytes(first + second)
    samples, doubts = heard(path)
    assert samples.shape[1] / 48_000 == pytest.approx(2, abs=0.02)
    assert doubts["rate_changed"] == {"from": 48_000, "to": 24_000}


def test_other_channels_on_the_way_are_told_and_mixed(tmp_path: Path) -> None:
    first = coded(tmp_path / "1.mp3", tone(1, channels=1), write_xing="0", id3v2_version="0").read_bytes()
    second = coded(tmp_path / "2.mp3", tone(1, channels=2), write_xing="0", id3v2_version="0").read_bytes()
    path = tmp_path / "both.mp3"
    path.write_bytes(first + second)
    samples, doubts = heard(path)
    assert samples.shape[0] == 1
    assert samples.shape[1] / RATE == pytest.approx(2, abs=0.1)
    assert doubts["channels_changed"] == {"from": "mono", "to": "stereo"}


def test_a_cover_picture_is_passed_over(tmp_path: Path) -> None:
    import av

    path = tmp_path / "a.mp3"
    sound = coded(tmp_path / "bare.mp3", tone(1))
    with av.open(str(sound)) as given, av.open(str(path), "w") as out:
        audio = out.add_stream_from_template(given.streams.audio[0])
        cover = out.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 16
        cover.pix_fmt = "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        packets = [*cover.encode(picture), *cover.encode(None)]
        for packet in given.demux(audio=0):
            if packet.dts is not None:
                packet.stream = audio
                out.mux(packet)
        out.mux(packets)
    samples, doubts = heard(path)
    assert samples.shape[1] == pytest.approx(RATE, abs=1200)
    assert doubts == {}


def test_a_path_that_is_no_text_is_a_path(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe caf\xe9.wav"
    made = wav(tmp_path / "a.wav", tone(0.1))
    os.rename(made, path)
    samples, _ = heard(path)
    assert samples.shape[1] == RATE // 10


def test_a_name_like_an_address_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "concat:a.wav", tone(0.1))
    samples, _ = heard(Path("concat:a.wav"))
    assert samples.shape[1] == RATE // 10


# --- what cannot be heard ---------------------------------------------------------------------------------------------


def reason(path: Path | bytes, **wanted: Any) -> Any:
    with pytest.raises(tuple(REASONS.values())) as raised:
        heard(path, **wanted)
    error: Any = raised.value
    assert str(told(error.code, error.params)) == error.message
    assert type(told(error.code, error.params)) is type(error)
    return error


def test_text_is_no_audio(tmp_path: Path) -> None:
    for name in ("a.txt", "a.mp3", "a.wav", "a.flac", "a.aac"):
        (tmp_path / name).write_text("These are words, and no sound at all.\n" * 200)
        assert isinstance(reason(tmp_path / name), NotAudio)


def test_playlists_open_nothing(tmp_path: Path) -> None:
    """FFmpeg would follow what these files name."""
    wav(tmp_path / "a.wav", tone(0.1))
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.wav\n#EXT-X-ENDLIST\n")
    (tmp_path / "a.ffconcat").write_text("ffconcat version 1.0\nfile a.wav\n")
    for name in ("a.m3u8", "a.ffconcat"):
        assert isinstance(reason(tmp_path / name), NotAudio)


def test_an_empty_file_a_folder_and_nothing_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    assert isinstance(reason(tmp_path / "empty.mp3"), EmptyFile)
    folder = reason(tmp_path)
    assert isinstance(folder, NotAFile)
    assert folder.params == {"kind": "directory"}
    assert isinstance(reason(tmp_path / "nothing.mp3"), NoSuchFile)
    assert isinstance(reason(tmp_path / "empty.mp3" / "below.mp3"), NoSuchFile)
    assert isinstance(reason(b"a\0b.mp3"), CannotOpen)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    assert reason(tmp_path / "pipe.mp3").params == {"kind": "fifo"}


def test_sockets_and_devices_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket.mp3")
        assert reason(tmp_path / "socket.mp3").params == {"kind": "socket"}
    assert reason(Path("/dev/zero")).params == {"kind": "device"}


def test_what_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by a system that refuses: whoever runs the tests may be allowed to read everything."""
    path = wav(tmp_path / "a.wav", tone(0.1))

    def refuse(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("segue.analysis.decode.opening.os.open", refuse)
        error = reason(path)
    assert isinstance(error, CannotOpen)
    assert error.hint


def test_a_video_without_sound_has_none(tmp_path: Path) -> None:
    error = reason(video(tmp_path / "a.mp4", None))
    assert isinstance(error, NoAudioStream)


@pytest.mark.parametrize("entry", [b"drms", b"enca", b"aavd"])
def test_protected_music_says_that_it_is(tmp_path: Path, entry: bytes) -> None:
    path = coded(tmp_path / "a.m4a", tone(0.5))
    body = path.read_bytes()
    at = body.index(b"mp4a", body.index(b"stsd"))
    path.write_bytes(body[:at] + entry + body[at + 4 :])
    error = reason(path)
    assert isinstance(error, Encrypted)
    assert error.params == {"scheme": entry.decode()}


def test_common_encryption_says_that_it_is(tmp_path: Path) -> None:
    key = {"encryption_key": "00112233445566778899aabbccddeeff", "encryption_kid": "0123456789abcdef0123456789abcdef"}
    path = coded(tmp_path / "a.m4a", tone(0.5), encryption_scheme="cenc-aes-ctr", **key)
    assert isinstance(reason(path), Encrypted)


def test_a_protected_asf_file_says_that_it_is(tmp_path: Path) -> None:
    path = coded(tmp_path / "a.wma", tone(0.5), codec="wmav2")
    body = path.read_bytes()
    protection = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e") + struct.pack("<Q", 28) + bytes(4)
    path.write_bytes(body[:30] + protection + body[30:])
    assert isinstance(reason(path), Encrypted)


def test_a_file_without_one_sample(tmp_path: Path) -> None:
    assert isinstance(reason(wav(tmp_path / "a.wav", np.zeros((2, 0)))), NoSound | NotAudio)


def test_a_rate_that_no_music_has(tmp_path: Path) -> None:
    error = reason(wav(tmp_path / "a.wav", tone(1, 100, 1, hz=10), rate=100))
    assert isinstance(error, StrangeSound)
    assert error.params == {"rate": 100, "channels": 1}


def test_an_m4a_that_lost_its_index_is_damaged(tmp_path: Path) -> None:
    path = coded(tmp_path / "a.m4a", tone(2))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert isinstance(reason(path), TooDamaged)


def test_a_head_without_a_body_is_damaged(tmp_path: Path) -> None:
    path = coded(tmp_path / "a.flac", tone(1))
    body = path.read_bytes()
    path.write_bytes(body[:8192] + bytes(len(body)))
    error = reason(path)
    assert isinstance(error, TooDamaged)


def test_a_slice_after_the_end(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(1))
    assert isinstance(reason(path, start_ms=5000), OutsideTheFile)
    assert isinstance(reason(path, start_ms=500, end_ms=400), OutsideTheFile)


def test_a_reason_that_is_not_known_any_more_is_told_by_its_code() -> None:
    assert told("of_an_old_version", {"x": 1}).code == "of_an_old_version"
    assert told("not_a_file", {"surplus": 1}).code == "not_a_file"
    assert told("child_crashed", {"cause": "SIGKILL"}).message


def test_a_long_file_is_heard_in_blocks(tmp_path: Path) -> None:
    """Half an hour of nothing, and never more than a block at once."""
    seconds = 1800
    path = wav(tmp_path / "a.wav", np.zeros((1, 0)), 8000)
    head = bytearray(path.read_bytes())
    head[40:44] = struct.pack("<I", seconds * 16_000)
    path.write_bytes(head)
    os.truncate(path, len(head) + seconds * 16_000)
    with blocks(path) as decoded:
        largest = max(part.samples.nbytes + part.mono.nbytes for part in decoded)
    assert decoded.duration_ms == seconds * 1000
    assert largest < 2_000_000
    assert decoded.doubts == ()


def test_doubts_are_findings(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(1))
    path.write_bytes(path.read_bytes()[:-50_001])
    with blocks(path) as decoded:
        list(decoded)
    assert decoded.doubts == (Finding("cut_short", {"heard_ms": decoded.duration_ms}),)
