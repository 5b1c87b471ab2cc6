"""When a cron line is due next. The line is read in a time zone, as Debian's cron reads it when clocks change.

A line that names its hour runs once on the day the clock jumps over that hour (right after the jump) and once on the
day the hour comes twice; a line with `*` in minute or hour runs by elapsed time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from segue.jobs.errors import BadCron


def next_run(line: str, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment strictly after `after` (aware) at which `line` is due in `zone`, in UTC.

    Raises BadCron for a line that cannot be read or that is never due.
    """
    fields = line.split()
    if len(fields) != 5:
        raise BadCron(line, f"it has {len(fields)} fields instead of 5")
    try:
        moments = CronSim(line, after.astimezone(zone))
    except CronSimError as error:
        raise BadCron(line, str(error).lower()) from None
    for moment in moments:
        moment_utc = moment.astimezone(UTC)
        if moment_utc > after:
            return moment_utc
    raise BadCron(line, "that moment never comes")


def check_cron(line: str) -> str:
    """`line` with its blanks tidied. Raises BadCron for one that cannot be read or is never due."""
    tidy = " ".join(line.split())
    next_run(tidy, datetime(2024, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
    return tidy
