"""Answers to lookups and browses, put together from documents as the real API does: same members, same empty values.

What stands inside something else is as the dump gave it: a member that is absent there stays absent. What was asked for
itself is complete: members that nobody told are null, empty or false, as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from segue.catalog.ws2.asked import ALL, Filter, Inc
from segue.catalog.ws2.layout import TABLE, Entity
from segue.catalog.ws2.reading import Ws2

Json = dict[str, Any]

MOST_LINKED = 25
"""Of what is linked to something that was looked up; browsing shows the rest."""

_ARTIST = ("id", "name", "sort-name", "disambiguation", "type", "type-id", "country")
_LABEL = ("id", "name", "sort-name", "disambiguation", "type", "type-id", "label-code")
_GROUP = (
    "id", "title", "disambiguation", "first-release-date", "primary-type", "primary-type-id", "secondary-types",
    "secondary-type-ids",
)  # fmt: skip
_RECORDING = ("id", "title", "disambiguation", "length", "video", "first-release-date")
_RELEASE = (
    "id", "title", "disambiguation", "status", "status-id", "quality", "packaging", "packaging-id", "text-representation",
    "date", "country", "release-events", "barcode",
)  # fmt: skip
_ASKED_FOR = frozenset(
    {"aliases", "annotation", "tags", "genres", "rating", "relations", "artist-credit", "isrcs", "label-info", "media",
     "release-group"}
)  # fmt: skip
"""Members that only an `inc` brings."""
_NO_SPAN = {"begin": None, "end": None, "ended": False}
_NO_ART = {"artwork": False, "back": False, "count": 0, "darkened": False, "front": False}
_DEFAULTS: dict[Entity, Json] = {
    "artist": {
        "disambiguation": "", "type": None, "type-id": None, "gender": None, "gender-id": None, "country": None,
        "area": None, "begin-area": None, "end-area": None, "life-span": _NO_SPAN, "ipis": [], "isnis": [],
    },
    "label": {
        "disambiguation": "", "type": None, "type-id": None, "label-code": None, "country": None, "area": None,
        "life-span": _NO_SPAN, "ipis": [], "isnis": [],
    },
    "recording": {"disambiguation": "", "length": None, "video": False},
    "release-group": {
        "disambiguation": "", "first-release-date": "", "primary-type": None, "primary-type-id": None,
        "secondary-types": [], "secondary-type-ids": [],
    },
    "release": {
        "disambiguation": "", "status": None, "status-id": None, "quality": "normal", "packaging": None,
        "packaging-id": None, "text-representation": {"language": None, "script": None}, "barcode": None, "asin": None,
        "cover-art-archive": _NO_ART,
    },
}  # fmt: skip


def by_id(thing: Json) -> str:
    """How a list is sorted, within its page."""
    mbid: str = thing["id"]
    return mbid


class Shaper:
    """Puts answers together for one request."""

    def __init__(self, ws2: Ws2, inc: Inc, filter: Filter = ALL) -> None:
        self._ws2 = ws2
        self._inc = inc
        self._filter = filter
        self._nested = tuple(name for name in ("aliases", "tags", "genres") if name in inc)
        self._artists: dict[int, Json] = {}

    def whole(self, entity: Entity, n: int) -> Json:
        """What was asked for itself: by lookup, or in a list that was browsed."""
        body = self._ws2.body(entity, n)
        inc = self._inc
        answer = {**_DEFAULTS[entity], **{name: value for name, value in body.items() if name not in _ASKED_FOR}}
        for name in ("aliases", "tags", "genres"):
            if name in inc:
                answer[name] = body.get(name) or []
        for name in ("user-tags", "user-genres"):
            if name in inc:
                answer[name] = []
        if "ratings" in inc and entity != "release":
            answer["rating"] = body.get("rating") or {"value": None, "votes-count": 0}
        if "user-ratings" in inc and entity != "release":
            answer["user-rating"] = {"value": None}
        if "annotation" in inc:
            answer["annotation"] = body.get("annotation")
        if inc.relations:
            answer["relations"] = self._relations(body.get("relations") or ())
        if entity == "artist":
            self._of_artist(answer, n)
        elif entity == "label":
            if "releases" in inc:
                answer["releases"] = self._releases("label_release", n)
        elif entity == "recording":
            self._of_recording(answer, body, n)
        elif entity == "release-group":
            if "artist-credits" in inc or "artists" in inc:
                answer["artist-credit"] = self.credit(body)
            if "releases" in inc:
                answer["releases"] = self._releases("release_group_release", n)
        else:
            self._of_release(answer, body, n)
        return answer

    def _of_artist(self, answer: Json, n: int) -> None:
        inc = self._inc
        if "recordings" in inc:
            _, found = self._ws2.linked("artist_recording", n, MOST_LINKED)
            answer["recordings"] = sorted((self._recording(m) for m in found), key=by_id)
        if "releases" in inc:
            link = "artist_track_release" if "various-artists" in inc else "artist_release"
            answer["releases"] = self._releases(link, n)
        if "release-groups" in inc:
            found = self.linked("artist_release_group", n, "release-group", MOST_LINKED, 0)[1]
            answer["release-groups"] = sorted((self._group(m) for m in found), key=by_id)
        if "works" in inc:
            answer["works"] = []

    def _of_recording(self, answer: Json, body: Json, n: int) -> None:
        inc = self._inc
        if "artist-credits" in inc or "artists" in inc:
            answer["artist-credit"] = self.credit(body)
        if "isrcs" in inc:
            answer["isrcs"] = body.get("isrcs") or []
        if "releases" in inc:
            answer["releases"] = self._releases("recording_release", n, only=n)

    def _of_release(self, answer: Json, body: Json, n: int) -> None:
        inc = self._inc
        if "artist-credits" in inc or "artists" in inc:
            answer["artist-credit"] = self.credit(body)
        if "release-groups" in inc and body.get("release-group"):
            answer["release-group"] = self._group(body["release-group"])
        if "labels" in inc:
            answer["label-info"] = [
                {"catalog-number": number, "label": self._label(label) if label else None}
                for number, label in body.get("label-info") or ()
            ]
        if "media" in inc or "discids" in inc or "recordings" in inc:
            answer["media"] = self._media(body, n)
        if "collections" in inc or "user-collections" in inc:
            answer["collections"] = []

    # What stands inside

    def credit(self, body: Json) -> list[Json]:
        """An artist credit; empty where nobody is credited."""
        credit = []
        for n, name, joinphrase in body.get("artist-credit") or ():
            artist = self.artist(n)
            credit.append(
                {"name": artist["name"] if name is None else name, "joinphrase": joinphrase, "artist": artist}
            )
        return credit

    def artist(self, n: int) -> Json:
        artist = self._artists.get(n)
        if artist is None:
            artist = self._artists[n] = self._stub(_ARTIST, self._ws2.body("artist", n))
        return artist

    def _label(self, n: int) -> Json:
        return self._stub(_LABEL, self._ws2.body("label", n))

    def _group(self, n: int) -> Json:
        body = self._ws2.body("release-group", n)
        group = self._stub(_GROUP, body)
        if "artist-credits" in self._inc and "artist-credit" in body:
            group["artist-credit"] = self.credit(body)
        if "release-group-level-rels" in self._inc and self._inc.relations:
            group["relations"] = self._relations(body.get("relations") or ())
        return group

    def _recording(self, n: int) -> Json:
        return self._recording_of(self._ws2.body("recording", n))

    def _recording_of(self, body: Json) -> Json:
        recording = self._stub(_RECORDING, body)
        if "artist-credits" in self._inc and "artist-credit" in body:
            recording["artist-credit"] = self.credit(body)
        if "isrcs" in self._inc:
            recording["isrcs"] = body.get("isrcs") or []
        if "recording-level-rels" in self._inc and self._inc.relations:
            recording["relations"] = self._relations(body.get("relations") or ())
        return recording

    def _stub(self, names: Sequence[str], body: Json) -> Json:
        stub = {name: body[name] for name in names if name in body}
        for name in self._nested:
            if name in body:
                stub[name] = body[name]
        return stub

    def linked(self, link: str, n: int, of: Entity, limit: int, offset: int) -> tuple[int, list[int]]:
        """A page of what is linked, as far as `type` and `status` let it, and how many there are."""
        if not self._filter or of not in ("release", "release-group"):
            return self._ws2.linked(link, n, limit, offset)
        statuses = self._filter.statuses if of == "release" else ()
        return self._ws2.linked_of(link, n, limit, offset, table=TABLE[of], statuses=statuses, kinds=self._filter.kinds)

    def _releases(self, link: str, n: int, *, only: int | None = None) -> list[Json]:
        """Releases inside something else; of their tracks those alone that are the recording `only`."""
        inc = self._inc
        releases = []
        for m in self.linked(link, n, "release", MOST_LINKED, 0)[1]:
            body = self._ws2.body("release", m)
            release = self._stub(_RELEASE, body)
            if "artist-credits" in inc:
                release["artist-credit"] = self.credit(body)
            if "release-groups" in inc and body.get("release-group"):
                release["release-group"] = self._group(body["release-group"])
            if "media" in inc or "discids" in inc:
                release["media"] = self._media(body, m, only=only, nested=True)
            releases.append(release)
        return sorted(releases, key=by_id)

    def _media(self, body: Json, n: int, *, only: int | None = None, nested: bool = False) -> list[Json]:
        inc = self._inc
        heads = body.get("media") or ()
        with_tracks = only is not None or ("recordings" in inc and not nested)
        contents: Sequence[Json] = ()
        if with_tracks or "discids" in inc:
            contents = self._ws2.contents(n)
        media = []
        for place, head in enumerate(heads):
            medium = {name: value for name, value in head.items() if name not in ("disc-count", "track-offset")}
            content = contents[place] if place < len(contents) else {}
            if "discids" in inc:
                medium["discs"] = content.get("discs") or []
            if with_tracks:
                rows = content.get("tracks") or ()
                if only is not None:
                    places = [at for at, row in enumerate(rows) if row[5] == only]
                    if not places:
                        continue
                    medium["track-offset"] = places[0]
                    medium["tracks"] = [self._track(rows[at], recording=False) for at in places]
                else:
                    self._with_tracks(medium, head, content, rows)
            media.append(medium)
        return media

    def _with_tracks(self, medium: Json, head: Json, content: Json, rows: Iterable[list[Any]]) -> None:
        if "tracks" in content:
            medium["track-offset"] = head.get("track-offset", 0)
            medium["tracks"] = [self._track(row) for row in rows]
        if content.get("pregap"):
            medium["pregap"] = self._track(content["pregap"])
        if "data-tracks" in content:
            medium["data-tracks"] = [self._track(row) for row in content["data-tracks"]]

    def _track(self, row: list[Any], *, recording: bool = True) -> Json:
        mbid, number, position, title, length, n = row[:6]
        credit = row[6] if len(row) > 6 else None
        track: Json = {"id": mbid, "number": number, "position": position}
        body = self._ws2.body("recording", n) if n else {}
        track["title"] = body.get("title") if title is None else title
        track["length"] = body.get("length") if length is True else length
        if "artist-credits" in self._inc and (credit or body.get("artist-credit")):
            track["artist-credit"] = self.credit({"artist-credit": credit} if credit else body)
        if recording and n:
            track["recording"] = self._recording_of(body)
        if len(row) > 7:
            track.update(row[7])
        return track

    # Relations

    def _relations(self, relations: Iterable[Json]) -> list[Json]:
        wanted = self._inc.relations
        shown = []
        for relation in relations:
            target = relation.get("target-type", "")
            if target.replace("-", "_") not in wanted:
                continue
            thing = relation.get(target)
            if isinstance(thing, int):
                thing = self._related("artist" if target == "artist" else "label", thing)
            elif isinstance(thing, dict):
                thing = self._elsewhere(thing)
            shown.append({**relation, target: thing})
        return shown

    def _related(self, entity: Entity, n: int) -> Json:
        names = _ARTIST if entity == "artist" else _LABEL
        body = self._ws2.body(entity, n)
        stub = {name: body[name] for name in names if name in body}
        if "aliases" in self._inc and "aliases" in body:
            stub["aliases"] = body["aliases"]
        return stub

    def _elsewhere(self, thing: Json) -> Json:
        """A target that stands in the relation as the dump gave it: without what was not asked for."""
        inc = self._inc
        left_out: set[str] = {
            name for name in ("aliases", "tags", "genres", "isrcs") if name in thing and name not in inc
        }
        if "artist-credit" in thing and "artist-credits" not in inc:
            left_out.add("artist-credit")
        if "relations" in thing and "work-level-rels" not in inc:
            left_out.add("relations")
        if not left_out and "relations" not in thing:
            return thing
        shown = {name: value for name, value in thing.items() if name not in left_out}
        if "relations" in shown:
            shown["relations"] = self._relations(shown["relations"])
        return shown
