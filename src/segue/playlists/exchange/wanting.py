"""From a row of a file to what is looked for, and from what was found to what is kept of it. Pure functions."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from segue.core.ids import BadId, parse_id
from segue.library.finding import Found, Wanted
from segue.playlists.exchange.events import Entry
from segue.playlists.exchange.locations import OWN, is_address
from segue.playlists.views import NewRow

State = str
"""sure, review, none, chosen, unlinked."""


def wanted_of(entry: Entry, folder: str = "") -> Wanted:
    """What to look for. `folder` is where the file lies, for paths that begin there."""
    ids = {name: value for name, value in entry.external_ids.items() if name != OWN}
    return Wanted(
        title=entry.title,
        artists=(entry.artist,) if entry.artist else (),
        album=entry.album,
        album_artist=entry.album_artist,
        duration_ms=entry.duration_ms,
        disc=entry.disc,
        position=entry.position,
        external_ids=ids,
        path=path_of(entry.location, folder),
        track_id=_own_id(entry.external_ids.get(OWN)),
    )


def wanted_of_row(row: Any) -> Wanted:
    """What to look for, by a row of a list as it is kept."""
    entry = Entry(
        title=row.title,
        artist=row.artist,
        album=row.album,
        duration_ms=row.duration_ms,
        external_ids={name: value for name, value in (row.external_ids or {}).items() if isinstance(value, str)},
        location=row.location or "",
    )
    return wanted_of(entry)


def path_of(location: str, folder: str = "") -> str:
    """A location as a path, from the root where it can be told; empty for an address."""
    if not location or is_address(location):
        return ""
    plain = location.replace("\\", "/") if "\\" in location and "/" not in location else location
    if not folder or plain.startswith(("/", "file:")) or plain[1:2] == ":":
        return plain
    return posixpath.normpath(posixpath.join(folder, plain))


def origin_of(entry: Entry) -> str:
    """What names a row within its file, however often it is read."""
    said = "\x1f".join(
        (
            entry.title.casefold(), entry.artist.casefold(), entry.album.casefold(), entry.location,
            *(f"{name}={value}" for name, value in sorted(entry.external_ids.items())),
        )
    )  # fmt: skip
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """An entry as it is kept; without what it does not say."""
    said = asdict(entry)
    said["problem"] = [entry.problem[0], dict(entry.problem[1])] if entry.problem else None
    said["external_ids"] = dict(entry.external_ids)
    said["location"] = _storable(entry.location)
    del said["list_number"]
    return {key: value for key, value in said.items() if value}


def entry_of_json(said: Mapping[str, Any]) -> Entry:
    """The entry that was kept."""
    problem = said.get("problem")
    values = {key: value for key, value in said.items() if key != "problem"}
    return Entry(**values, problem=(problem[0], problem[1]) if problem else None)


def state_of(found: Found | None) -> State:
    return "none" if found is None else "sure" if found.sure else "review"


def others_of(found: Found | None) -> list[list[Any]]:
    return [[other.track_id, other.score] for other in found.others] if found else []


def reasons_of(entry: Entry, found: Found | None) -> list[list[Any]]:
    """[[code, params, weight], …]: why this track, or what is wrong with the row."""
    problem = [[entry.problem[0], dict(entry.problem[1]), -0.1]] if entry.problem else []
    return problem + (found.reasons_as_json() if found else [])


def new_row(
    entry: Entry,
    state: State,
    track_id: int | None,
    score: float | None,
    method: str | None,
    reasons: Sequence[Any] | None,
    take_unsure: bool,
) -> NewRow:
    """A row to add to a list: linked where its track is sure, was chosen, or unsure ones are to be taken as well."""
    linked = track_id is not None and (state in ("sure", "chosen") or (state == "review" and take_unsure))
    return NewRow(
        track_id=track_id if linked else None,
        title=entry.shown or "?",
        artist=entry.artist,
        album=entry.album,
        duration_ms=entry.duration_ms,
        external_ids={name: value for name, value in entry.external_ids.items() if name != OWN} or None,
        comment=entry.comment,
        location=_storable(entry.location) or None,
        match_score=None if state == "chosen" else score,
        match_reasons=list(reasons or ()) or None,
        match_state=state,
        match_method=method,
        match_track_id=None if linked else track_id,
        origin=origin_of(entry),
    )


def _own_id(text: str | None) -> int | None:
    try:
        return parse_id(text, "tr") if text else None
    except BadId:
        return None


def _storable(text: str) -> str:
    """As a database takes it: bytes that are no text become question marks."""
    return text.encode("utf-8", "replace").decode() if any("\ud800" <= char <= "\udfff" for char in text) else text
