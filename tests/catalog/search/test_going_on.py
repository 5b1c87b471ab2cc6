"""Searches that run out of time, and searches that go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segue.catalog.records import Album, Artist, Track
from segue.catalog.search import finding, searcher
from segue.catalog.search.searcher import SnapshotSearcher
from tests.catalog.tiny import base62, write_snapshot

ROWS = 12_000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnapshotSearcher]:
    """Half of the tracks are called `even`, half `odd`; all have `song`; none has both."""
    folder = write_snapshot(
        tmp_path_factory.mktemp("many") / "snapshot",
        artists=[Artist(key=1, id=base62(1), name="Somebody")],
        albums=[Album(key=1, id=base62(2), name="", artists=(1,))],
        tracks=[
            Track(
                key=number,
                id=base62(10 + number),
                name=f"{'odd' if number % 2 else 'even'} song {number}",
                album=1 if number == 1 else 0,
                artists=(1,),
            )
            for number in range(1, ROWS + 1)
        ],
        trigram=True,
    )
    opened = SnapshotSearcher(folder)
    yield opened
    opened.close()


def test_a_search_without_time_gives_nothing_and_says_it_is_partial(many: SnapshotSearcher) -> None:
    found = many.search("track", "song", deadline_s=0)
    assert (found.ranks, found.partial, found.next) == ((), True, None)
    assert many.search("track", "ong", match="substring", deadline_s=0).partial
    assert not many.search("track", "song").partial


class Clock:
    """Time that passes only when somebody looks: a second each time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(searcher, "time", found)
    monkeypatch.setattr(finding, "time", found)
    return found


def test_a_search_that_runs_out_of_time_gives_the_best_so_far(many: SnapshotSearcher, clock: Clock) -> None:
    found = many.search("track", '"odd song"', limit=1_000, deadline_s=100)
    assert found.partial
    assert 0 < len(found.ranks) < 100
    assert list(found.ranks) == list(range(1, 2 * len(found.ranks), 2))


def test_a_search_that_ran_out_of_time_goes_on_from_there(many: SnapshotSearcher, clock: Clock) -> None:
    first = many.search("track", '"odd song"', limit=1_000, deadline_s=100)
    second = many.search("track", '"odd song"', limit=1_000, deadline_s=100, after=first.next)
    assert second.ranks[0] == first.ranks[-1] + 2


def test_sqlite_is_interrupted_in_the_middle_of_long_lists(
    many: SnapshotSearcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "_STEPS", 1)
    found = many.search("track", "odd even", deadline_s=8)
    assert (found.ranks, found.partial) == ((), True)


def test_a_total_that_takes_too_long_is_left_out(many: SnapshotSearcher, clock: Clock) -> None:
    found = many.search("track", "song", limit=5, count=True, deadline_s=1_000)
    assert (len(found.ranks), found.partial, found.total) == (5, False, None)


def test_a_total_is_counted_up_to_a_cap(many: SnapshotSearcher) -> None:
    found = many.search("track", "song", limit=5, count=True)
    assert (found.total, found.capped) == (searcher.MOST_COUNTED, True)
    found = many.search("track", "odd", limit=5, count=True)
    assert (found.total, found.capped) == (ROWS // 2, False)


@pytest.mark.parametrize("text", ["song", "so", "s", "odd so", '"odd song" year:..2999'])
def test_pages_give_every_row_once(many: SnapshotSearcher, text: str) -> None:
    whole = many.search("track", text, limit=ROWS)
    ranks: list[int] = []
    after = None
    while True:
        page = many.search("track", text, limit=997, after=after)
        ranks += page.ranks
        after = page.next
        if after is None:
            break
    assert ranks == list(whole.ranks)
    assert len(set(ranks)) == len(ranks)


def test_a_single_letter_beside_other_words_is_looked_for_in_the_best_rows(many: SnapshotSearcher) -> None:
    found = many.search("track", "odd s", limit=ROWS)
    assert list(found.ranks) == list(range(1, 2 * finding.BEST_BY_NAME, 2))
    assert not found.partial
