"""What a file of somebody's history says, whoever wrote it: a stream of these is what every format gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

MAX_TEXT = 1_000
"""Characters of a title or a name that are kept."""
MAX_EXTERNAL_IDS = 12
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far in the future a listen may lie: clocks of players are wrong by hours, seldom by more."""


class Thing(NamedTuple):
    """A track (or, for stars and ratings, an album or an artist) in the words of the file."""

    title: str
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    external_ids: tuple[tuple[str, str], ...] = ()
    path: str = ""
    disc: int | None = None
    position: int | None = None
    kind: str = "track"


class Heard(NamedTuple):
    """One listen. `at` is when it began, `heard_ms` how long it was heard (None: not said).

    `counted` says that whoever kept it had counted it as a play by a rule of its own; without, ours is applied. `whole`
    says that it was heard to its end, so that `heard_ms` tells how long the track is.
    """

    thing: Thing
    at: datetime
    heard_ms: int | None = None
    counted: bool = True
    whole: bool = False
    zone_offset_minutes: int | None = None
    client: str = ""
    person: str = ""


class Opined(NamedTuple):
    """What somebody thought of a thing, and how often it was played where nobody knows when."""

    thing: Thing
    person: str = ""
    starred_at: datetime | None = None
    rating: int | None = None
    rated_at: datetime | None = None
    hated_at: datetime | None = None
    plays: int | None = None
    last_played_at: datetime | None = None


class Bookmarked(NamedTuple):
    """A place inside a track."""

    thing: Thing
    position_ms: int
    comment: str = ""
    person: str = ""


class Listed(NamedTuple):
    """A playlist with its rows."""

    name: str
    rows: tuple[Thing, ...]
    comment: str = ""
    public: bool = False
    person: str = ""


class Trouble(NamedTuple):
    """A row that could not be taken: why (a code of `problems.SENTENCES` with its params), and where it stands."""

    code: str
    params: dict[str, Any]
    member: str = ""
    line: int | None = None


class Passed(NamedTuple):
    """A row that is rightly not taken, only counted: `what` is a code (not_music, now_playing, no_plays)."""

    what: str


Item = Heard | Opined | Bookmarked | Listed | Trouble | Passed


class Unreadable(Exception):
    """A row cannot be taken; becomes a Trouble with the place of the row."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def text(value: Any, most: int = MAX_TEXT) -> str:
    """A text of the file, trimmed, without NUL and lone surrogates; empty for anything that is none."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    cleaned = value.strip()
    if "\0" in cleaned:
        cleaned = cleaned.replace("\0", "")
    if not cleaned.isascii():
        cleaned = cleaned.encode("utf-8", "replace").decode("utf-8")
    return cleaned[:most]


def whole_number(value: Any) -> int | None:
    """A whole number written as one, as a text or as a fraction; None for anything else and for what no column holds."""
    try:
        number = int(value) if not isinstance(value, str) or "." not in value else int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < 2**53 else None


def length_ms(value: Any, scale: float = 1) -> int | None:
    """A length in milliseconds: `value` times `scale`. None where it is not said, not positive or longer than ten days."""
    try:
        length = float(value) * scale
    except (TypeError, ValueError, OverflowError):
        return None
    return int(length) if 0 < length < 10 * 86_400_000 else None


def from_epoch(value: Any, per_second: int = 1) -> datetime:
    """The moment that is so many seconds (or, with `per_second` 1000, milliseconds) after 1970. Raises Unreadable."""
    try:
        return in_range(datetime.fromtimestamp(float(value) / per_second, UTC))
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unreadable("bad_time", value=text(value, 60) or str(value)[:60]) from None


def from_iso(value: Any) -> datetime:
    """A moment as ISO 8601 writes it, with a space or a T; UTC where no zone is said. Raises Unreadable."""
    written = text(value, 60)
    try:
        moment = datetime.fromisoformat(_short_fraction(written))
    except ValueError:
        raise Unreadable("bad_time", value=written) from None
    return in_range(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))


def from_pattern(value: Any, *patterns: str) -> datetime:
    """A moment written in one of these patterns of strptime, in UTC. Raises Unreadable."""
    written = text(value, 60)
    for pattern in patterns:
        try:
            return in_range(datetime.strptime(written, pattern).replace(tzinfo=UTC))
        except ValueError:
            continue
    raise Unreadable("bad_time", value=written)


def in_range(moment: datetime) -> datetime:
    """`moment`, where a person can have listened then. Raises Unreadable."""
    if not EARLIEST <= moment <= datetime.now(UTC) + AHEAD:
        raise Unreadable("time_out_of_range", value=moment.isoformat())
    return moment


def maybe(read: Any, value: Any, *args: Any) -> Any:
    """`read(value)`, or None where there is nothing or it cannot be read: for moments that only add something."""
    if value in (None, "", 0):
        return None
    try:
        return read(value, *args)
    except Unreadable:
        return None


def since(moment: datetime | None) -> datetime:
    """`moment`, or now where a file says that something is so, but not since when."""
    return moment or datetime.now(UTC).replace(microsecond=0)


def ids(*pairs: tuple[str, Any]) -> tuple[tuple[str, str], ...]:
    """External ids, those that are there, in order and each once."""
    found = {(name, value): None for name, given in pairs if (value := text(given, 200))}
    return tuple(sorted(found))[:MAX_EXTERNAL_IDS]


def _short_fraction(written: str) -> str:
    """.NET writes seven digits after the point and Go nine, Python reads six."""
    head, point, rest = written.removesuffix(" UTC").replace(" +0000", "+00:00").partition(".")
    if not point:
        return head
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[: min(digits, 6)]}{rest[digits:]}"
