"""Lay a person's edits over what files say: pure functions, the same for a scan, for an edit just made and for its undoing.

Also the way back: what a track's or an album's fields say, in the form in which they are edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segue.core.text import sort_key
from segue.library.edits.fields import CREDIT_ROLES, WHO
from segue.library.scan.facts import Credit, TrackTags
from segue.library.scan.grouping import name_key
from segue.library.scan.write.albums import PRIMARY_TYPES, AlbumFacts, joined
from segue.library.scan.write.rows import track_title

Values = Mapping[str, Any]

_PLAIN = {
    "title": "title",
    "sort_title": "title_sort",
    "subtitle": "subtitle",
    "disc": "disc_number",
    "disc_subtitle": "disc_subtitle",
    "date": "date",
    "original_date": "original_date",
    "recording_date": "recording_date",
    "bpm": "bpm",
    "key": "key",
    "comment": "comment",
    "language": "language",
    "explicit": "explicit",
    "compilation": "compilation",
    "musicbrainz_recording_id": "recording_mbid",
    "musicbrainz_track_id": "track_mbid",
    "work": "work",
    "movement": "movement",
    "movement_number": "movement_number",
}
_LISTS = {"genres": "genres", "moods": "moods", "grouping": "grouping", "isrcs": "isrcs"}
ON_TRACKS = ("genres", "disc_subtitles", WHO)
"""Edits of an album that show on its tracks."""


def edited_tags(tags: TrackTags, edits: Values, of_album: Values | None = None) -> TrackTags:
    """`tags` with the edits of the track laid over them; those of its album hold where the track has none of its own."""
    album = of_album or {}
    if not edits and not album:
        return tags
    changes: dict[str, Any] = {}
    subtitles = album.get("disc_subtitles") or {}
    disc = str(edits.get("disc", tags.disc_number) or 1)
    if disc in subtitles:
        changes["disc_subtitle"] = subtitles[disc]
    if "genres" in album:
        changes["genres"] = tuple(album["genres"])
    for field, member in _PLAIN.items():
        if field in edits:
            changes[member] = edits[field]
    for field, member in _LISTS.items():
        if field in edits:
            changes[member] = tuple(edits[field])
    if "position" in edits:
        changes |= _position(edits["position"])
    if "artists" in edits:
        changes["artists"] = credits_of(edits["artists"], "artist")
        changes["artist_display"] = joined(changes["artists"])
    roles = [role for role in CREDIT_ROLES if role in edits]
    if roles:
        changes["credits"] = _with_roles(tags.credits, {role: credits_of(edits[role], role) for role in roles})
    if "external_ids" in edits:
        kept = tuple(pair for pair in tags.external_ids if pair[0] not in _track_namespaces())
        changes["external_ids"] = kept + tuple((pair[0], pair[1]) for pair in edits["external_ids"])
        changes["work_mbids"] = ()
    found = tags._replace(**changes) if changes else tags
    who = {**album.get(WHO, {}), **edits.get(WHO, {})}
    if who:
        found = found._replace(artists=_meant(found.artists, who), credits=_meant(found.credits, who))
    return found


def edited_facts(facts: AlbumFacts, edits: Values) -> AlbumFacts:
    """What an album says with its edits laid over it."""
    if not edits:
        return facts
    changes: dict[str, Any] = {}
    plain = {
        "title": "title", "date": "date", "original_date": "original_date", "release_status": "release_status",
        "media": "media", "compilation": "compilation", "release_date": "release_date",
        "country": "country", "barcode": "barcode",
        "musicbrainz_release_id": "release_mbid", "musicbrainz_release_group_id": "release_group_mbid",
    }  # fmt: skip
    for field, member in plain.items():
        if field in edits:
            changes[member] = edits[field]
    if "sort_title" in edits:
        changes["sort_title"] = edits["sort_title"]
    if "sort_title" in edits:
        changes["sort_title"] = edits["sort_title"]
    if edits.get("sort_title"):
        changes["sort_key"] = sort_key(edits["sort_title"])
    elif "title" in edits or "sort_title" in edits:
        changes["sort_key"] = sort_key(changes.get("title", facts.title))
    if "artists" in edits:
        changes["artists"] = credits_of(edits["artists"], "album_artist")
        changes["artist_display"] = joined(changes["artists"])
        changes["artist_sort_key"] = sort_key(_sort_name(changes["artists"], changes["artist_display"]))
    if "release_types" in edits:
        changes["release_types"] = tuple(edits["release_types"])
        changes["release_type"] = next((kind for kind in changes["release_types"] if kind in PRIMARY_TYPES), None)
        if "compilation" not in edits and "compilation" in changes["release_types"]:
            changes["compilation"] = True
    if "labels" in edits:
        changes["labels"] = tuple((label["name"], label.get("catalog_number")) for label in edits["labels"])
    if "external_ids" in edits:
        changes["external_ids"] = tuple(sorted((pair[0], pair[1]) for pair in edits["external_ids"]))
    found = facts._replace(**changes) if changes else facts
    return found._replace(artists=_meant(found.artists, edits[WHO])) if edits.get(WHO) else found


def credits_of(values: Iterable[Values], role: str) -> tuple[Credit, ...]:
    """Edited credits as a scan has them. An artist's own id (`ar-81`) stands where a MusicBrainz id would."""
    return tuple(
        Credit(
            name=value["name"],
            role=role,
            sort=value.get("sort_name"),
            mbid=value.get("artist") or value.get("mbid"),
            instrument=value.get("instrument"),
            credited_as=value.get("credited_as"),
            join_phrase=value.get("join_phrase", ""),
        )
        for value in values
    )


