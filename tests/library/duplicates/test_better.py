"""Which copy is the better one, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.library.duplicates.better import EFFICIENCY, Copy, better_of, sentence

CD = Copy(1, "flac", True, 900, 44_100, 16, 2, False, 8, True)
MP3 = Copy(2, "mp3", False, 320, 44_100, 0, 2, False, 8, True)


@pytest.mark.parametrize(
    ("best", "other", "code"),
    [
        (CD, MP3, "lossless"),
        (replace(CD, track_id=3, bit_depth=24, sample_rate_hz=96_000), CD, "higher_resolution"),
        (MP3, replace(MP3, track_id=4, bitrate_kbps=128), "higher_bitrate"),
        (replace(MP3, track_id=5, codec="opus", bitrate_kbps=256), MP3, "higher_bitrate"),
        (MP3, replace(CD, damaged=True), "not_damaged"),
        (replace(CD, track_id=6, tags=14), CD, "better_tagged"),
        (CD, replace(CD, track_id=7, has_artwork=False), "has_artwork"),
        (replace(CD, track_id=8, plays=3), CD, "more_played"),
        (CD, replace(CD, track_id=9), "older"),
    ],
)
def test_the_better_copy_is_named_with_its_reason(best: Copy, other: Copy, code: str) -> None:
    for copies in ([best, other], [other, best]):
        found = better_of(copies)
        assert found.track_id == best.track_id
        assert [reason for reason, _ in found.reasons] == [code]
        assert sentence(*found.reasons[0]).endswith(".")


COPIES = st.builds(
    Copy, st.integers(1, 9), st.sampled_from(sorted(EFFICIENCY)), st.booleans(), st.integers(0, 1000),
    st.sampled_from([0, 44_100, 96_000]), st.sampled_from([0, 16, 24]), st.integers(0, 2), st.booleans(),
    st.integers(0, 20), st.booleans(),
)  # fmt: skip


@given(st.lists(COPIES, min_size=1, max_size=5, unique_by=lambda copy: copy.track_id))
def test_the_order_of_copies_does_not_matter(copies: list[Copy]) -> None:
    assert better_of(copies) == better_of(copies[::-1])
