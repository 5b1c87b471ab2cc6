"""What settings are made of: paths of the platform, time zones, networks, and how a wrong one is told."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from datetime import time as clock_time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

from segue.core.layers import nearest


def default_data_dir(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where this platform keeps a program's data: XDG on Linux, Library on macOS, LOCALAPPDATA on Windows."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "~").expanduser()
    if platform == "darwin":
        return home / "Library" / "Application Support" / "Segue"
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "Segue"
    chosen = environ.get("XDG_DATA_HOME", "")
    # the specification says to ignore a relative path
    return (Path(chosen) if chosen.startswith("/") else home / ".local" / "share") / "segue"


def system_time_zone() -> str:
    """The machine's own zone by its IANA name, UTC where that cannot be told."""
    for candidate in (os.environ.get("TZ", "").removeprefix(":"), _linked_zone()):
        if candidate and "/" in candidate and not candidate.startswith("/"):
            try:
                return _time_zone(candidate)
            except ValueError:
                continue
    return "UTC"


def _linked_zone() -> str:
    try:
        return os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    except OSError:
        return ""


def _time_zone(name: str) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(name, available_timezones())
        raise ValueError(f"there is no such time zone{f', did you mean {near}?' if near else ''}") from None
    return "UTC" if name == "Etc/UTC" else name


def _network(value: Any) -> Any:
    if value == "*":
        value = "0.0.0.0/0"
    try:
        return value if isinstance(value, (IPv4Network, IPv6Network)) else ip_network(str(value), strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is no address or network such as 10.0.0.0/8") from None


def _base_path(value: str) -> str:
    path = value.strip().strip("/")
    if any(part in ("", ".", "..") for part in path.split("/") if path) or set(path) & set("?#%\\ "):
        raise ValueError("it must be a path such as /music")
    return f"/{path}" if path else ""


_LOG_LEVELS = {"trace": "debug", "notice": "info", "warn": "warning", "critical": "error", "fatal": "error"}


def _log_level(value: Any) -> Any:
    """Names that other programs give LOG_LEVEL, as ours."""
    return _LOG_LEVELS.get(value, value) if isinstance(value, str) else value


def scheme(*allowed: str) -> Callable[[str], str]:
    """A check that a URL begins with one of `allowed`."""

    def check(value: str) -> str:
        if value.partition("://")[0] not in allowed or "://" not in value:
            raise ValueError(f"it must begin with {' or '.join(f'{name}://' for name in allowed)}")
        return value

    return check


def folder_or_bucket(value: str) -> str:
    """`value`, which is a path or the URL of a folder or bucket."""
    if "://" in value:
        scheme("s3", "file", "memory")(value)
    return value


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Networks = tuple[Network, ...]
LOOPBACK: Networks = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
TimeZone = Annotated[str, AfterValidator(_time_zone)]
BasePath = Annotated[str, AfterValidator(_base_path)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_log_level)]


GROUPING_RULES = (
    *("stray_release", "musicbrainz_release", "neighbours_release", "disc_set", "folder_compilation"),
    *("folder_first_artist", "folder_numbers", "folder_album_artist", "folder_artist_numbers", "folder_album"),
    *("only_album_of_folder", "folder"),
)
"""The names of `library.scan.rules.RULES`, in their order."""


def checked_grouping_rules(names: tuple[str, ...]) -> tuple[str, ...]:
    """`names` where every one is a grouping rule. Raises ValueError."""
    for name in names:
        if name not in GROUPING_RULES:
            near = nearest(name, GROUPING_RULES)
            raise ValueError(f"there is no grouping rule {name!r}{f', did you mean {near}?' if near else ''}")
    return names


GroupingRules = Annotated[tuple[str, ...], AfterValidator(checked_grouping_rules)]


ARTWORK_SOURCES = ("embedded", "folder")
"""Where covers come from, by name; see `library.pictures.rules`."""


def checked_artwork_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """`names` where every one is a source of pictures or a pattern of file names. Raises ValueError."""
    for name in names:
        if name not in ARTWORK_SOURCES and ("." not in name or "/" in name or not 1 < len(name) <= 100):
            raise ValueError(f"{name!r} is neither embedded nor folder nor a pattern of file names such as cover.*")
    if len(set(names)) != len(names) or len(names) > 50:
        raise ValueError("each source stands in the order once, and there are at most 50")
    return names


ArtworkSources = Annotated[tuple[str, ...], AfterValidator(checked_artwork_order)]


def _folder_template(text: str) -> str:
    from segue.core.path_templates import RECORDING_FIELDS, BadTemplate, PathTemplate

    try:
        PathTemplate(text.rstrip("/"), RECORDING_FIELDS)
    except BadTemplate as error:
        raise ValueError(error.message.removesuffix(".")) from None
    return text


RecordingFolder = Annotated[str, AfterValidator(_folder_template)]
"""A path template for the folder of a concert's recording."""


def clock_hours(text: str) -> tuple[clock_time, clock_time] | None:
    """`08:00-22:30` as two times of a day; None where the text is empty. Raises ValueError."""
    if not text.strip():
        return None
    found = _HOURS.fullmatch(text)
    numbers = [int(part) for part in found.groups()] if found else []
    if not numbers or max(numbers[0], numbers[2]) > 24 or max(numbers[1], numbers[3]) > 59:
        raise ValueError("hours are written 08:00-22:30")
    return clock_time(numbers[0] % 24, numbers[1]), clock_time(numbers[2] % 24, numbers[3])


def _checked_hours(text: str) -> str:
    clock_hours(text)
    return text.strip()


_HOURS = re.compile(r"\s*(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})\s*")
Hours = Annotated[str, AfterValidator(_checked_hours)]
"""Hours of a day, such as 08:00-22:30; over midnight too; empty for none."""
