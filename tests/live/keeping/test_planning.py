"""A plan says what a rule would do, concert by concert, never spends more than its budget, and touches nothing of a person's."""

from __future__ import annotations

import random
from typing import Any

from segue.live.keeping.planning import Candidate, Copy, Night, Step, Wish, plan

GB = 10**9
AUDIENCE = Wish(sources=("AUD", "MTX"), formats=("Flac",), completeness=0.95, budget_bytes=400 * GB)


def tape(number: int, **values: Any) -> Candidate:
    usual: dict[str, Any] = {
        "recording": number, "identifier": f"t{number}", "source": "AUD", "formats": ("Flac", "VBR MP3"), "rank": number,
        "score": 1 - number / 10, "completeness": 1.0, "bytes": GB, "exact": True,
    }  # fmt: skip
    return Candidate(**usual | values)


def night(*candidates: Candidate, number: int = 1) -> Night:
    return Night(number, f"uid{number}", candidates)


def one(wish: Wish, *candidates: Candidate) -> Step:
    return plan([night(*candidates)], wish).steps[0]


def mine(size: int = GB, state: Any = "here") -> Copy:
    return Copy("rule", state, size, download=size)


HAND = Copy("hand", "here", GB)


def test_the_best_complete_audience_or_matrix_flac_is_fetched_and_each_other_is_told_why_not() -> None:
    step = one(
        AUDIENCE, tape(1, source="SBD"), tape(2, completeness=0.6), tape(3, formats=("VBR MP3",)), tape(4, stream_only=True),
        tape(5, status="dark"), tape(6, source="MTX"), tape(7),
    )  # fmt: skip
    assert (step.action, step.chosen and step.chosen.identifier) == ("fetch", "t6")
    assert [(passed.identifier, why) for passed, why in step.passed_over] == [
        ("t1", "source"),
        ("t2", "incomplete"),
        ("t4", "stream_only"),
        ("t5", "dark"),
    ]


def test_where_the_source_decides_a_preferred_kind_goes_before_a_better_rank() -> None:
    candidates = (tape(1, source="AUD"), tape(2, source="MTX"))
    by_source = Wish(sources=("MTX", "AUD"), prefer="source")
    by_rank = Wish(sources=("MTX", "AUD"))
    assert one(by_source, *candidates).chosen == candidates[1]
    assert one(by_rank, *candidates).chosen == candidates[0]


def test_the_budget_is_spent_in_order_and_what_does_not_fit_says_why() -> None:
    wish = Wish(budget_bytes=10 * GB)
    nights = [
        night(tape(1, bytes=size * GB, recording=number), number=number) for number, size in enumerate((6, 5, 3), 1)
    ]
    made = plan(nights, wish)
    assert [step.action for step in made.steps] == ["fetch", "no_room", "fetch"]
    assert [step.used for step in made.steps] == [6 * GB, 6 * GB, 9 * GB]
    assert made.steps[1].reasons == (("no_room", {"needs": 5 * GB, "left": 4 * GB}),)


def test_a_smaller_recording_is_taken_where_the_best_has_no_room() -> None:
    step = one(Wish(budget_bytes=2 * GB), tape(1, bytes=3 * GB), tape(2, bytes=GB))
    assert step.chosen is not None
    assert step.chosen.identifier == "t2"
    assert ("fits", {"instead_of": "t1"}) in step.reasons


def test_what_the_rule_keeps_already_counts_also_of_concerts_it_asks_for_no_more() -> None:
    made = plan(
        [night(tape(1, copy=mine(4 * GB))), night(tape(2), number=2)], Wish(budget_bytes=10 * GB), kept_elsewhere=6 * GB
    )
    assert made.kept == 10 * GB
    assert [step.action for step in made.steps] == ["there", "no_room"]


def test_a_better_transfer_replaces_what_the_rule_fetched() -> None:
    step = one(Wish(budget_bytes=2 * GB), tape(1, bytes=2 * GB), tape(2, copy=mine(GB)))
    assert step.action == "replace"
    assert step.replaces is not None
    assert step.replaces.identifier == "t2"
    assert step.bytes == GB
    assert step.used == 2 * GB


def test_a_later_transfer_of_the_same_tape_is_better_whatever_the_score() -> None:
    step = one(Wish(), tape(1, score=0.8, supersedes=frozenset({2})), tape(2, score=0.8, copy=mine()))
    assert step.action == "replace"
    assert step.reasons == (("supersedes", {"identifier": "t2"}),)


