"""Which files of a recording are fetched: one format of each piece by an order of preference, and the texts beside them.

Pure. What the archive gives to nobody is left out and said; a recording that may only be streamed is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from segue.live.downloads.errors import Trouble
from segue.live.downloads.formats import Kind, is_called, kind_of
from segue.live.records import Item, ItemFile

MOST_FILES = 12_000
"""Files of one download; the largest items of the archive's concerts have some hundreds."""
NEARLY_ALL = 0.9
"""A preferred format is taken where it has at least this share of the pieces that the richest one has."""
_SIDECAR_KINDS = ("text", "checksums", "fingerprints")


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file to fetch, with what the archive says of it. `track` is the number of the piece that it holds."""

    name: str
    kind: Kind
    format: str
    source: str
    size: int | None
    md5: str
    sha1: str = ""
    track: int | None = None
    title: str = ""

    @property
    def claims(self) -> tuple[int | None, str, str]:
        """What the archive says that it is."""
        return self.size, self.md5, self.sha1


@dataclass(frozen=True, slots=True)
class Plan:
    """The files in the order in which they are fetched: small texts first, for they say what the others should be."""

    files: tuple[PlannedFile, ...]
    format: str
    left_out: tuple[tuple[str, str], ...] = field(default=())
    """(name, code) of what was wanted and cannot be had: private."""

    @property
    def size(self) -> int:
        """Bytes that are known to come."""
        return sum(file.size or 0 for file in self.files)


def refusal(item: Item) -> str | None:
    """Why nobody may download this item: dark or stream_only; None where they may."""
    if item.dark:
        return "dark"
    return "stream_only" if item.stream_only else None


def plan_of(item: Item, formats: Sequence[str], files: Collection[str] | None = None) -> Plan:
    """What is fetched of `item`: the `files` of these names, or each piece in the best of `formats` with the sidecars.

    Raises Trouble (stream_only, dark, private, no_such_file, no_audio, too_many_files).
    """
    why = refusal(item)
    if why is not None:
        raise Trouble(why, lasting=True, identifier=item.identifier)
    plan = _chosen(item, files) if files is not None else _whole(item, formats)
    if len(plan.files) > MOST_FILES:
        raise Trouble("too_many_files", lasting=True, count=len(plan.files), most=MOST_FILES)
    return plan


def _chosen(item: Item, names: Collection[str]) -> Plan:
    listed: dict[str, PlannedFile] = {}
    private: set[str] = set()
    for track in item.tracks:
        for file in track.files:
            listed[file.name] = _planned(file, track.number, track.title)
            if file.private:
                private.add(file.name)
    for file in item.sidecars:
        listed.setdefault(file.name, _planned(file))
        if file.private:
            private.add(file.name)
    missing = [name for name in names if name not in listed]
    if missing:
        raise Trouble("no_such_file", lasting=True, name=missing[0])
    allowed = [name for name in dict.fromkeys(names) if name not in private]
    if not allowed:
        raise Trouble("private", lasting=True, name=next(iter(names), ""))
    left_out = tuple((name, "private") for name in names if name in private)
    return Plan(tuple(listed[name] for name in allowed), listed[allowed[0]].format, left_out)


def _whole(item: Item, formats: Sequence[str]) -> Plan:
    allowed = [[file for file in track.files if not file.private] for track in item.tracks]
    counts = [sum(any(is_called(file.format, wanted) for file in files) for files in allowed) for wanted in formats]
    richest = max(counts, default=0)
    if not richest:
        hidden = [file.name for track in item.tracks for file in track.files if file.private]
        wanted_are_private = any(
            is_called(file.format, wanted) for track in item.tracks for file in track.files for wanted in formats
        )
        if hidden and wanted_are_private:
            raise Trouble("private", lasting=True, name=hidden[0])
        has = sorted({file.format for track in item.tracks for file in track.files if file.format})
        raise Trouble("no_audio", lasting=True, formats=list(formats), has=has[:20])
    first = next(wanted for wanted, count in zip(formats, counts, strict=True) if count >= richest * NEARLY_ALL)
    order = [first, *(wanted for wanted in formats if wanted != first)]
    taken: dict[int, PlannedFile] = {}
    spare: list[PlannedFile] = []
    left_out: list[tuple[str, str]] = []
    for track, files in zip(item.tracks, allowed, strict=True):
        file = next((file for wanted in order for file in files if is_called(file.format, wanted)), None)
        if file is None:
            left_out += [(each.name, "private") for each in track.files if each.private][:1]
            continue
        planned = _planned(file, track.number, track.title)
        if is_called(file.format, first):
            taken.setdefault(track.number, planned)
        else:
            spare.append(planned)
    for planned in spare:  # a piece that the chosen format lacks; never the same piece twice
        taken.setdefault(planned.track or 0, planned)
    sidecars = [
        _planned(file)
        for file in item.sidecars
        if kind_of(file.name, file.format) in _SIDECAR_KINDS and file.source != "metadata" and not file.private
    ]
    ordered = sorted(taken.values(), key=lambda file: (file.track or 0, file.name))
    names = {file.name for file in ordered}
    texts = [file for file in sorted(sidecars, key=lambda file: file.name) if file.name not in names]
    chosen = max({file.format for file in ordered}, key=lambda name: sum(file.format == name for file in ordered))
    return Plan((*texts, *ordered), chosen, tuple(left_out))


def _planned(file: ItemFile, track: int | None = None, title: str = "") -> PlannedFile:
    return PlannedFile(
        file.name, kind_of(file.name, file.format), file.format, file.source,
        file.size, file.md5.strip().lower(), file.sha1.strip().lower(), track, title or file.title,
    )  # fmt: skip
