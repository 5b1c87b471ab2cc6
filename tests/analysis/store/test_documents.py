"""What was heard is kept as JSON and comes back as it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.analysis import documents
from segue.analysis.records import (
    Energy,
    Finding,
    Grid,
    Heard,
    Key,
    KeySegment,
    Loudness,
    Quality,
    Shape,
    Tempo,
    TempoCandidate,
    Waveform,
)

numbers = st.floats(-1e9, 1e9, allow_nan=False)
ms = st.integers(0, 86_400_000)
params = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.booleans(), max_size=3)
findings = st.lists(st.builds(Finding, st.text(max_size=8), params), max_size=3).map(tuple)
measured = st.dictionaries(st.text(max_size=6), numbers, max_size=4)
modes = st.sampled_from(["major", "minor"])


def maybe(strategy):
    return st.none() | strategy


def several(strategy, most=4):
    return st.lists(strategy, max_size=most).map(tuple)


tempos = st.builds(
    Tempo,
    maybe(numbers),
    numbers,
    candidates=several(st.builds(TempoCandidate, numbers, numbers)),
    beats_ms=several(ms, 20),
    downbeats=several(ms),
    grid=maybe(st.builds(Grid, numbers, numbers, maybe(st.integers(2, 7)))),
    curve=several(st.tuples(ms, numbers)),
    steadiness=numbers,
    evidence=measured,
)
keys = st.builds(
    Key,
    st.integers(0, 11),
    modes,
    numbers,
    tuning_cents=numbers,
    segments=several(st.builds(KeySegment, ms, ms, st.integers(0, 11), modes, numbers)),
    scores=several(numbers, 24),
)
all_heard = st.builds(
    Heard,
    engine=st.text(max_size=8),
    version=st.integers(0, 99),
    duration_ms=ms,
    sample_rate=st.integers(1, 400_000),
    channels=st.integers(1, 8),
    tempo=maybe(tempos),
    key=maybe(keys),
    loudness=maybe(
        st.builds(Loudness, maybe(numbers), maybe(numbers), maybe(numbers), maybe(numbers), several(st.tuples(ms, ms)))
    ),
    energy=maybe(st.builds(Energy, numbers, measured, st.integers(1, 9))),
    danceability=maybe(numbers),
    shape=maybe(st.builds(Shape, ms, ms, maybe(ms), maybe(ms), maybe(ms), maybe(ms), several(st.tuples(ms, ms)))),
    quality=maybe(st.builds(Quality, ms, numbers, numbers, maybe(ms), findings)),
    waveform=maybe(st.builds(Waveform, ms, ms, st.binary(max_size=64), st.binary(max_size=64))),
    embedding=maybe(several(numbers)),
    embedding_version=st.integers(0, 9),
    doubts=findings,
    seconds=numbers,
)


@settings(max_examples=60, deadline=None)
@given(all_heard)
def test_nothing_is_lost_on_the_way_to_json_and_back(heard):
    assert documents.from_json(json.loads(json.dumps(documents.to_json(heard)))) == heard


@settings(max_examples=60, deadline=None)
@given(all_heard)
def test_what_is_kept_lacks_only_what_has_a_place_of_its_own(heard):
    back = documents.unpacked(documents.packed(heard), waveform=heard.waveform, embedding=heard.embedding)
    assert back == heard


def test_a_document_of_another_version_is_read_as_far_as_it_goes():
    said = documents.to_json(Heard("ours", 1, 1000, 44_100, 2, tempo=Tempo(120.0, 0.9)))
    said["smell"] = "roses"
    del said["seconds"], said["tempo"]["steadiness"]
    assert documents.from_json(said) == Heard("ours", 1, 1000, 44_100, 2, tempo=Tempo(120.0, 0.9))


def test_a_number_that_is_none_is_not_kept():
    with pytest.raises(ValueError):
        documents.packed(Heard("ours", 1, 1000, 44_100, 2, danceability=float("nan")))


def test_what_is_no_document_is_refused():
    with pytest.raises(TypeError):
        documents.from_json(
            {"engine": "ours", "version": 1, "duration_ms": 1, "sample_rate": 1, "channels": 1, "tempo": 3}
        )
