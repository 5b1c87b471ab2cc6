"""The demonstration library: complete, playable, the same every time, and true to what it says of itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import mutagen
import numpy as np
import pytest

from segue.demo.covers import DRAWINGS, cover
from segue.demo.library import TRUTH, make, planned
from segue.demo.plan import RECORDS, Record
from segue.demo.render import render
from segue.demo.score import compose


def short(record: Record) -> Record:
    """One piece of six bars, for a test that must not take long."""
    return replace(record, pieces=(replace(record.pieces[0], bars=6),))


ONE_OF_EACH_FORMAT = tuple(
    short(next(record for record in RECORDS if record.format == format))
    for format in ("flac", "mp3", "opus", "m4a", "wav")
)


def test_the_plan_holds_what_a_collection_can_be_difficult_with() -> None:
    pieces = [piece for record in RECORDS for piece in record.pieces]
    artists = {record.artist for record in RECORDS if not record.compilation}
    assert 28 <= len(pieces) <= 36
    assert len(RECORDS) == 10
    assert len(artists) >= 8
    assert {record.format for record in RECORDS} == {"flac", "mp3", "opus", "m4a", "wav"}
    assert any(record.disc_titles for record in RECORDS)
    assert any(record.compilation for record in RECORDS)
    assert any(piece.work and piece.credits for piece in pieces)
    assert any(len(piece.artists) > 1 for piece in pieces)
    names = " ".join([*artists, *(record.title for record in RECORDS)])
    assert "水" in names
    assert "Л" in names
    assert "!!!" in names


def test_a_second_time_makes_nothing_and_a_lost_file_is_made_again(tmp_path: Path) -> None:
    records = ONE_OF_EACH_FORMAT[1:2]
    said: list[str] = []
    first = make(tmp_path, lambda _d, _t, path: said.append(path), workers=1, records=records)
    (path,) = first
    assert said == ["", path]
    before = (tmp_path / path).stat().st_mtime_ns
    said.clear()
    assert make(tmp_path, lambda _d, _t, path: said.append(path), workers=1, records=records) == first
    assert said == [""]
    assert (tmp_path / path).stat().st_mtime_ns == before
    (tmp_path / path).unlink()
    make(tmp_path, workers=1, records=records)
    assert (tmp_path / path).is_file()
    assert json.loads((tmp_path / TRUTH).read_text("utf-8")) == json.loads(json.dumps(first))
    assert not list(tmp_path.rglob("*.part*"))


def test_every_format_decodes_to_its_full_length_and_carries_its_tags(tmp_path: Path) -> None:
    truth = make(tmp_path, workers=2, records=ONE_OF_EACH_FORMAT)
    assert len(truth) == 5
    for work in planned(ONE_OF_EACH_FORMAT):
        path = tmp_path / work.path
        with av.open(str(path)) as container:
            samples = sum(frame.samples for frame in container.decode(audio=0))
            rate = container.streams.audio[0].rate
        assert samples / rate == pytest.approx(truth[work.path]["duration_s"], abs=0.1)
        tags = mutagen.File(path, easy=path.suffix in (".mp3", ".m4a"))
        assert tags is not None
        assert work.piece.title in str(dict(tags))


@pytest.mark.parametrize("record", [record for record in RECORDS if record.title == "Everything at Once"])
def test_the_kicks_of_a_house_track_fall_on_the_beats_it_names(record: Record) -> None:
    piece = replace(record.pieces[0], bars=12)
    score = compose(piece, 3)
    sound = render(score, 3).mean(axis=1)
    smooth = np.convolve(sound, np.ones(400) / 400, "same")  # what is left is mostly the kick drum and the bass
    energy = np.add.reduceat(smooth**2, np.arange(0, smooth.size - 441, 441))
    rise = np.maximum(np.diff(np.sqrt(energy)), 0)
    rise_at = {round(time * 100) for time in score.beats_s[16:40]}
    on_beat = [rise[max(frame - 3, 0) : frame + 4].max() for frame in sorted(rise_at)]
    between = [rise[frame + 8 : frame + 16].max() for frame in sorted(rise_at)]
    assert np.median(on_beat) > 2 * np.median(between)
    assert np.allclose(np.diff(score.beats_s), 60 / piece.bpm, atol=2e-6)


def test_the_same_seed_gives_the_same_music_and_no_piece_clips_or_is_silent() -> None:
    for record in RECORDS:
        piece = replace(record.pieces[0], bars=8)
        first = render(compose(piece, 5), 5)
        assert np.array_equal(first, render(compose(piece, 5), 5))
        assert 0.85 < np.abs(first).max() <= 0.9
        assert np.sqrt((first**2).mean()) > 0.02


@pytest.mark.parametrize("kind", sorted(DRAWINGS))
def test_covers_are_square_pictures_in_their_own_hue(kind: str) -> None:
    from io import BytesIO

    from PIL import Image

    picture = Image.open(BytesIO(cover(kind, 200, 4)))
    assert picture.size == (1000, 1000)
    assert len(cover(kind, 200, 4)) < 400_000