def edited_credit(credit: Credit) -> dict[str, Any]:
    """A credit in the form in which it is edited."""
    own = bool(credit.mbid and credit.mbid.startswith("ar-"))
    said = {
        "name": credit.name,
        "artist": credit.mbid if own else None,
        "mbid": None if own else credit.mbid,
        "sort_name": credit.sort,
        "instrument": credit.instrument,
        "credited_as": credit.credited_as,
        "join_phrase": credit.join_phrase,
    }
    return {name: value for name, value in said.items() if value}


def track_values(tags: TrackTags, path: bytes) -> dict[str, Any]:
    """What every field of a track says."""
    from segue.library.scan.write.rows import track_external_ids

    found: dict[str, Any] = {field: getattr(tags, member) for field, member in _PLAIN.items()}
    found |= {field: list(getattr(tags, member)) for field, member in _LISTS.items()}
    found["title"] = track_title(tags, path)
    found["position"] = tags.track_position or tags.track_number
    found["artists"] = [edited_credit(credit) for credit in tags.artists]
    for role in CREDIT_ROLES:
        found[role] = [edited_credit(credit) for credit in tags.credits if credit.role == role]
    found["external_ids"] = [list(pair) for pair in track_external_ids(tags) if pair[0] != "isrc"]
    return found


def album_values(facts: AlbumFacts, tracks: Sequence[TrackTags]) -> dict[str, Any]:
    """What every field of an album says; `tracks` are those of its tracks, for what is shown on them."""
    subtitles: dict[str, Any] = {}
    for tags in tracks:
        if tags.disc_subtitle:
            subtitles.setdefault(str(tags.disc_number or 1), tags.disc_subtitle)
    return {
        "title": facts.title,
        "sort_title": facts.sort_title,
        "release_date": facts.release_date,
        "artists": [edited_credit(credit) for credit in facts.artists],
        "date": facts.date,
        "original_date": facts.original_date,
        "release_types": list(facts.release_types),
        "release_status": facts.release_status,
        "media": facts.media,
        "compilation": facts.compilation,
        "country": facts.country,
        "barcode": facts.barcode,
        "labels": [{"name": name, "catalog_number": number} for name, number in facts.labels],
        "genres": list(dict.fromkeys(genre for tags in tracks for genre in tags.genres)),
        "disc_subtitles": subtitles,
        "external_ids": [list(pair) for pair in facts.external_ids],
        "musicbrainz_release_id": facts.release_mbid,
        "musicbrainz_release_group_id": facts.release_group_mbid,
    }


def _position(value: int | str | None) -> dict[str, Any]:
    if isinstance(value, str):
        return {"track_number": int(value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), "track_position": value}
    return {"track_number": value, "track_position": None}


def _with_roles(credits: Sequence[Credit], roles: dict[str, tuple[Credit, ...]]) -> tuple[Credit, ...]:
    """`credits` with those of some roles replaced, where the first of the role stood, else at the end."""
    found: list[Credit] = []
    placed: set[str] = set()
    for credit in credits:
        if credit.role not in roles:
            found.append(credit)
        elif credit.role not in placed:
            placed.add(credit.role)
            found += roles[credit.role]
    for role, people in roles.items():
        if role not in placed:
            found += people
    return tuple(found)


def _meant(credits: Sequence[Credit], who: Mapping[str, str]) -> tuple[Credit, ...]:
    return tuple(
        credit._replace(mbid=who[key]) if (key := name_key(credit.name)) in who else credit for credit in credits
    )


def _sort_name(artists: Sequence[Credit], shown: str) -> str:
    if artists and all(credit.sort for credit in artists):
        return joined(credit._replace(credited_as=credit.sort) for credit in artists)
    return shown


def _track_namespaces() -> frozenset[str]:
    from segue.library.external import NAMESPACES

    return frozenset(NAMESPACES["track"])
