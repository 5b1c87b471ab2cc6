"""Where the sound was taken, from identifiers and source lines as people write them."""

from __future__ import annotations

import pytest

from segue.live.facts import facts_of
from segue.live.records import Item


@pytest.mark.parametrize(
    ("identifier", "source", "expected"),
    [
        ("xy1985-03-13.sbd.somebody.113111.sbeok.flac16", "", "SBD"),
        ("xy88-07-03.dsbd.flac16", "", "SBD"),
        ("xy1977-05-08.matrix.flac16", "SBD + AUD Matrix Mix (60%-SBD/40%-AUD)", "MTX"),
        ("xy1990-03-29.ultramatrix.sbd.flac16", "Soundboard", "MTX"),
        ("xy1974-06-30.dts.flac16", "DTS Audio 5.1 of SBD (1234) and AUD (5678)", "MTX"),
        ("xy71-10-27.fm.9503.shnf", "SBD>FM>MR>?>CD", "FM"),
        ("xy1975-03-23.pre-fm.shnf", "Pre-FM reel > DAT", "FM"),
        ("xy71-12-05.prefm.3391.shnf", "Soundboard", "SBD"),
        ("xy83-10-11.aud.99.shnf", "", "AUD"),
        ("xy79-10-27.nak300.flac16", "Nak 300 > Sony TC-158", "AUD"),
        ("xy82-09-21.senn421-somebody.flac16", "", "AUD"),
        ("xy87-09-18.bk4011.flac24", "", "AUD"),
        ("xy91-06-17.fob.flac16", "", "AUD"),
        ("xy99-07-01.flac16", "AT-853 > SBM-1 > D8", "AUD"),
        ("xy99-07-01.flac16", "Schoeps MK4 > D5 (FOB/DFC, 20' behind the SBD)", "AUD"),
        ("xy99-07-01.flac16", "not a soundboard; audience cassette", "AUD"),
        ("xy99-07-01.flac16", "was labeled as SBD, sounds like an audience recording", "AUD"),
        ("xy99-07-01.flac16", "Radio Shack PZM on the rail", "AUD"),
        ("xy69-12-05.sbd.11256.shnf", "Audience", "AUD"),
        ("xy69-12-30.sbd.28469.shnf", "Transfer by somebody: CD > SHN, with 26 seconds of aud patched in", "SBD"),
        ("xy69-04-15.aud.sbd-patch.flac16", "hand-held microphone > master reel, patched with SBD", "AUD"),
        ("xy76-06-04.153709.flac16", "Sony TC-152 > Nakamichi Dragon > Mac > FLAC", "UNKNOWN"),
        ("xy76-06-04.153709.flac16", "Betty's two track reels > PCM", "SBD"),
        ("xy76-06-04", "", "UNKNOWN"),
    ],
)
def test_the_source_type_follows_from_what_is_written(identifier: str, source: str, expected: str) -> None:
    assert facts_of(Item(identifier, source=source)).source_type == expected


def test_a_deck_speaks_for_nothing_and_a_recorder_of_sound_is_not_an_audience() -> None:
    fact = facts_of(
        Item("xy71-04-21.sbd.pcm", source="Master Soundboard Reels > Sony PCM-601 > Adobe Audition > Audio DVD")
    )
    assert fact.source_type == "SBD"


def test_notes_are_asked_last() -> None:
    assert facts_of(Item("xy99-07-01", notes="Recorded from the audience, row 12")).source_type == "AUD"
    assert facts_of(Item("xy99-07-01.sbd", notes="Recorded from the audience, row 12")).source_type == "SBD"


def test_the_words_that_decided_are_its_evidence() -> None:
    fact = facts_of(Item("xy1977-05-08.mtx.flac16", source="Soundboard and audience"))
    said = {(one.code, one.value) for one in fact.evidence if one.code.startswith("source.")}
    assert said == {
        ("source.identifier", "MTX mtx"),
        ("source.source", "SBD soundboard"),
        ("source.source", "AUD audience"),
    }
