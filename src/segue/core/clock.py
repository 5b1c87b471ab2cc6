"""Time: UTC and aware inside, a person's or the server's zone where days are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segue.core.errors import Invalid


class UnknownTimeZone(Invalid):
    def __init__(self, name: str) -> None:
        super().__init__(
            "unknown_time_zone",
            f"There is no time zone called {name!r}.",
            hint="Use a name of the IANA database, such as Europe/Berlin or UTC.",
            name=name,
        )


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """The IANA time zone called `name`.

    Raises UnknownTimeZone for a name that the database does not hold.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(name) from None


def rfc3339(moment: datetime | None) -> str | None:
    """`moment` as RFC 3339 in UTC with a Z and milliseconds, or None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_epoch_ms(milliseconds: int) -> datetime:
    """The moment that is `milliseconds` after 1970-01-01T00:00Z, aware, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00Z."""
    return round(moment.timestamp() * 1000)


def quiet_until(now: datetime, zone: ZoneInfo, quiet: tuple[clock_time, clock_time] | None) -> datetime | None:
    """When the quiet hours that `now` lies in end (aware, UTC); None outside of them. They may run over midnight."""
    if quiet is None or quiet[0] == quiet[1]:
        return None
    begin, end = quiet
    local = now.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        from_ = datetime.combine(day, begin, zone)
        to = datetime.combine(day if end > begin else day + timedelta(days=1), end, zone)
        if from_.astimezone(UTC) <= now.astimezone(UTC) < to.astimezone(UTC):
            return to.astimezone(UTC)
    return None
