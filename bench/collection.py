"""A made-up music collection of any size, written straight into the database: for benchmarks and tests of lists.

Everything follows from the seed. Names are drawn from a few hundred words, so that searches find many or few; a tenth of
the albums is by two artists, a third of the tracks credits a composer, some rows have no year.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from segue.core.db import Database
from segue.core.text import sort_key
from segue.library import models as m
from segue.library import search
from segue.listening.models import Annotation

WORDS = """
night river golden light shadow morning winter summer road dream fire water stone silver heart blue black
white red city mountain ocean wind rain storm sun moon star sky north south east west love time day year hour
song dance music voice silence echo mirror glass paper iron wood bird wolf horse lion snake rose garden forest
desert island bridge tower castle house door window table bread wine salt sugar honey smoke ash dust sand snow
ice thunder lightning king queen prince child mother father brother sister friend stranger ghost angel devil
saint sinner dancer singer sailor soldier hunter farmer doctor teacher prophet thief lover dreamer traveller
pilgrim Ænima Björk Café Señor 愛 夜 東京 さくら Кино Звезда Ночь Ωμέγα Straße garçon naïve blink-182 AC/DC R.E.M.
!!! 1999 42
""".split()  # noqa: SIM905
GENRES = 60
START = datetime(2015, 1, 1, tzinfo=UTC)
TYPES = (["album"], ["album"], ["album"], ["album", "live"], ["album", "compilation"], ["ep"], ["single"])
BATCH = 5_000


@dataclass
class Collection:
    """How much there is, and the ids of everything by kind."""

    albums: list[int] = field(default_factory=list)
    tracks: list[int] = field(default_factory=list)
    artists: list[int] = field(default_factory=list)


async def fill(
    db: Database,
    *,
    albums: int = 10_000,
    tracks_per_album: int = 10,
    libraries: int = 1,
    person: int = 1,
    marked: float = 0.04,
    seed: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> Collection:
    """Write a collection into an empty database. `person` has stars, ratings and plays of the share `marked` of it."""
    made = _Maker(random.Random(seed), albums, tracks_per_album, libraries, person, marked)
    made.make()
    tables: list[tuple[Table, list[dict[str, Any]]]] = [
        (model.__table__, rows)  # type: ignore[misc]
        for model, rows in made.rows.items()
    ]
    for table, rows in tables:
        say(f"{table.name}: {len(rows)}")
        for start in range(0, len(rows), BATCH):
            async with db.write() as tx:
                await tx.execute(insert(table), rows[start : start + BATCH])
    for kind, rows in made.words.items():
        say(f"words of {kind}s: {len(rows)}")
        for start in range(0, len(rows), BATCH):
            async with db.write() as tx:
                await search.index_rows(tx, kind, rows[start : start + BATCH])
    async with db.exclusive() as conn:
        if db.dialect == "postgresql":  # ids were given, so the counters have not moved
            for table in (table for table, rows in tables if rows and "id" in table.c):
                counter = f"pg_get_serial_sequence('{table.name}', 'id')"
                await conn.exec_driver_sql(f"SELECT setval({counter}, (SELECT max(id) FROM {table.name}))")
        await conn.exec_driver_sql("ANALYZE")
    return Collection(*([row["id"] for row in made.rows[model]] for model in (m.Album, m.Track, m.Artist)))


def cover_key(number: int) -> str:
    """Where the original of an album's cover would be in storage; nothing is put there."""
    return f"artwork/original/00/{number:064x}"


