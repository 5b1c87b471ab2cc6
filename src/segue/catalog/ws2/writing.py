"""Writes ws2.db: from the documents of MusicBrainz's dumps to what the ws/2 API is answered from.

Three passes over the disk, none of which holds more in memory than a batch and some caches: every mention is taken down
(staging), everything gets its number, and the documents are put together in the order of the numbers, with their words.
Killed, it is simply done again: ws2.db appears in its place only when it is whole.
"""

from __future__ import annotations

import os
import sqlite3
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from segue.catalog.records import Damage
from segue.catalog.snapshot.layout import WS2, compressor
from segue.catalog.sorting import sorting_in
from segue.catalog.sources.musicbrainz.documents import documents as documents_of
from segue.catalog.sources.musicbrainz.documents import dump_of
from segue.catalog.ws2.facts import own_words
from segue.catalog.ws2.layout import (
    ENTITIES,
    FORMAT,
    LINKS,
    PAGE_SIZE,
    TABLE,
    WORDS,
    Entity,
    kinds_of,
    mbid_bytes,
    status_of,
    tables,
)
from segue.catalog.ws2.numbering import Numbers, number, resolve, rows_of
from segue.catalog.ws2.splitting import Splitter
from segue.catalog.ws2.staging import Staging, trained
from segue.catalog.ws2.words import MOST_WORDS, column

Json = dict[str, Any]
Documents = Callable[[str], Iterable[Json] | None]
"""The documents of an entity's dump (`release`, `artist`, `area` …); None where there is no such dump."""
Told = Callable[[int, int, str], None]
"""`told(done, total, what)`; `total` is 0 where it is not known. What it raises ends the writing."""

_BATCH = 400
_SAMPLES = 6_000
_CACHE_KIB = 131_072


def dumps_in(folder: Path, damage: list[Damage] | None = None, told: Collection[str] = ()) -> Documents:
    """The documents of the JSON dumps in a folder. What of them cannot be read is appended to `damage`, but for dumps whose
    damage is `told` elsewhere."""

    def of(entity: str) -> Iterable[Json] | None:
        if dump_of(folder, entity) is None:
            return None
        found = documents_of(folder, entity)
        if damage is not None and entity not in told:
            found.lines.damage = damage
        return found

    return of


def write_ws2(
    documents: Documents,
    folder: Path,
    *,
    derived: bool = False,
    redirects: Iterable[tuple[Entity, str, str]] = (),
    told: Told | None = None,
) -> dict[str, int]:
    """Makes ws2.db in `folder` and tells how many there are of each entity.

    The dump of releases is enough; those of artists, labels, release groups and recordings add what only they say, that of
    areas the areas' types. `derived` takes tags, genres, ratings and annotations as well (CC BY-NC-SA). `redirects` are
    (entity, former MBID, MBID). Raises sqlite3.Error or OSError where the disk is full.
    """
    tell = told or (lambda done, total, what: None)
    staging = Staging(folder / f"{WS2}.staging")
    path = folder / f"{WS2}.building"
    path.unlink(missing_ok=True)
    try:
        _stage(documents, staging, Splitter(derived=derived), tell)
        areas = {area["id"]: (area.get("type"), area.get("type-id")) for area in documents("area") or ()}
        writing = _Writing(path, staging, areas, tell)
        try:
            with sorting_in(writing.database, folder):
                counts = writing.write(redirects, derived)
        finally:
            writing.database.close()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        staging.drop()
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    path.replace(folder / WS2)
    return counts


def _stage(documents: Documents, staging: Staging, splitter: Splitter, tell: Told) -> None:
    for entity in ENTITIES:
        source = documents(entity)
        if source is None:
            continue
        for done, document in enumerate(source):
            staging.add(splitter.mentions(entity, document), own=True)
            if not done & 1023:
                tell(getattr(source, "done", done), getattr(source, "size", 0), f"reading documents: {entity}")
    staging.finish()


