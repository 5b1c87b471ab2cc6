"""Cron lines in a zone whose clock jumps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.jobs.cron import check_cron, next_run
from segue.jobs.errors import BadCron

BERLIN = ZoneInfo("Europe/Berlin")


def runs(line: str, start: datetime, count: int, zone: ZoneInfo = BERLIN) -> list[datetime]:
    found = []
    for _ in range(count):
        start = next_run(line, start, zone)
        found.append(start)
    return found


def test_a_daily_run_keeps_its_local_hour_when_summer_time_begins_and_ends() -> None:
    spring = runs("30 4 * * *", datetime(2026, 3, 28, 0, tzinfo=UTC), 3)
    assert [moment.hour for moment in spring] == [3, 2, 2]
    autumn = runs("30 4 * * *", datetime(2026, 10, 24, 0, tzinfo=UTC), 3)
    assert [moment.hour for moment in autumn] == [2, 3, 3]


def test_a_run_in_the_hour_that_does_not_exist_comes_right_after_it() -> None:
    found = runs("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert found[0] == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 3:00 local, for there is no 2:30
    assert found[1] == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_a_run_in_the_hour_that_comes_twice_happens_once() -> None:
    found = runs("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert found == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_every_quarter_of_an_hour_goes_on_by_elapsed_time_through_both_changes() -> None:
    for start in (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, 0, tzinfo=UTC)):
        found = runs("*/15 * * * *", start, 12)
        assert [later - sooner for sooner, later in pairwise(found)] == [timedelta(minutes=15)] * 11


def test_a_leap_day_is_waited_for() -> None:
    assert next_run("0 0 29 2 *", datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC")) == datetime(
        2028, 2, 29, tzinfo=UTC
    )


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    line=st.sampled_from(["* * * * *", "30 2 * * *", "0 * * * *", "*/7 1-3 * * *", "0 0 1 * *", "15 3 * * 1-5"]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_the_next_run_is_always_later_and_in_utc(moment: datetime, line: str, zone: str) -> None:
    after = moment.replace(tzinfo=UTC)
    found = next_run(line, after, ZoneInfo(zone))
    assert found > after
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "line",
    ["", "* * * *", "* * * * * *", "61 * * * *", "a b c d e", "0 0 31 2 *", "0 0 30 2 *", "*/0 * * * *", "5-1 * * * *"],
)
def test_a_bad_line_says_what_is_wrong(line: str) -> None:
    with pytest.raises(BadCron) as caught:
        check_cron(line)
    assert caught.value.code == "bad_cron"
    assert caught.value.fields[0].field == "cron"
    assert caught.value.params["reason"]


def test_blanks_are_tidied() -> None:
    assert check_cron("  0   4 * *  * ") == "0 4 * * *"