def test_a_few_ratings_more_are_no_reason_to_fetch_a_night_again() -> None:
    step = one(Wish(), tape(1, score=0.81), tape(2, score=0.8, copy=mine()))
    assert (step.action, step.reasons[0][0]) == ("there", "hardly_better")


def test_what_a_person_fetched_is_there_and_is_never_replaced() -> None:
    better, here = tape(1), tape(4, copy=HAND)
    step = one(Wish(budget_bytes=0), better, here)
    assert (step.action, step.used) == ("there", 0)
    assert step.reasons == (("fetched_by_hand", {"better": "t1"}),)
    added = one(Wish(better="add"), better, here)
    assert (added.action, added.replaces) == ("fetch", None)


def test_without_keeping_current_what_is_here_is_good_enough() -> None:
    step = one(Wish(keep_current=False), tape(1), tape(4, copy=mine()))
    assert (step.action, step.reasons) == ("there", (("good_enough", {}),))


def test_what_a_person_took_away_or_what_failed_is_not_fetched_again() -> None:
    step = one(Wish(), tape(1, gave_up="removed"), tape(2, gave_up="failed"), tape(3))
    assert step.chosen is not None
    assert step.chosen.identifier == "t3"
    assert {why for _, why in step.passed_over} == {"removed", "failed"}


def test_a_recording_of_two_nights_is_fetched_once() -> None:
    both = tape(1)
    made = plan([night(both, number=1), night(both, number=2)], Wish())
    assert [step.action for step in made.steps] == ["fetch", "coming"]
    assert made.used == GB


def test_what_fits_no_more_is_replaced_by_what_does() -> None:
    step = one(AUDIENCE, tape(1, completeness=0.5, copy=mine()), tape(2))
    assert step.action == "replace"
    assert step.reasons == (("fits_no_more", {"identifier": "t1", "why": "incomplete"}),)


def test_nothing_to_take_says_what_was_wrong_with_all() -> None:
    assert one(AUDIENCE).reasons == (("no_recordings", {}),)
    assert one(AUDIENCE, tape(1, source="SBD"), tape(2, source="FM")).reasons == (("source", {"count": 2}),)


def test_unknown_completeness_is_taken_or_not_as_the_rule_says() -> None:
    unknown = tape(1, completeness=None)
    assert one(AUDIENCE, unknown).action == "fetch"
    strict = Wish(completeness=0.9, unknown_complete=False)
    assert one(strict, unknown).reasons == (("completeness_unknown", {"count": 1}),)
    assert one(AUDIENCE, tape(1, completeness=None, partial=True)).reasons == (("partial", {"count": 1}),)


def test_a_recording_whose_files_nobody_asked_for_yet_may_have_any_format() -> None:
    step = one(AUDIENCE, tape(1, formats=(), detailed=False, exact=False), tape(2))
    assert step.chosen is not None
    assert step.chosen.identifier == "t1"
    assert ("details_unknown", {}) in step.reasons


def test_no_plan_goes_over_its_budget_or_replaces_what_is_not_its_own() -> None:
    for seed in range(400):
        rng = random.Random(seed)
        nights = []
        for number in range(rng.randint(1, 6)):
            candidates = []
            for each in range(rng.randint(0, 4)):
                copy = None
                if rng.random() < 0.3:
                    copy = Copy(
                        rng.choice(["rule", "hand"]),
                        rng.choice(["here", "coming"]),
                        rng.randint(0, 5),
                        number * 10 + each,
                    )
                candidates.append(
                    tape(each, recording=number * 10 + each, bytes=rng.choice([None, rng.randint(0, 5)]), score=rng.random(),
                         source=rng.choice(["AUD", "SBD"]), completeness=rng.choice([None, 0.5, 1.0]), copy=copy)
                )  # fmt: skip
            nights.append(night(*candidates, number=number))
        wish = Wish(
            sources=rng.choice([(), ("AUD",)]), completeness=rng.choice([None, 0.9]), budget_bytes=rng.choice([None, 3, 12]),
            keep_current=rng.random() < 0.7, better=rng.choice(["replace", "add"]),
        )  # fmt: skip
        made = plan(nights, wish)
        if wish.budget_bytes is not None:
            assert made.used <= max(wish.budget_bytes, made.kept)
        for step in made.steps:
            if step.replaces is not None:
                assert step.replaces.copy is not None
                assert step.replaces.copy.by == "rule"
            if step.action == "fetch":
                assert step.chosen is not None
                assert step.chosen.copy is None
