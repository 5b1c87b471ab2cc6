"""All facts of one item together."""

from __future__ import annotations

import re
from dataclasses import replace

from segue.live.facts.artists import NOBODY, Bands, artist_key, artists_of
from segue.live.facts.dates import dated
from segue.live.facts.kinds import kind_of, partial_of, show_time_of
from segue.live.facts.lineage import equipment_of, people_of, shnid_of, steps_of, supersedes_of
from segue.live.facts.sources import source_type_of
from segue.live.records import Facts, Item

_HEAD = re.compile(r"^[a-z_-]*\d{0,4}(?:[-_.](?:\d{1,2}|[x?\d]{2})(?!\d)){0,2}[-_.]?", re.IGNORECASE)
"""Of an identifier: what comes before source, people and formats."""
LONGEST = 8_000
"""Characters of a text that are looked at."""
_SPLIT = re.compile(r"[._\-+,&() ]+")


def facts_of(item: Item, *, bands: Bands | None = None) -> Facts:
    """What `item` is, with the evidence for each belief. Never raises: what is not said or makes no sense stays unknown."""
    if any(len(text) > LONGEST for text in (item.source, item.lineage, item.notes, item.title, item.venue, item.taper)):
        item = _shortened(item)
    lowered = item.identifier.lower()
    head = _HEAD.match(lowered)
    tail = lowered[head.end() :] if head else lowered
    tokens = [token for token in _SPLIT.split(tail) if token]
    whose = artists_of(item, bands or NOBODY)
    when = dated(item)
    source_type, source_evidence = source_type_of(
        tokens, item.source, item.lineage, (item.notes, item.description[:600], item.info_text[:600])
    )
    kind, kind_evidence = kind_of(item, tail)
    show_time, show_evidence = show_time_of(item, tokens)
    partial_evidence = partial_of(item, tokens)
    taper, transferrer, people_evidence = people_of(item, tokens, source_type)
    steps = steps_of(item)
    shnid = shnid_of(tail.split("."))
    return Facts(
        identifier=item.identifier,
        artist_keys=tuple([artist_key(name) for name in whose.names]) or ("",),
        artist_names=whose.names or ("",),
        date=when.when.text,
        precision=when.when.precision,
        show_time=show_time,
        kind=kind,
        source_type=source_type,
        taper=taper,
        transferrer=transferrer,
        lineage=steps,
        equipment=equipment_of(steps),
        shnid=shnid,
        supersedes=supersedes_of(item, tail, shnid),
        partial=bool(partial_evidence),
        formats=_formats(item),
        evidence=(
            *whose.evidence, *when.evidence, *source_evidence, *kind_evidence, *show_evidence, *partial_evidence,
            *people_evidence,
        ),
        doubts=whose.doubts + when.doubts,
    )  # fmt: skip


def _shortened(item: Item) -> Item:
    fields = ("source", "lineage", "notes", "title", "venue", "taper", "transferrer")
    return replace(item, **{name: getattr(item, name)[:LONGEST] for name in fields})  # type: ignore[arg-type]


def _formats(item: Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys([file.format for track in item.tracks for file in track.files if file.format]))
