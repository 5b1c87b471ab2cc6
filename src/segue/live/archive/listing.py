"""Whole lists of the archive, page after page, each item once, and an honest word where some never came.

The scrape API hands out a cursor with each page. It has been seen to stand still: a cursor that came before, or a page that
brings nothing new, ends that way, and the rest is asked for by windows of the day an item was added, which need no cursor.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from segue.core.outside import Ask
from segue.live.archive.documents import FoundPage, ListPage, identifier_of
from segue.live.archive.shapes import as_count, as_one
from segue.live.archive.wire import moment_of

PAGE = 10_000
"""Items of one page: what the archive gives at most."""
FIRST_DAY = date(1996, 1, 1)
"""Nothing was added before the archive began."""


@dataclass(frozen=True, slots=True)
class Scraped:
    """One answer of the scrape API. `cursor` is empty on the last page."""

    docs: Sequence[Mapping[str, Any]]
    total: int
    cursor: str


Scrape = Callable[[str, Sequence[str], int, str], Awaitable[Scraped | None]]
"""Asks for a page: query, fields, how many, cursor."""


def scrape_ask(query: str, fields: Sequence[str], count: int, cursor: str) -> Ask[Scraped]:
    asked = {"q": query, "fields": ",".join(fields), "count": str(count)}
    if cursor:
        asked["cursor"] = cursor
    return Ask("scrape", "services/search/v1/scrape", query=asked, read=read_scraped)


def read_scraped(value: Mapping[str, Any]) -> Scraped:
    said = value["said"]
    docs = [doc for doc in said["items"] if isinstance(doc, Mapping)]
    total = as_count(said.get("total"))
    return Scraped(docs, len(docs) if total is None else total, as_one(said.get("cursor")))


def read_found(value: Mapping[str, Any]) -> FoundPage:
    response = value["said"]["response"]
    docs = [doc for doc in response["docs"] if isinstance(doc, Mapping)]
    return FoundPage(docs, as_count(response.get("numFound")) or 0, moment_of(value))


async def pages(scrape: Scrape, query: str, fields: Sequence[str], cursor: str = "") -> AsyncIterator[ListPage]:
    """All pages of a query; the last one says how many of the total never came."""
    seen: set[str] = set()
    cursors: set[str] = {cursor} if cursor else set()
    went_on = bool(cursor)
    total = 0
    while True:
        page = await scrape(query, fields, PAGE, cursor)
        docs = _new(page.docs if page else (), seen)
        total = page.total if page else total
        after = page.cursor if page else ""
        stuck = bool(after) and (after in cursors or not docs)
        whole = not after or (len(seen) >= total and not went_on)
        if stuck and not whole:
            break
        missing = 0 if went_on else max(0, total - len(seen))
        yield ListPage(docs, total, len(seen), cursor=after, last=whole, missing=missing if whole else 0)
        if whole:
            return
        cursors.add(after)
        cursor = after
    if docs:
        yield ListPage(docs, total, len(seen))
    async for window in _by_windows(scrape, query, fields, FIRST_DAY, datetime.now(UTC).date() + timedelta(days=2)):
        docs = _new(window, seen)
        if docs:
            yield ListPage(docs, total, len(seen), how="dates")
    yield ListPage((), total, len(seen), how="dates", last=True, missing=max(0, total - len(seen)))


async def _by_windows(
    scrape: Scrape, query: str, fields: Sequence[str], first: date, after: date
) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """The items added from `first` to before `after`: in one answer where they fit, else in halves."""
    window = f"({query}) AND addeddate:[{first.isoformat()}T00:00:00Z TO {after.isoformat()}T00:00:00Z]"
    page = await scrape(window, fields, PAGE, "")
    if page is None:
        return
    yield page.docs
    days = (after - first).days
    if page.total > len(page.docs) and days > 1:
        half = first + timedelta(days=days // 2)
        for begin, end in ((first, half), (half, after)):
            async for docs in _by_windows(scrape, query, fields, begin, end):
                yield docs


def _new(docs: Sequence[Mapping[str, Any]], seen: set[str]) -> list[Mapping[str, Any]]:
    """Those that did not come before, and are noted now; what has no identifier is no item."""
    fresh = []
    for doc in docs:
        identifier = identifier_of(doc)
        if identifier and identifier not in seen:
            seen.add(identifier)
            fresh.append(doc)
    return fresh
