"""A recording as a row, and back: what was said of it (`Item`) beside what is concluded from that (`Facts`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from segue.core.text import fold
from segue.live.models import LiveRecording
from segue.live.records import Doubt, Evidence, Facts, Item, Kind, Precision, ShowTime, SourceType

RECORDINGS = cast(Any, LiveRecording.__table__)
_decode = msgspec.json.Decoder(list[Any]).decode
VERSION = 1
"""Raised when facts are concluded otherwise than before: recordings with a lower one are looked at anew."""

COLUMNS = (
    "provider", "identifier", "artist_id", "title", "date", "date_sort", "date_number", "precision", "show_time", "kind",
    "source_type", "venue", "location", "taper", "taper_key", "transferrer", "source", "lineage", "shnid", "equipment", "formats",
    "collections", "subjects", "rating", "review_count", "downloads", "size_bytes", "stream_only", "status", "partial",
    "evidence", "doubts", "supersedes", "added_at", "updated_at", "seen_at", "concluded_version",
)  # fmt: skip
"""What taking in writes, in the order of `values_of`."""
_UNREAD = ("date_sort", "date_number", "taper_key", "equipment", "subjects", "seen_at", "concluded_version")
READ = ("id", *(name for name in COLUMNS if name not in _UNREAD), "family", "details_at")
"""What grouping reads, in the order of `item_and_facts`."""


def date_sort(date: str) -> str:
    """A key that puts partial dates last within what they name: `1977`, `1977-05` and `1977-05-08` become `1977-99-99`,
    `1977-05-99` and themselves; nothing comes last of all."""
    return f"{date}{'9999-99-99'[len(date) :]}" if len(date) in (0, 4, 7) else date


def date_number(date: str) -> int | None:
    """The same as a number: 19779999, 19770599, 19770508; None for nothing."""
    return int(date_sort(date).replace("-", "")) if date else None


def day_of_year(date: str) -> int | None:
    """Month times 100 plus day; None where the day is not known."""
    return int(date[5:7]) * 100 + int(date[8:10]) if len(date) == 10 else None


def values_of(item: Item, facts: Facts, artist_id: int | None, at: datetime) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    return (
        item.provider, item.identifier, artist_id, item.title, facts.date, date_sort(facts.date), date_number(facts.date),
        facts.precision,
        facts.show_time, facts.kind, facts.source_type, item.venue, item.location, facts.taper, taper_key(facts.taper),
        facts.transferrer, item.source, " > ".join(facts.lineage), facts.shnid, list(facts.equipment) or None,
        list(facts.formats) or None, f" {' '.join(item.collections)} " if item.collections else "",
        list(item.subjects) or None, item.rating, item.review_count, item.downloads, item.size_bytes, item.stream_only,
        "dark" if item.dark else "there", facts.partial, [[one.code, one.value, one.weight] for one in facts.evidence] or None,
        [[one.kind, one.proposal, one.score, dict(one.params)] for one in facts.doubts] or None,
        list(facts.supersedes) or None, item.added_at, item.updated_at, at, VERSION,
    )  # fmt: skip


def taper_key(taper: str) -> str:
    """The spelling that names of tapers are compared by."""
    return " ".join(fold(taper).split())


def item_and_facts(row: Any, artists: Sequence[tuple[str, str]]) -> tuple[Item, Facts]:
    """The item and the facts behind a row of READ, with JSON as text, as far as grouping and ranking ask of them. `artists`
    are keys and names, the main one first; tracks and files are put in by who has read them."""
    (
        _, provider, identifier, _, title, date, precision, show_time, kind, source_type, venue, location, taper, transferrer,
        source, lineage, shnid, formats, collections, rating, review_count, downloads, size_bytes, stream_only, status,
        partial, evidence, doubts, supersedes, added_at, updated_at, _, _,
    ) = row  # fmt: skip
    item = Item(
        identifier=identifier, provider=provider, title=title, creators=(artists[0][1],) if artists else (),
        collections=tuple(collections.split()), date=date, venue=venue, location=location, source=source, lineage=lineage,
        taper=taper, transferrer=transferrer, rating=rating, review_count=review_count, downloads=downloads,
        added_at=added_at, updated_at=updated_at, size_bytes=size_bytes, stream_only=stream_only, dark=status == "dark",
    )  # fmt: skip
    facts = Facts(
        identifier=identifier, artist_keys=tuple(key for key, _ in artists), artist_names=tuple(name for _, name in artists),
        date=date, precision=precision, show_time=show_time, kind=kind, source_type=source_type, taper=taper,
        transferrer=transferrer, lineage=tuple(lineage.split(" > ")) if lineage else (), shnid=shnid,
        supersedes=tuple(_listed(supersedes)), partial=partial, formats=tuple(_listed(formats)),
        evidence=_witnesses(evidence), doubts=tuple(Doubt(*one) for one in _listed(doubts)),
    )  # fmt: skip
    return item, facts


def _witnesses(kept: Any) -> tuple[Evidence, ...]:
    """Who speaks for the date and the time of the show, which grouping weighs; the others only matter to people."""
    return tuple(Evidence(*one) for one in _listed(kept) if one[0].startswith(("date.", "show_time.")))


def _listed(value: Any) -> Sequence[Any]:
    """A list that is kept as JSON: a text on SQLite, while PostgreSQL's driver decodes by itself."""
    return _decode(value) if isinstance(value, str) else value or ()


def overridden(facts: Facts, words: Mapping[str, Any], artist_key: Any) -> Facts:
    """Facts with what a person said in their place. `artist_key` brings a name to its one spelling."""
    from dataclasses import replace

    changed: dict[str, Any] = {}
    said: list[Evidence] = []
    for name, value in words.items():
        match name:
            case "date":
                changed["date"], changed["precision"] = str(value), precision_of(str(value))
            case "artist":
                changed["artist_keys"] = (artist_key(str(value)), *facts.artist_keys[1:])
                changed["artist_names"] = (str(value), *facts.artist_names[1:])
            case "show_time":
                changed["show_time"] = cast("ShowTime | None", value or None)
            case "kind":
                changed["kind"] = cast(Kind, value)
            case "source_type":
                changed["source_type"] = cast(SourceType, value)
            case "taper" | "transferrer":
                changed[name] = str(value)
            case _:
                continue
        said.append(Evidence(f"{name}.person", "" if value is None else str(value)))
    if not changed:
        return facts
    doubts = tuple(one for one in facts.doubts if not ("date" in changed and one.kind.startswith("date_")))
    return replace(facts, **changed, evidence=(*said, *facts.evidence), doubts=doubts)


def precision_of(date: str) -> Precision:
    return {10: "day", 7: "month", 4: "year"}.get(len(date), "unknown")  # type: ignore[return-value]
