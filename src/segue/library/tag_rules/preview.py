"""What other rules would change, shown before they are put into force: counts, names and examples, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from segue.library.scan import documents
from segue.library.scan.facts import Credit, TrackTags
from segue.library.scan.grouping import name_key
from segue.library.scan.tags.again import tags_again
from segue.library.scan.tags.rules import Rules

MOST_EXAMPLES = 50
MOST_NAMES = 100


class Change(NamedTuple):
    """One field of one track, before and after."""

    track: int
    title: str
    field: str
    before: Any
    after: Any


@dataclass(slots=True)
class Names:
    """Names by how they are looked up, with how many of the tracks looked at have each; before and after."""

    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    spelled: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    """Those of them that somebody has already, outside of what was looked at."""

    def take(self, before: Iterable[str], after: Iterable[str]) -> None:
        for counted, names in ((self.before, before), (self.after, after)):
            keys = {name_key(name): name for name in names}
            counted.update(keys.keys())
            self.spelled |= keys

    @property
    def added(self) -> list[str]:
        """Names that come and are new to the library, those of most tracks first."""
        return sorted(self.after.keys() - self.before.keys() - self.known, key=lambda key: (-self.after[key], key))

    @property
    def removed(self) -> list[str]:
        """Names that nothing which was looked at has any more."""
        return sorted(self.before.keys() - self.after.keys(), key=lambda key: (-self.before[key], key))


@dataclass(slots=True)
class Preview:
    """What would change in the tracks that were looked at. `unread` are those whose files would have to be read to know."""

    looked_at: int = 0
    total: int = 0
    changed: int = 0
    unread: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    artists: Names = field(default_factory=Names)
    genres: Names = field(default_factory=Names)
    examples: list[Change] = field(default_factory=list)


def look(preview: Preview, rows: Iterable[tuple[int, str, bytes, str]], rules: Rules) -> None:
    """Take tracks, as (track, format, document, title), into the preview."""
    for track, format, document, title in rows:
        preview.looked_at += 1
        body = documents.decode(document)
        if body.get("raw_truncated"):
            preview.unread += 1
            continue
        before = documents.tags_from_json(body.get("tags") or {})
        after, _ = tags_again(format, body.get("raw") or {}, rules)
        preview.artists.take(_people(before), _people(after))
        preview.genres.take(before.genres, after.genres)
        if before == after:
            continue
        preview.changed += 1
        for name, old, new in differences(before, after):
            preview.fields[name] += 1
            if len(preview.examples) < MOST_EXAMPLES and preview.fields[name] <= 10:
                preview.examples.append(Change(track, title, name, old, new))


def differences(before: TrackTags, after: TrackTags) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of what two readings of one file differ in, as plain JSON."""
    old, new = documents.tags_to_json(before), documents.tags_to_json(after)
    return [
        (name, shown(old.get(name)), shown(new.get(name)))
        for name in TrackTags._fields
        if old.get(name) != new.get(name)
    ]


def shown(value: Any) -> Any:
    """A value of the tags as JSON says it: people by name, role and instrument, texts cut to what one wants to read."""
    if isinstance(value, Credit):
        said = {"name": value.name, "role": value.role, "instrument": value.instrument, "sort_name": value.sort}
        said |= {
            "musicbrainz_id": value.mbid,
            "credited_as": value.credited_as,
            "join_phrase": value.join_phrase or None,
        }
        return {name: one for name, one in said.items() if one is not None}
    if isinstance(value, str):
        return value if len(value) <= 500 else value[:500] + "…"
    if hasattr(value, "_asdict"):
        return {name: shown(one) for name, one in value._asdict().items() if one is not None}
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    return value


def _people(tags: TrackTags) -> list[str]:
    return [credit.name for group in (tags.artists, tags.album_artists, tags.credits) for credit in group]
