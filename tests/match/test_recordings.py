"""Whether two recordings are one, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.match import (
    ArtistFacts,
    RecordingFacts,
    ReleaseFacts,
    best_recording,
    compare_artists,
    compare_recordings,
    compare_releases,
    meant,
    rank,
    sentence,
    take_apart,
)

A_ID, B_ID = "0a0a0a0a-0000-4000-8000-000000000001", "0b0b0b0b-0000-4000-8000-000000000002"
HURT = RecordingFacts("Hurt", ("Nine Inch Nails",), 373_000, "The Downward Spiral", 1, 14)


def codes(verdict: object) -> set[str]:
    return {reason.code for reason in verdict.reasons}  # type: ignore[attr-defined]


def test_the_same_audio_is_the_same_recording_whatever_the_tags_say() -> None:
    other = RecordingFacts("Track 01", ("Unknown",), 100, audio_hash=b"x")
    verdict = compare_recordings(replace(HURT, audio_hash=b"x"), other)
    assert verdict.is_same
    assert verdict.score == 1.0
    assert verdict.method == "exact_audio"


def test_other_audio_is_no_evidence() -> None:
    assert compare_recordings(replace(HURT, audio_hash=b"x"), replace(HURT, audio_hash=b"y")).is_same


def test_one_musicbrainz_id_is_one_recording_and_two_are_two() -> None:
    mine, same = replace(HURT, musicbrainz_id=A_ID), RecordingFacts("Hurt (Quiet)", musicbrainz_id=A_ID)
    assert compare_recordings(mine, same).is_same
    assert compare_recordings(mine, replace(HURT, musicbrainz_id=B_ID)).decision == "different"


def test_an_isrc_with_another_length_is_for_a_person_to_look_at() -> None:
    mine = replace(HURT, isrcs=frozenset({"US-UM7-24-09273"}))
    near = replace(HURT, title="Hurt.", isrcs=frozenset({"usum72409273"}), duration_ms=374_500)
    assert compare_recordings(mine, near).method == "isrc"
    assert compare_recordings(mine, near).is_same
    far = replace(near, duration_ms=390_000)
    assert compare_recordings(mine, far).decision == "review"
    assert "isrc_lengths_differ" in codes(compare_recordings(mine, far))


@pytest.mark.parametrize(
    "title",
    [
        "Hurt (Live)", "Hurt - Live at Rome", "Hurt (Acoustic)", "Hurt [Demo]", "Hurt (Soulwax Remix)", "Hurt (Karaoke)",
        "Hurt (Instrumental)", "Hurt (Radio Edit)", "Hurt (Extended Mix)", "Hurt (A Cappella)", "Hurt (Ann's Version)",
    ],
)  # fmt: skip
def test_another_version_is_another_recording(title: str) -> None:
    verdict = compare_recordings(HURT, replace(HURT, title=title))
    assert verdict.decision == "different"
    assert "versions_differ" in codes(verdict)


@pytest.mark.parametrize(
    "title",
    [
        "Hurt (2004 Remaster)", "Hurt - Remastered 2011", "HURT", "Hurt (Explicit)", "Hurt (Album Version)", "Hurt (Stereo)",
        "Hurt (feat. Ann)", "Hurt ft. Ann",
    ],
)  # fmt: skip
def test_what_only_tells_releases_apart_does_not_tell_recordings_apart(title: str) -> None:
    assert compare_recordings(HURT, replace(HURT, title=title)).is_same


def test_two_nights_are_two_recordings() -> None:
    rome = replace(HURT, title="Hurt (Live in Rome, 1994-05-08)", album="")
    assert compare_recordings(rome, replace(rome, title="Hurt (Live in Rome, 1994-05-09)")).decision == "different"
    assert compare_recordings(rome, replace(rome, title="Hurt (live in rome 1994-05-08)")).is_same
    assert compare_recordings(rome, replace(rome, title="Hurt (Live at Wembley Arena)")).decision == "different"


def test_brackets_and_words_that_are_no_version_stay_in_the_title() -> None:
    assert take_apart("(I Can't Get No) Satisfaction").core == "i cant get no satisfaction"
    assert take_apart("Live and Let Die").hard == frozenset()
    assert take_apart("Demolition Man").hard == frozenset()
    assert take_apart("Remix (I Like The)").core == "remix i like the"
    assert take_apart("!!!").core == "!!!"
    assert take_apart("A Song (feat. Ann & Bo) [Live at Rome]").guests == ("Ann", "Bo")


def test_a_length_far_off_is_another_recording_and_no_length_is_never_sure() -> None:
    assert compare_recordings(HURT, replace(HURT, duration_ms=420_000)).decision == "different"
    verdict = compare_recordings(HURT, replace(HURT, duration_ms=None))
    assert verdict.decision == "review"


def test_a_title_alone_is_not_enough() -> None:
    assert compare_recordings(HURT, replace(HURT, artists=("Johnny Cash",))).decision == "different"
    assert compare_recordings(replace(HURT, artists=()), HURT).decision == "review"


def test_the_same_song_on_a_collection_is_the_same_recording() -> None:
    verdict = compare_recordings(HURT, replace(HURT, album="Best of the Nineties", position=3))
    assert verdict.is_same
    assert "other_album" in codes(verdict)


def test_a_candidate_must_lead_to_be_taken_without_asking() -> None:
    twin = replace(HURT, position=None, disc=None)
    assert best_recording(HURT, [RecordingFacts("March of the Pigs", ("Nine Inch Nails",), 178_000)]) is None
    place, _ = best_recording(HURT, [replace(HURT, title="Hunt"), twin])  # type: ignore[misc]
    assert place == 1
    assert best_recording(HURT, [twin, replace(twin)])[1].decision == "review"  # type: ignore[index]


def test_a_barcode_counts_only_with_the_same_number_of_tracks() -> None:
    mine = ReleaseFacts("Spiral", ("NIN",), 1994, 14, "602475093060")
    assert compare_releases(mine, ReleaseFacts("Other", barcode="00602475093060", track_count=14)).is_same
    assert compare_releases(mine, ReleaseFacts("Other", barcode="602475093060", track_count=9)).decision == "review"
    assert not compare_releases(mine, replace(mine, barcode=None, title="Spiral (Deluxe Edition)")).is_same


def test_a_name_alone_is_never_an_artist() -> None:
    band = ArtistFacts("The Walkers")
    assert compare_artists(band, ArtistFacts("Walkers")).decision == "review"
    made = replace(band, titles=("Late Trains",))
    assert compare_artists(made, ArtistFacts("Walkers", titles=("Late Trains (Live)",))).is_same
    assert compare_artists(replace(band, musicbrainz_id=A_ID), replace(band, musicbrainz_id=B_ID)).score == 0


def test_every_reason_is_a_sentence() -> None:
    for other in (replace(HURT, title="Hurt (Live)"), replace(HURT, album="Else", duration_ms=379_000), HURT):
        for reason in compare_recordings(HURT, other).reasons:
            said = sentence(reason.code, reason.params)
            assert said.endswith(".")
            assert "{" not in said


WORDS = st.text(alphabet="ab 愛é()-!'", max_size=12)
FACTS = st.builds(
    RecordingFacts,
    title=WORDS,
    artists=st.lists(WORDS, max_size=3).map(tuple),
    duration_ms=st.none() | st.integers(1, 400_000),
    album=WORDS,
    position=st.none() | st.integers(1, 3),
    musicbrainz_id=st.sampled_from([None, A_ID, B_ID]),
    isrcs=st.sampled_from([frozenset(), frozenset({"USUM72409273"})]),
)


@given(FACTS, FACTS)
def test_a_comparison_is_symmetric_and_between_nothing_and_one(a: RecordingFacts, b: RecordingFacts) -> None:
    here, there = compare_recordings(a, b), compare_recordings(b, a)
    assert (here.decision, here.score, here.method) == (there.decision, there.score, there.method)
    assert 0 <= here.score <= 1
    assert here.reasons


@given(st.text(max_size=300))
def test_any_text_can_be_taken_apart(title: str) -> None:
    assert take_apart(title).core or not take_apart(title).raw


def test_parts_are_told_apart_by_their_numbers_however_they_are_written() -> None:
    one = replace(HURT, title="Pigs on the Wing (Part One)", album="Animals")
    for same in ("Pigs On The Wing, Pt. 1", "Pigs on the Wing (Part I)", "pigs on the wing part 1"):
        assert compare_recordings(one, replace(one, title=same)).is_same, same
    for other in ("Pigs on the Wing (Part Two)", "Pigs on the Wing, Pt. 2", "Pigs on the Wing II"):
        assert not compare_recordings(one, replace(one, title=other)).is_same, other
    assert compare_recordings(one, replace(one, title="Pigs on the Wing (Part One) (1977)")).is_same
    live = replace(HURT, title="Smile Jamaica (Part One Live)")
    assert compare_recordings(live, replace(live, title="Smile Jamaica (Part 2 Live)")).decision == "different"


def test_titles_with_the_same_letters_are_the_same_whatever_stands_in_brackets() -> None:
    live = replace(HURT, title="Ain't That Peculiar (Live)")
    assert compare_recordings(live, replace(live, title="aint that peculiar live")).is_same
    plain = compare_recordings(
        replace(live, title="Ain't That Peculiar"), replace(live, title="aint that peculiar live")
    )
    assert plain.decision == "review"
    assert "version_unsaid" in codes(plain)


def test_people_in_one_line_are_the_same_as_each_by_itself() -> None:
    together = replace(HURT, artists=("Queen & David Bowie",))
    assert compare_recordings(together, replace(HURT, artists=("Queen", "David Bowie"))).is_same
    assert compare_recordings(together, replace(HURT, artists=("David Bowie feat. Queen",))).is_same
    assert not compare_recordings(together, replace(HURT, artists=("The Cure",))).is_same


def test_a_text_without_a_length_means_the_one_recording_of_that_name() -> None:
    text = RecordingFacts("Hurt", ("NIN", "Nine Inch Nails"))
    assert meant(text, HURT).is_same
    assert meant(replace(text, title="Hurd"), HURT).decision != "same"
    assert meant(replace(text, title="Hurt (Live)"), HURT).decision == "different"
    assert [one.place for one in rank(text, [replace(HURT, title="Other"), HURT])] == [1]
    two = rank(text, [HURT, replace(HURT, duration_ms=200_000)])
    assert two[0].verdict.decision == "review"
    assert rank(text, [HURT, replace(HURT, album="Best of")])[0].verdict.is_same
