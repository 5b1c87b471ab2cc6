"""A document of a dump, taken apart: what it says of itself, and a mention of everything that it names.

In a mention's body others stand by their MBID; the numbers take their place once everything has one (see layout). The
members of a body are as the dump gives them: what is absent there stays absent here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeGuard

from segue.catalog.ws2.facts import of_medium, of_release, of_track
from segue.catalog.ws2.layout import Entity

Json = dict[str, Any]

_REMEMBERED = 10_000
DERIVED = ("tags", "genres", "rating", "annotation")
"""Members under CC BY-NC-SA; taken only where the build was told to."""
_PERSONAL = ("user-tags", "user-genres", "user-rating", "collections")


class Mention(NamedTuple):
    """Of one entity: what is said of it here (None: nothing that would be new), the words that this context gives it, and
    how much it counts. `order` is what releases are put in order by."""

    entity: Entity
    mbid: str
    body: Json | None
    words: dict[str, str] | None = None
    weight: int = 1
    order: tuple[str, int, str] | None = None
    """The release group, 0 for an official release and 1 for others, the date."""


class _Around(NamedTuple):
    """Where a track stands: on which release, and the facts of the medium."""

    release: Json
    facts: str


class Splitter:
    """Takes documents apart; without `derived` it leaves out what is not CC0."""

    def __init__(self, *, derived: bool = False) -> None:
        self._said: dict[str, Json] = {}
        """What was said last of artists and labels, most of whom are named again within a few lines."""
        self._left_out = frozenset(_PERSONAL if derived else _PERSONAL + DERIVED)

    def mentions(self, entity: Entity, document: Json) -> Iterator[Mention]:
        """Of the document itself, last, and of what it names. Nothing for one without an id."""
        if not has_mbid(document):
            return
        if entity == "release":
            yield from self._release(document)
        elif entity == "recording":
            yield from self._recording(document, None, 0)
        elif entity == "release-group":
            yield from self._release_group(document, None, 0)
        else:
            body = self._own(document)
            yield from self._relations(body)
            yield Mention(entity, document["id"], body, weight=0)

    def _own(self, document: Json) -> Json:
        body = dict(document)
        for name in self._left_out & body.keys():
            del body[name]
        return body

    def _credit(self, body: Json, weight: int) -> Iterator[Mention]:
        credit = body.pop("artist-credit", None)
        if not credit:
            return
        refs = []
        for part in credit:
            artist = part.get("artist") if isinstance(part, dict) else None
            if not has_mbid(artist):
                continue
            yield from self._stub("artist", artist, weight)
            name = part.get("name")
            refs.append([artist["id"], None if name == artist.get("name") else name, part.get("joinphrase") or ""])
        body["artist-credit"] = refs

    def _stub(self, entity: Entity, stub: Json, weight: int) -> Iterator[Mention]:
        if self._said.get(stub["id"]) == stub:
            yield Mention(entity, stub["id"], None, weight=weight)
            return
        if len(self._said) >= _REMEMBERED:
            self._said.clear()
        self._said[stub["id"]] = stub
        body = self._own(stub)
        yield from self._relations(body)
        yield Mention(entity, stub["id"], body, weight=weight)

    def _relations(self, body: Json) -> Iterator[Mention]:
        relations = body.get("relations")
        if not relations:
            return
        taken = []
        for relation in relations:
            for entity in ("artist", "label"):
                target = relation.get(entity)
                if has_mbid(target):
                    relation = {**relation, entity: target["id"]}
                    yield from self._stub(entity, target, 0)  # type: ignore[arg-type]
            taken.append(relation)
        body["relations"] = taken

    def _release_group(self, document: Json, words: dict[str, str] | None, weight: int) -> Iterator[Mention]:
        body = self._own(document)
        body.pop("releases", None)
        names = credited(body)
        yield from self._credit(body, weight)
        yield from self._relations(body)
        if names:
            words = {"artist": "\n".join(names), **(words or {})}
        yield Mention("release-group", document["id"], body, words, weight)

    def _recording(self, document: Json, words: dict[str, str] | None, weight: int) -> Iterator[Mention]:
        body = self._own(document)
        body.pop("releases", None)
        names = credited(body)
        yield from self._credit(body, weight)
        yield from self._relations(body)
        if names:
            words = {**(words or {}), "artist": "\n".join(names)}
        yield Mention("recording", document["id"], body, words, weight)

    def _release(self, document: Json) -> Iterator[Mention]:
        body = self._own(document)
        names = credited(body)
        yield from self._credit(body, 3)
        yield from self._relations(body)
        facts, labels = of_release(body, document.get("artist-credit") or ())
        group = body.pop("release-group", None)
        order = ("", int(body.get("status") != "Official"), body.get("date") or "9999")
        if has_mbid(group):
            body["release-group"] = group["id"]
            order = (group["id"], *order[1:])
            status = facts_named(facts, "xstatus")
            words = {
                "release": body.get("title") or "",
                "facts": " ".join([*status, *facts_named(facts, "xarid"), *facts_named(facts, "xreid")]),
            }
            if "artist-credit" not in group and document.get("artist-credit"):
                group = {**group, "artist-credit": document["artist-credit"]}
            yield from self._release_group(group, words, 1)
        yield from self._labels(body)
        yield from self._media(body, document, facts)
        words = {"artist": "\n".join(names), "label": "\n".join(labels), "facts": " ".join(facts)}
        yield Mention("release", document["id"], body, words, 1, order)

    def _labels(self, body: Json) -> Iterator[Mention]:
        infos = body.pop("label-info", None)
        if infos is None:
            return
        refs = []
        for info in infos:
            label = info.get("label")
            if has_mbid(label):
                yield from self._stub("label", label, 1)
                refs.append([info.get("catalog-number"), label["id"]])
            else:
                refs.append([info.get("catalog-number"), None])
        body["label-info"] = refs

    def _media(self, body: Json, release: Json, facts: list[str]) -> Iterator[Mention]:
        media = body.get("media")
        if media is None:
            return
        heads: list[Json] = []
        contents: list[Json] = []
        performers: set[str] = set()
        total = sum(medium.get("track-count") or len(medium.get("tracks") or ()) for medium in media)
        for medium in media:
            around = _Around(release, " ".join(of_medium(medium, total, facts)))
            head = {name: value for name, value in medium.items() if name not in _CONTENT}
            content: Json = {}
            if medium.get("discs") is not None:
                content["discs"] = medium["discs"]
                head["disc-count"] = len(medium["discs"])
            for kind in ("tracks", "data-tracks"):
                if medium.get(kind) is not None:
                    listed: list[Any] = []
                    content[kind] = listed
                    for track in medium[kind]:
                        yield from self._track(track, listed, around, performers)
            if medium.get("pregap"):
                rows: list[Any] = []
                yield from self._track(medium["pregap"], rows, around, performers)
                content["pregap"] = rows[0] if rows else None
            heads.append(head)
            contents.append(content)
        body["media"] = heads
        body["contents"] = contents
        body["performers"] = sorted(performers - {ref[0] for ref in body.get("artist-credit") or ()})

    def _track(self, track: Json, rows: list[Any], around: _Around, performers: set[str]) -> Iterator[Mention]:
        release, facts = around
        more = self._own(track)
        names = credited(more)
        yield from self._credit(more, 1)
        credit = more.pop("artist-credit", None)
        performers.update(ref[0] for ref in credit or ())
        recording = more.pop("recording", None)
        known = has_mbid(recording)
        row = [more.pop("id", None), more.pop("number", None), more.pop("position", None), more.pop("title", None)]
        row.append(more.pop("length", None))
        row.append(recording["id"] if known else None)
        if known:
            words = {"release": release.get("title") or "", "facts": " ".join((facts, *of_track(track)))}
            if not recording.get("artist-credit"):
                if track.get("artist-credit"):
                    recording = {**recording, "artist-credit": track["artist-credit"]}
                words["artist"] = "\n".join(names or credited(release))
            refs: list[Any] = []
            for mention in self._recording(recording, words, 1):
                if mention.entity == "recording" and mention.body is not None:
                    refs = mention.body.get("artist-credit") or []
                yield mention
            performers.update(ref[0] for ref in refs)
            if row[3] == recording.get("title"):
                row[3] = None
            if row[4] == recording.get("length"):
                row[4] = True
            if credit == refs:
                credit = None
        row += [credit, more] if more else [credit]
        while len(row) > 6 and row[-1] is None:
            row.pop()
        rows.append(row)


_MBID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONTENT = ("tracks", "data-tracks", "pregap", "discs")


def has_mbid(thing: object) -> TypeGuard[Json]:
    """Whether that is an object with an id that can be kept."""
    return isinstance(thing, dict) and isinstance(mbid := thing.get("id"), str) and bool(_MBID.fullmatch(mbid))


def credited(body: Json) -> list[str]:
    """The names of a credit: as it is written as a whole, then each as credited and by their own name."""
    credit = [part for part in body.get("artist-credit") or () if isinstance(part, dict)]
    if not credit:
        return []
    names = []
    if len(credit) > 1:
        names.append("".join((part.get("name") or "") + (part.get("joinphrase") or "") for part in credit))
    for part in credit:
        names += [part.get("name") or "", (part.get("artist") or {}).get("name") or ""]
    return [name for name in dict.fromkeys(names) if name]


def facts_named(facts: list[str], field: str) -> list[str]:
    return [fact for fact in facts if fact.startswith(field)]
