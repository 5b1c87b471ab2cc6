"""Dates as dumps write them, as partial dates: 1977, 1977-05 or 1977-05-04, never rounded."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def partial_date(text: str | None) -> tuple[str, str]:
    """The date and its precision (year, month, day); both empty where there is none. Zeros stand for what is not known:
    1999-03-00 is 1999-03, and 0000 is nothing. What cannot be (a 13th month) is left out."""
    found = _WRITTEN.match(text.strip()) if text else None
    if found is None or found[1] == "0000":
        return "", ""
    year, month, day = found[1], int(found[2] or 0), int(found[3] or 0)
    if not 1 <= month <= 12:
        return year, "year"
    if not 1 <= day <= 31:
        return f"{year}-{month:02}", "month"
    return f"{year}-{month:02}-{day:02}", "day"
