"""What a search answers: hits in the shape of MusicBrainz's search server, which leaves out what is empty.

The dumps do not tell the ids of artist credits; `artist-credit-id` is one of our own, the same for the same credit.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from segue.catalog.ws2.layout import Entity
from segue.catalog.ws2.reading import Ws2

Json = dict[str, Any]

_MOST_RELEASES = 25
"""Of a recording or a release group that was found."""
_ALIAS = (("sort-name", "sort-name"), ("name", "name"), ("locale", "locale"), ("type", "type"), ("primary", "primary"))


class Found:
    """Puts hits together."""

    def __init__(self, ws2: Ws2) -> None:
        self._ws2 = ws2
        self._artists: dict[int, Json] = {}

    def hit(self, entity: Entity, n: int, score: int) -> Json:
        body = self._ws2.body(entity, n)
        hit: Json = {"id": body["id"], "score": score}
        if entity in ("artist", "label"):
            self._somebody(hit, body)
        elif entity == "release-group":
            self._release_group(hit, body, n)
        elif entity == "recording":
            self._recording(hit, body, n)
        else:
            self._release(hit, body)
        if tags := body.get("tags"):
            hit["tags"] = [{"count": tag.get("count", 0), "name": tag["name"]} for tag in tags]
        return hit

    def _somebody(self, hit: Json, body: Json) -> None:
        _take(hit, body, "type", "type-id", "name", "sort-name", "label-code", "gender-id", "gender", "country")
        for name in ("area", "begin-area", "end-area"):
            if area := body.get(name):
                hit[name] = _given(area, "id", "type", "type-id", "name", "sort-name")
                hit[name]["life-span"] = {"ended": None}
        _take(hit, body, "disambiguation", "ipis", "isnis")
        span = body.get("life-span") or {}
        hit["life-span"] = {**_given(span, "begin", "end"), "ended": True if span.get("ended") else None}
        _aliases(hit, body)

    def _release_group(self, hit: Json, body: Json, n: int) -> None:
        if kind := body.get("primary-type-id"):
            hit["type-id"] = kind
        _take(hit, body, "primary-type-id")
        total, releases = self._ws2.linked("release_group_release", n, _MOST_RELEASES)
        hit["count"] = total
        _take(hit, body, "title", "first-release-date", "primary-type", "secondary-types", "secondary-type-ids")
        _take(hit, body, "disambiguation")
        self._credited(hit, body)
        hit["releases"] = [_given(self._ws2.body("release", m), "id", "status-id", "title", "status") for m in releases]
        _aliases(hit, body)

    def _release(self, hit: Json, body: Json) -> None:
        media = body.get("media") or ()
        _take(hit, body, "status-id", "packaging-id")
        self._credited(hit, body)
        hit["count"] = len(media)
        _take(hit, body, "title", "disambiguation", "status", "packaging")
        if text := _given(body.get("text-representation") or {}, "language", "script"):
            hit["text-representation"] = text
        self._grouped(hit, body)
        self._published(hit, body)
        _take(hit, body, "barcode", "asin")
        infos = []
        for number, label in body.get("label-info") or ():
            info: Json = {"catalog-number": number} if number else {}
            if label:
                info["label"] = _given(self._ws2.body("label", label), "id", "name")
            infos.append(info)
        if infos:
            hit["label-info"] = infos
        hit["track-count"] = sum(medium.get("track-count") or 0 for medium in media)
        hit["media"] = [
            {
                **_given(medium, "id", "format"),
                "disc-count": medium.get("disc-count", 0),
                "track-count": medium.get("track-count") or 0,
            }
            for medium in media
        ]

    def _recording(self, hit: Json, body: Json, n: int) -> None:
        self._credited(hit, body)
        _take(hit, body, "title", "length", "disambiguation", "first-release-date")
        hit["video"] = True if body.get("video") else None
        releases = [self._appearance(m, n, body) for m in self._ws2.linked("recording_release", n, _MOST_RELEASES)[1]]
        if releases:
            hit["releases"] = releases
        _take(hit, body, "isrcs")
        _aliases(hit, body)

    def _appearance(self, release: int, recording: int, its: Json) -> Json:
        body = self._ws2.body("release", release)
        found = _given(body, "id", "status-id")
        heads = body.get("media") or ()
        found["count"] = len(heads)
        _take(found, body, "title", "disambiguation", "status")
        if body.get("artist-credit") and body.get("artist-credit") != its.get("artist-credit"):
            self._credited(found, body)
        self._grouped(found, body)
        self._published(found, body)
        found["track-count"] = sum(head.get("track-count") or 0 for head in heads)
        found["media"] = []
        for head, content in zip(heads, self._ws2.contents(release), strict=False):
            rows = content.get("tracks") or ()
            places = [at for at, row in enumerate(rows) if row[5] == recording]
            if not places:
                continue
            medium = _given(head, "id", "position", "format")
            medium["track"] = [_track(rows[at], its) for at in places]
            medium["track-count"] = head.get("track-count") or len(rows)
            medium["track-offset"] = places[0]
            found["media"].append(medium)
        return found

    def _credited(self, hit: Json, body: Json) -> None:
        refs = body.get("artist-credit")
        if not refs:
            return
        credit = []
        for n, name, joinphrase in refs:
            artist = self._artists.get(n)
            if artist is None:
                said = self._ws2.body("artist", n)
                artist = self._artists[n] = _given(said, "id", "name", "sort-name", "disambiguation")
                _aliases(artist, said)
            part: Json = {"joinphrase": joinphrase} if joinphrase else {}
            part["name"] = artist.get("name") if name is None else name
            part["artist"] = artist
            credit.append(part)
        whole = "".join(f"{part['artist']['id']}{part['name']}{part.get('joinphrase', '')}" for part in credit)
        hit["artist-credit-id"] = str(uuid5(NAMESPACE_URL, whole))
        hit["artist-credit"] = credit

    def _grouped(self, hit: Json, body: Json) -> None:
        if n := body.get("release-group"):
            said = self._ws2.body("release-group", n)
            group = _given(said, "id")
            if kind := said.get("primary-type-id"):
                group["type-id"] = kind
            _take(group, said, "primary-type-id", "title", "primary-type", "secondary-types", "secondary-type-ids")
            _take(group, said, "disambiguation")
            hit["release-group"] = group

    @staticmethod
    def _published(hit: Json, body: Json) -> None:
        _take(hit, body, "date", "country")
        events = []
        for event in body.get("release-events") or ():
            shown = _given(event, "date")
            if area := event.get("area"):
                shown["area"] = _given(area, "id", "name", "sort-name", "iso-3166-1-codes")
            events.append(shown)
        if events:
            hit["release-events"] = events


def _track(row: list[Any], recording: Json) -> Json:
    track: Json = {"id": row[0], "number": row[1], "title": recording.get("title") if row[3] is None else row[3]}
    length = recording.get("length") if row[4] is True else row[4]
    if length:
        track["length"] = length
    return track


def _given(body: Json, *names: str) -> Json:
    return {name: value for name in names if (value := body.get(name))}


def _take(hit: Json, body: Json, *names: str) -> None:
    hit.update(_given(body, *names))


def _aliases(hit: Json, body: Json) -> None:
    aliases = []
    for alias in body.get("aliases") or ():
        shown = {name: alias.get(there) for name, there in _ALIAS}
        shown["begin-date"], shown["end-date"] = alias.get("begin"), alias.get("end")
        if alias.get("type-id"):
            shown["type-id"] = alias["type-id"]
        aliases.append(shown)
    if aliases:
        hit["aliases"] = aliases
