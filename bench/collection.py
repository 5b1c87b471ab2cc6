"""A made-up music collection of any size, written straight into the database: for benchmarks and tests of lists.

Everything follows from the seed, and nothing is kept in memory but counts, so that a million tracks can be made. Names are
drawn as real ones are: few words in very many titles, most words in few, some with accents, some in other scripts. A tenth
of the albums is by two artists, a third of the tracks credits a composer, some rows have no year, one genre has half of
all albums, and the first artist has 2,000 tracks (a fiftieth of them in a small collection).
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import Table

from segue.core.db import Database
from segue.core.text import sort_key
from segue.library import models as m
from segue.library import search
from segue.library.search import tops, vocabulary
from segue.listening.models import Annotation

WORDS = """
love night river golden light shadow morning winter summer road dream fire water stone silver heart blue black
white red city mountain ocean wind rain storm sun moon star sky north south east west time day year hour
song dance music voice silence echo mirror glass paper iron wood bird wolf horse lion snake rose garden forest
desert island bridge tower castle house door window table bread wine salt sugar honey smoke ash dust sand snow
ice thunder lightning king queen prince child mother father brother sister friend stranger ghost angel devil
saint sinner dancer singer sailor soldier hunter farmer doctor teacher prophet thief lover dreamer traveller
pilgrim Ænima Björk Café Señor 愛 夜 東京 さくら Кино Звезда Ночь Ωμέγα Straße garçon naïve blink-182 AC/DC R.E.M.
!!! 1999 42 you me my your in of on to and no all live remix
""".split()  # noqa: SIM905
SYLLABLES = """
ka ro mi lo ta ne su vi den mar bel gra tho wen lia os und ing er an dor fel hau jin qua zy pre ol ste bru
""".split()  # noqa: SIM905
START = datetime(2015, 1, 1, tzinfo=UTC)
TYPES = (["album"], ["album"], ["album"], ["album", "live"], ["album", "compilation"], ["ep"], ["single"])
CHUNK = 2_000
"""Albums whose rows are made and written together."""


@dataclass
class Collection:
    """How much there is, and the ids of everything by kind."""

    albums: range = field(default_factory=lambda: range(0))
    tracks: range = field(default_factory=lambda: range(0))
    artists: range = field(default_factory=lambda: range(0))
    titles: list[str] = field(default_factory=list)
    """Some track titles, to search for."""


async def fill(
    db: Database,
    *,
    albums: int = 10_000,
    tracks_per_album: int = 10,
    artists: int | None = None,
    libraries: int = 1,
    person: int = 1,
    marked: float = 0.04,
    seed: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> Collection:
    """Write a collection into an empty database. `person` has stars, ratings and plays of the share `marked` of it."""
    made = _Maker(
        random.Random(seed), albums, tracks_per_album, artists or max(3, albums * 6 // 10), libraries, person, marked
    )
    made.dialect = db.dialect
    if albums * tracks_per_album < 20_000:
        async with _Sink(db).open() as sink:
            await _pour(made, sink, say)
    else:
        async with _Sink(db).open() as sink, sink.without_indexes():
            await _pour(made, sink, say)
    return Collection(
        range(1, albums + 1), range(1, albums * tracks_per_album + 1), range(1, len(made.names)), made.titles
    )


async def _pour(made: _Maker, sink: _Sink, say: Callable[[str], None]) -> None:
    done = 0
    for rows in made.chunks():
        for model, values in rows.items():
            await sink.write(model if isinstance(model, Table) else model.__table__, values)
        done += len(rows.get(m.Track, ()))
        say(f"{done} tracks")
    await sink.finish()


def cover_key(number: int) -> str:
    """Where the original of an album's cover would be in storage; nothing is put there."""
    return f"artwork/original/00/{number:064x}"


