"""What a file sounds like on paper: codec, length, rate; and real recordings in every format."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from segue.library.scan.facts import FileFacts
from segue.library.scan.read import read_file
from tests.library.media import FORMATS, bare, make_audio

EXPECTED = {
    "mp3": ("mp3", "mp3", False, "audio/mpeg"),
    "flac": ("flac", "flac", True, "audio/flac"),
    "vorbis": ("ogg", "vorbis", False, "audio/ogg"),
    "opus": ("ogg", "opus", False, "audio/ogg"),
    "oggflac": ("ogg", "flac", True, "audio/ogg"),
    "aac": ("mp4", "aac", False, "audio/mp4"),
    "alac": ("mp4", "alac", True, "audio/mp4"),
    "wav": ("wav", "pcm", True, "audio/wav"),
    "aiff": ("aiff", "pcm", True, "audio/aiff"),
    "wma": ("asf", "wma", False, "audio/x-ms-wma"),
    "ape": ("ape", "ape", True, "audio/x-ape"),
    "wavpack": ("wavpack", "wavpack", True, "audio/x-wavpack"),
    "musepack": ("musepack", "musepack", False, "audio/x-musepack"),
    "tta": ("tta", "tta", True, "audio/x-tta"),
    "dsf": ("dsf", "dsd", True, "audio/x-dsf"),
    "dff": ("dff", "dsd", True, "audio/x-dff"),
    "adts": ("aac", "aac", False, "audio/aac"),
}


def read(file: Path) -> FileFacts:
    facts = read_file(bytes(file.parent), file.name.encode())
    assert facts.problem is None, facts.problem
    assert facts.size == file.stat().st_size
    assert facts.mtime_ns == file.stat().st_mtime_ns
    return facts


@pytest.mark.parametrize("fmt", FORMATS)
def test_format_codec_and_length(tmp_path: Path, fmt: str) -> None:
    make_audio(tmp_path / f"x.{FORMATS[fmt]}", fmt, seconds=2.0)
    facts = read(tmp_path / f"x.{FORMATS[fmt]}")
    assert (facts.format, facts.codec, facts.lossless, facts.content_type) == EXPECTED[fmt]
    assert facts.duration_ms == pytest.approx(2000, abs=60)
    assert facts.channels == 2
    assert facts.sample_rate_hz == {"opus": 48000, "dsf": 2822400, "dff": 2822400}.get(fmt, 44100)
    assert (facts.bit_depth > 0) == facts.lossless
    assert facts.bitrate_kbps > 0


@pytest.mark.parametrize("fmt", [fmt for fmt in FORMATS if fmt != "adts"])
def test_we_agree_with_mutagen(tmp_path: Path, fmt: str) -> None:
    import mutagen

    make_audio(tmp_path / f"x.{FORMATS[fmt]}", fmt, seconds=1.5, tags={"title": "x"})
    facts = read(tmp_path / f"x.{FORMATS[fmt]}")
    info = mutagen.File(tmp_path / f"x.{FORMATS[fmt]}").info
    # mutagen does not take off the encoder's delay that FFmpeg writes into MP3 files (up to 50 ms).
    assert facts.duration_ms == pytest.approx(info.length * 1000, abs=60 if fmt == "mp3" else 1)
    assert facts.sample_rate_hz == getattr(info, "sample_rate", 48000)
    assert facts.channels == getattr(info, "channels", 2)
    if facts.lossless and getattr(info, "bits_per_sample", 0):
        assert facts.bit_depth == info.bits_per_sample


def _convert(data: bytes, target: Path, codec: str, options: dict[str, str], container: str, rate: int = 0) -> None:
    import av

    with av.open(io.BytesIO(data)) as source, av.open(str(target), "w", format=container, options=options) as file:
        stream = file.add_stream(codec, rate=rate or 44100, options=options)
        stream.layout = "stereo"
        resampler = av.AudioResampler(stream.codec_context.format, "stereo", rate or 44100, frame_size=1152)
        if codec == "aac":
            resampler = av.AudioResampler(stream.codec_context.format, "stereo", rate or 44100, frame_size=1024)
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                file.mux(stream.encode(part))
        for part in resampler.resample(None):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))


def test_a_variable_mp3_without_a_header_is_measured_by_samples(tmp_path: Path) -> None:
    quiet = bytearray(bare("wav", 24.0))
    quiet[44 : 44 + 5 * 176_400] = bytes(5 * 176_400)
    target = tmp_path / "x.mp3"
    _convert(bytes(quiet), target, "libmp3lame", {"q": "5", "write_xing": "0", "id3v2_version": "0"}, "mp3")
    data = target.read_bytes()
    assert b"Xing" not in data[:4000]
    assert b"Info" not in data[:4000]
    assert read(target).duration_ms == pytest.approx(24_000, rel=0.04)


def test_a_fragmented_mp4_is_as_long_as_its_last_fragment_says(tmp_path: Path) -> None:
    target = tmp_path / "x.m4a"
    _convert(
        bare("wav", 6.0), target, "aac", {"movflags": "frag_keyframe+empty_moov", "frag_duration": "1000000"}, "mp4"
    )
    facts = read(target)
    assert facts.duration_ms == pytest.approx(6000, abs=80)
    assert facts.audio_key is not None


def test_a_nonsense_extension_is_no_lie(tmp_path: Path) -> None:
    (tmp_path / "song.backup").write_bytes(bare("flac"))
    assert read(tmp_path / "song.backup").codec == "flac"


# --- real recordings ------------------------------------------------------------------------------------------------

_RECORDINGS = Path("/usr/share/games/wesnoth/1.16/data/core/music")
_CONVERSIONS = {
    "flac": ["-c:a", "flac"], "mp3": ["-c:a", "libmp3lame", "-q:a", "4"], "opus": ["-c:a", "libopus"], "m4a": ["-c:a", "aac"],
    "alac.m4a": ["-c:a", "alac"], "wav": [], "aiff": [], "wma": ["-c:a", "wmav2"], "wv": ["-c:a", "wavpack"],
    "tta": ["-c:a", "tta"], "oga": ["-c:a", "flac"], "spx": ["-c:a", "libspeex", "-ar", "32000"], "aac": ["-c:a", "aac"],
}  # fmt: skip


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the ffmpeg program")
@pytest.mark.skipif(not _RECORDINGS.is_dir(), reason="needs Debian's wesnoth-1.16-music")
@pytest.mark.parametrize("ending", _CONVERSIONS)
def test_a_real_recording_is_read_in_every_format(tmp_path: Path, ending: str) -> None:
    recording = sorted(_RECORDINGS.glob("*.ogg"))[0]
    original = read(recording)
    assert original.tags is not None
    assert original.tags.title
    target = tmp_path / f"x.{ending}"
    command = ["ffmpeg", "-v", "error", "-t", "20", "-i", str(recording), "-vn", *_CONVERSIONS[ending]]
    done = subprocess.run([*command, str(target)], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if b"Unknown encoder" in done.stderr:
        pytest.skip("this ffmpeg cannot write it")
    facts = read(target)
    assert facts.duration_ms == pytest.approx(20_000, abs=120)
    assert facts.bytes_read <= 512 * 1024
    assert facts.audio_key is not None


@pytest.mark.skipif(not _RECORDINGS.is_dir(), reason="needs Debian's wesnoth-1.16-music")
def test_all_real_recordings_are_read_whole_and_cheaply(tmp_path: Path) -> None:
    facts = [read(file) for file in sorted(_RECORDINGS.glob("*.ogg"))]
    assert len({fact.audio_key for fact in facts}) == len(facts)
    assert sum(bool(fact.tags and fact.tags.title) for fact in facts) >= len(facts) - 1
    assert sorted(fact.bytes_read for fact in facts)[len(facts) // 2] <= 512 * 1024