class _Maker:
    def __init__(
        self, chance: random.Random, albums: int, per_album: int, libraries: int, person: int, marked: float
    ) -> None:
        self.chance, self.albums, self.per_album = chance, albums, per_album
        self.libraries, self.person, self.marked = libraries, person, marked
        self.rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
        self.words: dict[search.Kind, list[search.SearchRow]] = {"artist": [], "album": [], "track": []}
        self.names: dict[int, str] = {}
        self.participants: Counter[tuple[int, int, str]] = Counter()
        self.artist_tracks: Counter[tuple[int, int, str]] = Counter()
        self.genre_tracks: Counter[tuple[int, int]] = Counter()
        self.track_id = 0

    def title(self, most: int) -> str:
        words = [self.chance.choice(WORDS) for _ in range(self.chance.randint(1, most))]
        return ("The " if self.chance.random() < 0.1 else "") + " ".join(word.capitalize() for word in words)

    def make(self) -> None:
        for table in (m.Library, m.Artwork, m.Folder, m.Artist, m.Genre, m.Label, m.Album, m.File, m.Track):
            self.rows[table] = []  # in the order in which foreign keys want them
        per_library = self.albums * self.per_album // self.libraries
        for number in range(1, self.libraries + 1):
            root = f"/music/{number}"
            self.rows[m.Library].append(
                {
                    "id": number,
                    "name": f"Library {number}",
                    "root": root.encode(),
                    "display_root": root,
                    "created_at": START,
                    "track_count": per_library,
                    "album_count": self.albums // self.libraries,
                    "file_count": per_library,
                }
            )
            self.rows[m.Folder].append(self.folder(number, number, None, ""))
        self.people()
        for number in range(1, GENRES + 1):
            name = f"{WORDS[number].capitalize()} {('Rock', 'Jazz', 'Pop', 'Folk')[number % 4]}"
            self.rows[m.Genre].append(
                {"id": number, "name": name, "name_key": name.casefold(), "sort_key": sort_key(name)}
            )
        for number in range(1, max(2, self.albums // 30) + 1):
            name = f"{WORDS[number % 90].capitalize()} Records {number}"
            self.rows[m.Label].append(
                {"id": number, "name": name, "name_key": name.casefold(), "sort_key": sort_key(name)}
            )
        for number in range(1, self.albums + 1):
            self.album(number)
        self.counts()
        self.marks()

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
        for number in range(1, max(3, self.albums // 4) + 1):
            name = self.title(2) + (f" {number}" if number > 200 else "")
            self.names[number] = name
            self.rows[m.Artist].append(
                {
                    "id": number,
                    "name": name,
                    "name_key": name.casefold(),
                    "sort_key": sort_key(name),
                    "added_at": START,
                }
            )
            self.words["artist"].append(search.SearchRow(number, name))

    def album(self, number: int) -> None:
        chance = self.chance
        library = number % self.libraries + 1
        by = [chance.randint(1, len(self.names))]
        if chance.random() < 0.1:
            by = list(dict.fromkeys([*by, chance.randint(1, len(self.names))]))
        display = " & ".join(self.names[who] for who in by)
        title, added = self.title(4), START + timedelta(minutes=7 * number)
        year = None if chance.random() < 0.05 else chance.randint(1950, 2025)
        color = f"#{chance.randrange(1 << 24):06x}"
        self.rows[m.Artwork].append(
            {
                "id": number,
                "sha256": f"{number:064x}",
                "mime": "image/jpeg",
                "width": 600,
                "height": 600,
                "size_bytes": 50_000,
                "color": color,
                "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                "storage_key": cover_key(number),
                "source": "embedded",
                "created_at": added,
            }
        )
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
                "track_count": self.per_album,
                "duration_ms": 240_000 * self.per_album,
                "size_bytes": 30_000_000 * self.per_album,
                "artwork_id": number,
                "folder_id": folder,
                "compilation": False,
            }
        )
        self.words["album"].append(search.SearchRow(number, title, (display,)))
        for position, who in enumerate(by):
            phrase = " & " if position + 1 < len(by) else ""
            self.rows[m.AlbumCredit].append(
                {
                    "album_id": number,
                    "position": position,
                    "artist_id": who,
                    "role": "album_artist",
                    "join_phrase": phrase,
                }
            )
            self.participants[number, who, "album_artist"] += self.per_album
        if chance.random() < 0.5:
            label = chance.randint(1, len(self.rows[m.Label]))
            self.rows[m.AlbumLabel].append(
                {"album_id": number, "position": 0, "label_id": label, "catalog_number": f"CAT {number}"}
            )
        genres = list(dict.fromkeys(chance.randint(1, GENRES) for _ in range(chance.randint(1, 3))))
        for genre in genres:
            self.rows[m.AlbumGenre].append({"album_id": number, "genre_id": genre, "track_count": self.per_album})
        for position in range(1, self.per_album + 1):
            self.track(number, title, folder, position, by, genres, common)

    def track(
        self, album: int, album_title: str, folder: int, position: int, by: list[int], genres: list[int], common: Any
    ) -> None:
        self.track_id += 1
        number, chance, library = self.track_id, self.chance, common["library_id"]
        title = self.title(3)
        duration = chance.randint(90_000, 420_000)
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
            }
        )
        self.words["track"].append(search.SearchRow(number, title, (common["artist_display"], album_title)))
        people = [(who, "artist") for who in by]
        if chance.random() < 0.33:
            people.append((chance.randint(1, len(self.names)), "composer"))
        for place, (who, role) in enumerate(people):
            phrase = " & " if role == "artist" and place + 1 < len(by) else ""
            self.rows[m.TrackCredit].append(
                {"track_id": number, "position": place, "artist_id": who, "role": role, "join_phrase": phrase}
            )
            self.participants[album, who, role] += 1
            self.artist_tracks[who, library, role] += 1
        for who in {who for who, _ in people}:
            self.participants[album, who, m.ANY_ROLE] += 1
            self.artist_tracks[who, library, m.ANY_ROLE] += 1
        for place, genre in enumerate(genres):
            self.rows[m.TrackGenre].append({"track_id": number, "genre_id": genre, "position": place})
            self.genre_tracks[genre, library] += 1

    def counts(self) -> None:
        library_of = {row["id"]: row["library_id"] for row in self.rows[m.Album]}
        albums: Counter[tuple[int, int, str]] = Counter()
        for (album, who, role), tracks in self.participants.items():
            self.rows[m.AlbumParticipant].append(
                {"album_id": album, "artist_id": who, "role": role, "track_count": tracks}
            )
            albums[who, library_of[album], role] += 1
            if role == "album_artist":
                self.artist_tracks[who, library_of[album], role] += tracks
        self.rows[m.ArtistCount] = [
            {
                "artist_id": who,
                "library_id": library,
                "role": role,
                "album_count": number,
                "track_count": self.artist_tracks[who, library, role],
            }
            for (who, library, role), number in albums.items()
        ]
        self.rows[m.GenreCount] = _counted(
            "genre_id", ((row["genre_id"], library_of[row["album_id"]]) for row in self.rows[m.AlbumGenre])
        )
        for row in self.rows[m.GenreCount]:
            row["track_count"] = self.genre_tracks[row["genre_id"], row["library_id"]]
        self.rows[m.LabelCount] = _counted(
            "label_id", ((row["label_id"], library_of[row["album_id"]]) for row in self.rows[m.AlbumLabel])
        )

    def marks(self) -> None:
        chance = self.chance
        for kind, model in (("album", m.Album), ("track", m.Track), ("artist", m.Artist)):
            for row in self.rows[model]:
                if chance.random() < self.marked:
                    plays = chance.randint(0, 50)
                    when = START + timedelta(days=chance.randint(0, 3000), seconds=chance.randint(0, 86_399))
                    self.rows[Annotation].append(
                        {
                            "user_id": self.person,
                            "kind": kind,
                            "entity_id": row["id"],
                            "starred_at": when if chance.random() < 0.3 else None,
                            "rating": chance.choice([None, None, 3, 4, 5]),
                            "play_count": plays,
                            "last_played_at": when if plays else None,
                        }
                    )


def _counted(name: str, pairs: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    return [
        {name: number, "library_id": library, "album_count": albums}
        for (number, library), albums in Counter(pairs).items()
    ]