class _Sink:
    """Writes rows as fast as each database takes them: without the ORM, and for many rows without indexes meanwhile."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.conn: Any = None
        self.driver: Any = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[_Sink]:
        async with self.db.exclusive() as conn:
            self.conn = conn
            self.driver = (await conn.get_raw_connection()).driver_connection
            if self.db.dialect == "sqlite":
                await conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
            try:
                yield self
            finally:
                if self.db.dialect == "sqlite":
                    await conn.exec_driver_sql("PRAGMA foreign_keys=ON")

    @asynccontextmanager
    async def without_indexes(self) -> AsyncIterator[None]:
        """Take the plain indexes off, and put them back at the end."""
        if self.db.dialect == "sqlite":
            found = "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL"
        else:
            found = (
                "SELECT i.indexname, i.indexdef FROM pg_indexes i LEFT JOIN pg_constraint c ON c.conname = i.indexname "
                "WHERE i.schemaname = current_schema() AND c.conname IS NULL"
            )
        indexes = (await self.conn.exec_driver_sql(found)).all()
        for name, _ in indexes:
            await self.conn.exec_driver_sql(f'DROP INDEX "{name}"')
        yield
        for _, create in indexes:
            await self.conn.exec_driver_sql(create)
        await self.analyse()

    async def analyse(self) -> None:
        """What PostgreSQL does by itself after a while. SQLite would only when told to, which Segue never does."""
        if self.db.dialect == "postgresql":
            await self.conn.exec_driver_sql("ANALYZE")

    async def write(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        names = list(rows[0])
        dialect = self.conn.dialect
        processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
        values = [
            tuple(process(row[name]) if process else row[name] for name, process in zip(names, processors, strict=True))
            for row in rows
        ]
        columns = ", ".join(names)
        if self.db.dialect == "sqlite":
            marks = ", ".join("?" * len(names))
            await self.driver.execute("BEGIN")
            await self.driver.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", values)
            await self.driver.commit()
            return
        texts = [name for name in names if str(table.c[name].type.compile(dialect)) == "TSVECTOR"]
        if not texts:
            await self.driver.copy_records_to_table(table.name, records=values, columns=names)
            return
        kinds = ", ".join(
            f"{name} text" if name in texts else f"{name} {table.c[name].type.compile(dialect)}" for name in names
        )
        await self.driver.execute(f"CREATE TEMP TABLE IF NOT EXISTS poured_{table.name} ({kinds})")
        await self.driver.copy_records_to_table(f"poured_{table.name}", records=values, columns=names)
        cast = ", ".join(f"{name}::tsvector" if name in texts else name for name in names)
        await self.driver.execute(f"INSERT INTO {table.name} ({columns}) SELECT {cast} FROM poured_{table.name}")
        await self.driver.execute(f"TRUNCATE poured_{table.name}")

    async def finish(self) -> None:
        """What follows from the rows: the full-text indexes of SQLite, the counters of PostgreSQL."""
        if self.db.dialect == "sqlite":
            for table in (*search.TABLES.values(), search.WORDS):
                await self.conn.exec_driver_sql(f"INSERT INTO {table.name}_fts({table.name}_fts) VALUES ('rebuild')")
            for name in search.GRAMMED:
                for statement in search.fill_grams(name, self.db.dialect):
                    await self.conn.exec_driver_sql(statement)
        else:
            for table in m.Base.metadata.sorted_tables:
                if "id" in table.c and table.c.id.autoincrement and table.name in _COUNTED:
                    counter = f"pg_get_serial_sequence('{table.name}', 'id')"
                    await self.conn.exec_driver_sql(f"SELECT setval({counter}, (SELECT max(id) + 1 FROM {table.name}))")
        await self.analyse()


_COUNTED = {
    model.__tablename__
    for model in (m.Library, m.Artwork, m.Folder, m.Artist, m.Genre, m.Label, m.Album, m.File, m.Track)
} | {"search_words"}


class _Maker:
    def __init__(
        self,
        chance: random.Random,
        albums: int,
        per_album: int,
        artists: int,
        libraries: int,
        person: int,
        marked: float,
    ) -> None:
        self.chance, self.albums, self.per_album = chance, albums, per_album
        self.libraries, self.person, self.marked = libraries, person, marked
        self.rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.artists = artists
        self.names: list[str] = [""]
        self.titles: list[str] = []
        self.participants: Counter[tuple[int, int, str]] = Counter()
        self.artist_counts: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
        self.genre_counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        self.label_counts: Counter[tuple[int, int]] = Counter()
        self.library_albums: Counter[int] = Counter()
        self.vocabulary: set[str] = set()
        self.tops: dict[tuple[str, str, int], list[tuple[int, int]]] = defaultdict(list)
        self.own = min(200, max(1, albums // 50))
        """Albums of the first artist."""
        self.genres = min(400, max(60, albums // 100))
        self.labels = max(2, albums // 30)
        self.pool = self._words(2_000 if albums < 5_000 else 40_000)
        self.heavy = list(accumulate(1 / (rank + 4) for rank in range(len(self.pool))))
        self.fame = list(accumulate(1 / (rank + 20) ** 0.8 for rank in range(artists)))

    def _words(self, number: int) -> list[str]:
        """Words from the commonest to the rarest."""
        made = dict.fromkeys(WORDS)
        while len(made) < number:
            word = "".join(self.chance.choice(SYLLABLES) for _ in range(self.chance.randint(2, 4)))
            if self.chance.random() < 0.05:
                word = word.replace("a", "á").replace("o", "ö").replace("e", "é")
            elif self.chance.random() < 0.02:
                word = "".join(chr(0x4E00 + self.chance.randrange(3000)) for _ in range(self.chance.randint(1, 4)))
            made[word] = None
        return list(made)

    def title(self, most: int) -> str:
        chance = self.chance
        words = [
            self.pool[bisect(self.heavy, chance.random() * self.heavy[-1])] for _ in range(chance.randint(1, most))
        ]
        return ("The " if chance.random() < 0.1 else "") + " ".join(word[:1].upper() + word[1:] for word in words)

    def chunks(self) -> Iterator[dict[Any, list[dict[str, Any]]]]:
        """The rows, some albums at a time, in the order in which foreign keys want them."""
        for number in range(1, self.libraries + 1):
            root = f"/music/{number}"
            self.rows[m.Folder].append(self.folder(number, number, None, ""))
            self.library_albums[number] = 0
            self.rows["roots"].append({"number": number, "root": root})
        roots = self.rows.pop("roots")
        per_library = Counter(self.library_of(number) for number in range(1, self.albums + 1))
        self.rows[m.Library] = [
            {
                "id": each["number"],
                "name": f"Library {each['number']}",
                "root": each["root"].encode(),
                "display_root": each["root"],
                "created_at": START,
                "track_count": per_library[each["number"]] * self.per_album,
                "album_count": per_library[each["number"]],
                "file_count": per_library[each["number"]] * self.per_album,
            }
            for each in roots
        ]
        self.people()
        self.filed()
        yield self.taken()
        for number in range(1, self.albums + 1):
            self.album(number)
            if number % CHUNK == 0 or number == self.albums:
                yield self.taken()
        self.counts()
        yield self.taken()

    def taken(self) -> dict[Any, list[dict[str, Any]]]:
        fixed = (m.Library, m.Artwork, m.Folder, m.Artist, m.Genre, m.Label, m.Album, m.File, m.Track)
        rows = {model: self.rows.pop(model) for model in fixed if model in self.rows} | self.rows
        self.rows = defaultdict(list)
        return rows

    def library_of(self, album: int) -> int:
        """The first library has six of ten albums where there are three or more."""
        if self.libraries < 3:
            return album % self.libraries + 1
        return 1 if album % 10 < 6 else album % (self.libraries - 1) + 2

    def folder(self, number: int, library: int, parent: int | None, name: str) -> dict[str, Any]:
        return {
            "id": number,
            "library_id": library,
            "parent_id": parent,
            "path": name.encode(),
            "name": name,
            "sort_key": sort_key(name),
            "track_count": 0 if parent is None else self.per_album,
        }

    def people(self) -> None:
        seen: set[str] = set()
        for number in range(1, self.artists + 1):
            name = self.title(2)
            name = f"{name} {self.title(2)}" if name in seen else name
            name = f"{name} {number}" if name in seen else name
            seen.add(name)
            self.names.append(name)
            key = {"name": name, "name_key": name.casefold(), "sort_key": sort_key(name), "added_at": START}
            self.rows[m.Artist].append({"id": number, **key})
            self.marks("artist", number, name, (), None)

    def filed(self) -> None:
        for number in range(1, self.genres + 1):
            name = f"{WORDS[number % 90].capitalize()} {('Rock', 'Jazz', 'Pop', 'Folk')[number % 4]}"
            name = name if number < 90 else f"{name} {number}"
            keys = {"name": name, "name_key": name.casefold(), "sort_key": sort_key(name)}
            self.rows[m.Genre].append({"id": number, **keys})
            self.marks("genre", number, name, (), None)
        for number in range(1, self.labels + 1):
            name = f"{WORDS[number % 90].capitalize()} Records {number}"
            keys = {"name": name, "name_key": name.casefold(), "sort_key": sort_key(name)}
            self.rows[m.Label].append({"id": number, **keys})
            self.marks("label", number, name, (), None)

    def somebody(self) -> int:
        return min(self.artists, 2 + bisect(self.fame, self.chance.random() * self.fame[-1]))

    def album(self, number: int) -> None:
        chance = self.chance
        library = self.library_of(number)
        by = [1 if number % (self.albums // self.own) == 0 else self.somebody()]
        if chance.random() < 0.1:
            by = list(dict.fromkeys([*by, self.somebody()]))
        display = " & ".join(self.names[who] for who in by)
        title, added = self.title(4), START + timedelta(minutes=number)
        year = None if chance.random() < 0.05 else chance.randint(1950, 2025)
        artwork = {
            "id": number,
            "sha256": f"{number:064x}",
            "mime": "image/jpeg",
            "width": 600,
            "height": 600,
            "size_bytes": 50_000,
            "color": f"#{chance.randrange(1 << 24):06x}",
            "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
            "storage_key": cover_key(number),
            "source": "embedded",
            "created_at": added,
        }
        self.rows[m.Artwork].append(artwork)
        folder = self.libraries + number
        self.rows[m.Folder].append(self.folder(folder, library, library, f"{display} - {title} {number}"))
        common = {
            "library_id": library,
            "artist_display": display,
            "artist_sort_key": sort_key(display),
            "year": year,
            "date": year and str(year),
            "date_key": year and year * 10000,
            "added_at": added,
            "updated_at": added,
        }
        durations = [chance.randint(90_000, 420_000) for _ in range(self.per_album)]
        self.rows[m.Album].append(
            common
            | {
                "id": number,
                "group_key": f"folder:{number}",
                "rule": "folder",
                "rule_params": {"folder": title},
                "title": title,
                "sort_key": sort_key(title),
                "release_type": "album",
                "release_types": chance.choice(TYPES),
                "disc_count": 1,
                "track_count": self.per_album,
                "missing_count": 0,
                "duration_ms": sum(durations),
                "size_bytes": 30_000_000 * self.per_album,
                "artwork_id": number,
                "folder_id": folder,
                "compilation": False,
            }
        )
        labelled: tuple[str, ...] = ()
        for position, who in enumerate(by):
            phrase = " & " if position + 1 < len(by) else ""
            credit = {"album_id": number, "position": position, "artist_id": who, "role": "album_artist"}
            self.rows[m.AlbumCredit].append({**credit, "join_phrase": phrase})
        if chance.random() < 0.5:
            label = chance.randint(1, self.labels)
            catalog = f"CAT {number}"
            labelled = (f"{WORDS[label % 90].capitalize()} Records {label}", catalog, catalog.replace(" ", ""))
            self.rows[m.AlbumLabel].append(
                {"album_id": number, "position": 0, "label_id": label, "catalog_number": catalog}
            )
            self.label_counts[label, library] += 1
        self.marks("album", number, title, (display, *labelled), library)
        genres = [1] if chance.random() < 0.5 else []
        genres += [min(self.genres, 2 + int(chance.paretovariate(0.7))) for _ in range(chance.randint(1, 2))]
        genres = list(dict.fromkeys(genres))
        for genre in genres:
            self.rows[m.AlbumGenre].append({"album_id": number, "genre_id": genre, "track_count": self.per_album})
            self.genre_counts[genre, library][0] += self.per_album
            self.genre_counts[genre, library][1] += 1
        participants: Counter[tuple[int, str]] = Counter({(who, "album_artist"): self.per_album for who in by})
        for position in range(1, self.per_album + 1):
            self.track(number, title, folder, position, by, genres, common, durations[position - 1], participants)
        for (who, role), tracks in participants.items():
            self.rows[m.AlbumParticipant].append(
                {"album_id": number, "artist_id": who, "role": role, "track_count": tracks}
            )
            counts = self.artist_counts[who, library, role]
            counts[0] += tracks
            counts[1] += 1

    def track(
        self,
        album: int,
        album_title: str,
        folder: int,
        position: int,
        by: list[int],
        genres: list[int],
        common: Any,
        duration: int,
        participants: Counter[tuple[int, str]],
    ) -> None:
        number, chance, library = (album - 1) * self.per_album + position, self.chance, common["library_id"]
        title = self.title(3)
        if number % 997 == 0:
            self.titles.append(title)
        path = f"{album}/{position:02d} {title}.flac"
        self.rows[m.File].append(
            {
                "id": number,
                "library_id": library,
                "folder_id": folder,
                "path": path.encode(),
                "display_path": path,
                "size_bytes": 30_000_000,
                "mtime_ns": 1_700_000_000_000_000_000,
                "format": "flac",
                "codec": "flac",
                "content_type": "audio/flac",
                "lossless": True,
                "duration_ms": duration,
                "bitrate_kbps": 900,
                "sample_rate_hz": 44_100,
                "bit_depth": 16,
                "channels": 2,
                "added_at": common["added_at"],
            }
        )
        self.rows[m.Track].append(
            common
            | {
                "id": number,
                "file_id": number,
                "album_id": album,
                "title": title,
                "sort_key": sort_key(title),
                "disc": 1,
                "position": position,
                "duration_ms": duration,
                "bpm": None if chance.random() < 0.5 else round(chance.uniform(60, 180), 1),
                "has_lyrics": False,
                "gain_from_r128": False,
            }
        )
        people = [(who, "artist") for who in by]
        if chance.random() < 0.33:
            people.append((self.somebody(), "composer"))
        for place, (who, role) in enumerate(people):
            phrase = " & " if role == "artist" and place + 1 < len(by) else ""
            self.rows[m.TrackCredit].append(
                {"track_id": number, "position": place, "artist_id": who, "role": role, "join_phrase": phrase}
            )
            participants[who, role] += 1
        for who in {who for who, _ in people}:
            participants[who, m.ANY_ROLE] += 1
        for place, genre in enumerate(genres):
            self.rows[m.TrackGenre].append({"track_id": number, "genre_id": genre, "position": place})
        others = (common["artist_display"], *(self.names[who] for who, role in people if role != "artist"), album_title)
        self.marks("track", number, title, others, library)

    def counts(self) -> None:
        for (who, library, role), (tracks, albums) in self.artist_counts.items():
            row = {"artist_id": who, "library_id": library, "role": role, "track_count": tracks, "album_count": albums}
            self.rows[m.ArtistCount].append(row)
        for (genre, library), (tracks, albums) in self.genre_counts.items():
            row = {"genre_id": genre, "library_id": library, "track_count": tracks, "album_count": albums}
            self.rows[m.GenreCount].append(row)
        for (label, library), albums in self.label_counts.items():
            self.rows[m.LabelCount].append({"label_id": label, "library_id": library, "album_count": albums})
        for word in sorted(self.vocabulary):
            grams = search.written(vocabulary.grams(word), self.dialect)
            self.rows[search.WORDS].append({"word": word, "grams": grams})
        for (kind, prefix, library), listed in self.tops.items():
            for plays, number in sorted(listed, reverse=True)[: tops.MOST]:
                row = {"kind": kind, "prefix": prefix, "library_id": library, "id": number, "plays": plays}
                self.rows[search.TOPS].append(row)

    dialect = "sqlite"

    def marks(self, kind: search.Kind, number: int, title: str, others: tuple[str, ...], library: int | None) -> None:
        """What a row is found by, and what the person did with it."""
        chance = self.chance
        plays = 0
        if kind in ("track", "album", "artist") and chance.random() < self.marked:
            plays = max(0, int(chance.paretovariate(0.6)) - 1) % 500
            when = START + timedelta(days=chance.randint(0, 3000), seconds=chance.randint(0, 86_399))
            self.rows[Annotation].append(
                {
                    "user_id": self.person,
                    "kind": kind,
                    "entity_id": number,
                    "starred_at": when if chance.random() < 0.3 else None,
                    "rating": chance.choice([None, None, 3, 4, 5]),
                    "play_count": plays,
                    "last_played_at": when if plays else None,
                    "text": "",
                }
            )
        row = search.SearchRow(number, title, others, library)
        tokens = search.tokens_of(row, plays)
        self.vocabulary.update(part for word in tokens[:-2] if (part := vocabulary.kept(word)))
        key = search.title_key(title)
        self.rows[search.TABLES[kind]].append(
            {
                "id": number,
                "title_key": key,
                "library_id": library,
                "plays": plays,
                "tokens": search.written(tokens, self.dialect),
            }
        )
        if plays:
            for prefix in tops.prefixes(key):
                self.tops[kind, prefix, library or 0].append((plays, number))
