"""Time: UTC and aware inside, a person's or the server's zone where days are counted."""

from __future__ import annotations

from datetime import UTC, datetime
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
