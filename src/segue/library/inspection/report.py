"""From what is stored, or was just read, to what inspection says: pure functions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from segue.core.ids import format_id, format_id_or_none
from segue.library.inspection import schemas as s
from segue.library.items import reason as problem_item
from segue.library.scan.facts import FileFacts
from segue.library.scan.paths import displayed
from segue.library.scan.tags.explain import Explanation, Reason, explain
from segue.library.scan.tags.rules import Rules
from segue.library.schemas import ReasonItem
from segue.library.tag_rules.preview import shown

NAMED = {
    "title_sort": "sort_title", "album_sort": "sort_album", "grouping": "groupings", "recording_mbid": "musicbrainz_recording_id",
    "track_mbid": "musicbrainz_track_id", "release_mbid": "musicbrainz_release_id",
    "release_group_mbid": "musicbrainz_release_group_id", "work_mbids": "musicbrainz_work_ids",
    "disc_id": "musicbrainz_disc_id", "disc_number": "disc", "track_number": "position", "track_position": "position_text",
    "release_country": "country", "own": "own_fields",
}  # fmt: skip
"""What members of the track's tags are called outside, where that is another word."""


def reason(why: Reason) -> ReasonItem:
    return ReasonItem(code=why.code, params=why.params, sentence=why.sentence)


def doubts(found: Iterable[tuple[str, Mapping[str, Any]]]) -> list[ReasonItem]:
    """Problems and doubts with their sentences."""
    items = [problem_item(code, dict(params)) for code, params in found]
    return [ReasonItem(**item) for item in items if item is not None]


def tags(explained: Explanation) -> list[s.TagItem]:
    return [
        s.TagItem(
            kind=one.system,
            name=one.name,
            values=[shown(value) for value in one.values],
            field=one.field,
            heard=one.heard,
            reason=reason(one.reason),
        )
        for one in explained.said
    ]


def fields(explained: Explanation) -> list[s.FieldItem]:
    return [
        s.FieldItem(
            field=NAMED.get(one.member, one.member),
            value=shown(one.value),
            tags=[s.TagName(kind=kind, name=name) for kind, name in one.tags],
            reasons=[reason(why) for why in one.reasons],
        )
        for one in explained.made
    ]


def edit_items(prefix: str, rows: Iterable[Any], *, tell_who: bool) -> list[s.EditItem]:
    """Edits that hold; fields that are not for people are left out."""
    return [
        s.EditItem(
            of=format_id(prefix, row.entity_id),
            field=row.field,
            value=row.value["is"],
            edited_by=format_id_or_none("us", row.edited_by) if tell_who else None,
            edited_at=row.edited_at,
        )
        for row in rows
        if row.field != "who"
    ]


def history_items(rows: Iterable[Any], *, tell_who: bool) -> list[s.HistoryItem]:
    return [
        s.HistoryItem(
            id=format_id("ed", row.id),
            action=row.action,
            params=row.params,
            made_by=format_id_or_none("us", row.made_by) if tell_who else None,
            made_at=row.made_at,
            undone=row.undone_by is not None,
        )
        for row in rows
    ]


def on_the_spot(path: bytes, facts: FileFacts, rules: Rules, source: str) -> s.FileInspection:
    """What a file says that was just read and is in no library."""
    explained = explain(facts.format or "", facts.raw or {}, rules)
    trouble = [(facts.problem.code, facts.problem.params)] if facts.problem else []
    return s.FileInspection(
        id=None,
        path=displayed(os.path.abspath(path)),  # noqa: PTH100 - bytes
        library=None,
        format=facts.format,
        codec=facts.codec,
        duration_ms=facts.duration_ms or None,
        missing_since=None,
        problem=next(iter(doubts(trouble)), None),
        doubts=doubts(facts.doubts),
        tags=tags(explained),
        fields=fields(explained),
        cue=None,
        edits=[],
        tracks=[],
        identity=s.IdentityItem(
            audio_key=facts.audio_key.hex() if facts.audio_key else None,
            audio_key_kind=facts.audio_key_kind,
            exact_hash=None,
            tag_hash=None,
            musicbrainz_recording_id=facts.tags.recording_mbid if facts.tags else None,
            size_bytes=facts.size,
            modified_ns=facts.mtime_ns,
        ),
        rules=s.RulesItem(hash=rules.hash.hex(), current=True, source=source, truncated=facts.raw_truncated),
    )