class _Writing:
    """The second and third pass, into the file itself."""

    def __init__(self, path: Path, staging: Staging, areas: dict[str, tuple[Any, Any]], tell: Told) -> None:
        self._tell = tell
        self._read = staging.read
        self._areas = areas
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(
            f"PRAGMA page_size = {PAGE_SIZE}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            f" PRAGMA cache_size = -{_CACHE_KIB}; PRAGMA temp_store = FILE; {tables()}"
        )
        self.database.execute("ATTACH ? AS staging", (str(staging.path),))
        self._numbers = Numbers(self.database)
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder().decode
        self._loose: dict[str, list[tuple[Any, Any]]] = {name: [] for name in (*LINKS, "isrc", "disc")}

    def write(self, redirects: Iterable[tuple[Entity, str, str]], derived: bool) -> dict[str, int]:
        counts: dict[str, int] = {}
        self.database.execute("BEGIN")
        for entity in ENTITIES:
            self._tell(0, 0, f"numbering documents: {entity}")
            counts[entity] = number(self.database, entity)
        self._kinds = array("I", bytes(4 * (counts["release-group"] + 1)))
        for name in self._loose:
            self.database.execute(f"CREATE TABLE staging.loose_{name} (a, b)")
        for entity in ENTITIES:
            self._documents(entity, counts[entity])
        self._links()
        for entity, former, present in redirects:
            self._redirect(entity, former, present)
        made = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        facts = {"format": FORMAT, "made": made, "derived": int(derived), "counts": self._encode(counts)}
        self.database.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
        self.database.execute("COMMIT")
        return counts

    def _documents(self, entity: Entity, total: int) -> None:
        table = TABLE[entity]
        compress = compressor(self._dictionary(entity)).compress
        columns = WORDS[entity]
        marks = ",".join("?" * (len(columns) + 1))
        words_into = f"INSERT INTO {table}_words (rowid, {', '.join(columns)}) VALUES ({marks})"
        self.database.execute(f"INSERT INTO {table}_words ({table}_words, rank) VALUES ('hashsize', 33554432)")
        extra = {"release": ",?,?,?", "release-group": ",?"}.get(entity, "")
        body_into = f"INSERT INTO {table} VALUES (?,?{extra})"
        merged = self._merged(entity)
        done = 0
        while batch := list(islice(merged, _BATCH)):
            self._numbers.resolve_all(entity, [body for _, body, _ in batch])
            rows, words = [], []
            for n, body, said in batch:
                credited = resolve(entity, body, self._numbers)
                own = own_words(entity, body, credited)
                words.append((n, *(_joined(own.get(name, ""), said.get(name), name) for name in columns)))
                rows.append(self._row(entity, n, body, compress))
            self.database.executemany(body_into, rows)
            self.database.executemany(words_into, words)
            self._write_loose(20_000)
            done += len(batch)
            self._tell(done, total, f"writing documents: {entity}")
        self.database.execute(f"INSERT INTO {table}_words ({table}_words) VALUES ('optimize')")

    def _dictionary(self, entity: Entity) -> bytes:
        """Trained on bodies from all over the dump, and kept in the file."""
        said = f"staging.said_{TABLE[entity]}"
        (last,) = self.database.execute(f"SELECT ifnull(max(rowid), 0) FROM {said}").fetchone()
        step = max(1, last // _SAMPLES)
        found = self.database.execute(
            f"SELECT body FROM {said} WHERE rowid % ? = 0 AND body IS NOT NULL LIMIT ?", (step, _SAMPLES)
        )
        dictionary = trained([self._read[entity](body) for (body,) in found])
        self.database.execute("INSERT INTO meta VALUES (?, ?)", (f"zstd.{entity}", dictionary))
        return dictionary

    def _merged(self, entity: Entity) -> Iterator[tuple[int, Json, dict[str, set[str]]]]:
        """Each one's number, all that is said of it as one document, and the words that others give it."""
        table = TABLE[entity]
        rows = self.database.execute(
            f"SELECT i.n, s.body, s.words FROM staging.said_{table} s JOIN {table}_id i ON i.mbid = s.mbid"
            " WHERE s.body IS NOT NULL OR s.words IS NOT NULL ORDER BY i.n, s.priority, s.rowid"
        )
        decode, read = self._decode, self._read[entity]
        for n, group in groupby(rows, itemgetter(0)):
            merged: Json = {}
            before: set[bytes] = set()
            words: dict[str, set[str]] = {}
            for _, body, said in group:
                if body is not None and body not in before and len(before) < 50:
                    before.add(body)
                    merged = {**decode(read(body)), **merged}
                if said is not None:
                    for name, text in decode(read(said)).items():
                        words.setdefault(name, set()).update(text.split(" " if name == "facts" else "\n"))
            yield n, merged, words

    def _row(self, entity: Entity, n: int, body: Json, compress: Callable[[bytes], bytes]) -> tuple[Any, ...]:
        if entity == "release":
            contents = body.pop("contents", None)
            tracks = compress(self._encode(contents)) if contents is not None else None
            self._links_of_release(n, body, contents or ())
            status = status_of(body.get("status"))
            kinds = self._kinds[body.get("release-group", 0)]
            return n, compress(self._encode(body)), tracks, status, kinds
        credited = [ref[0] for ref in body.get("artist-credit") or ()]
        if entity == "release-group":
            kinds = kinds_of(body.get("primary-type"), body.get("secondary-types") or ())
            self._kinds[n] = kinds
            self._loose["artist_release_group"] += [(artist, n) for artist in credited]
            return n, compress(self._encode(body)), kinds
        if entity == "recording":
            self._loose["artist_recording"] += [(artist, n) for artist in credited]
            self._loose["isrc"] += [(isrc.upper(), n) for isrc in body.get("isrcs") or ()]
        else:
            for name in ("area", "begin-area", "end-area"):
                if area := body.get(name):
                    kind = self._areas.get(area.get("id"))
                    if kind and not area.get("type"):
                        area["type"], area["type-id"] = kind
        return n, compress(self._encode(body))

    def _links_of_release(self, n: int, body: Json, contents: Sequence[Json]) -> None:
        credited = {ref[0] for ref in body.get("artist-credit") or ()}
        self._loose["artist_release"] += [(artist, n) for artist in credited]
        self._loose["label_release"] += [(ref[1], n) for ref in body.get("label-info") or () if ref[1]]
        if "release-group" in body:
            self._loose["release_group_release"].append((body["release-group"], n))
        for medium in contents:
            self._loose["disc"] += [(disc["id"], n) for disc in medium.get("discs") or () if disc.get("id")]
        recordings = {row[5] for row in rows_of(contents) if row[5]}
        self._loose["recording_release"] += [(recording, n) for recording in recordings]
        self._loose["artist_track_release"] += [(artist, n) for artist in body.pop("performers", ())]

    def _write_loose(self, at_least: int) -> None:
        for name, rows in self._loose.items():
            if len(rows) > at_least:
                self.database.executemany(f"INSERT INTO staging.loose_{name} VALUES (?, ?)", rows)
                rows.clear()

    def _links(self) -> None:
        self._tell(0, 0, "linking documents")
        self._write_loose(0)
        for name in self._loose:
            self.database.execute(f"INSERT INTO {name} SELECT DISTINCT a, b FROM staging.loose_{name} ORDER BY a, b")

    def _redirect(self, entity: Entity, former: str, present: str) -> None:
        table = TABLE[entity]
        self.database.execute(
            f"INSERT OR IGNORE INTO {table}_id SELECT ?, n FROM {table}_id WHERE mbid = ?",
            (mbid_bytes(former), mbid_bytes(present)),
        )


def _joined(own: str, said: set[str] | None, name: str) -> str:
    if not said:
        return own
    others = " ".join(sorted(said)[: MOST_WORDS * 10]) if name == "facts" else column(sorted(said))
    return f"{own} {others}" if own else others
