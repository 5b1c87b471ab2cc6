"""Documents of artists and releases from the tables in a scratch database, in the shape of the JSON dumps.

A few hundred are put together at once, by one statement for each table, in the order of their numbers.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from segue.catalog.sources.musicbrainz import shapes

BATCH = 400
_UNKNOWN = (9999, 99, 99)


class Joined:
    """What the tables say, as documents. `derived`: genres and ratings too."""

    def __init__(self, db: sqlite3.Connection, derived: bool) -> None:
        self._db = db
        self._derived = derived
        self._types = self._names("artist_type")
        self._genders = self._names("gender")
        self._formats = self._names("medium_format")
        self._statuses = self._names("release_status")
        self._packagings = self._names("release_packaging")
        self._primary = self._names("release_group_primary_type")
        self._secondary = self._names("release_group_secondary_type")
        self._scripts = self._names("script", "iso_code")
        self._languages = self._names("language", "coalesce(iso_code_3, iso_code_2t)")
        self._areas = self._names("area")
        self._countries: dict[int, list[str]] = defaultdict(list)
        for area, code in db.execute("SELECT area, code FROM iso_3166_1 ORDER BY code"):
            self._countries[area].append(code)

    def artists(self, after: int) -> Iterator[tuple[int, shapes.Artist]]:
        """Every artist behind a number, with its number."""
        query = "SELECT * FROM artist WHERE id > ? ORDER BY id LIMIT ?"
        while rows := self._db.execute(query, (after, BATCH)).fetchall():
            ids = [row[0] for row in rows]
            after = ids[-1]
            aliases = self._lists("SELECT artist, name FROM artist_alias WHERE artist IN ({ids}) ORDER BY rowid", ids)
            isnis = self._lists("SELECT artist, isni FROM artist_isni WHERE artist IN ({ids}) ORDER BY isni", ids)
            links, genres, ratings = (
                self._links("artist", ids),
                self._genres("artist", ids),
                self._ratings("artist", ids),
            )
            redirects = self._redirects("artist", ids)
            for row in rows:
                number, gid, name, sort_name, *dates, kind, area, gender, comment, ended = row
                begin, end = _date(*dates[:3]), _date(*dates[3:])
                yield (
                    number,
                    shapes.Artist(
                        id=gid,
                        name=name,
                        sort_name=sort_name,
                        disambiguation=comment,
                        type=self._types.get(kind),
                        gender=self._genders.get(gender),
                        country=next(iter(self._countries.get(area, ())), None),
                        area=self._area(area),
                        life_span=shapes.Span(begin, end, ended == "t"),
                        aliases=[shapes.Alias(name) for (name,) in aliases[number]],
                        isnis=[isni for (isni,) in isnis[number]],
                        relations=links[number],
                        genres=genres[number],
                        rating=ratings.get(number),
                        redirects=redirects[number],
                    ),
                )

    def releases(self, after: int) -> Iterator[tuple[int, shapes.Release]]:
        """Every release behind a number, with its number."""
        query = """SELECT r.id, gid, name, artist_credit, release_group, status, packaging, language, script, barcode,
            comment, amazon_asin, cover FROM release r LEFT JOIN release_meta m ON m.id = r.id
            WHERE r.id > ? ORDER BY r.id LIMIT ?"""
        while rows := self._db.execute(query, (after, BATCH)).fetchall():
            ids = [row[0] for row in rows]
            after = ids[-1]
            media, credited = self._media(ids)
            credits = self._credits(credited | {row[3] for row in rows})
            groups = self._groups({row[4] for row in rows})
            events = self._events(ids)
            labels = self._lists(
                "SELECT release, gid, name, catalog_number FROM release_label LEFT JOIN label l ON l.id = label "
                "WHERE release IN ({ids}) ORDER BY release_label.rowid",
                ids,
            )
            links, genres, redirects = (
                self._links("release", ids),
                self._genres("release", ids),
                self._redirects("release", ids),
            )
            for row in rows:
                number, gid, name, credit, group, status, packaging, language, script, barcode, comment, asin, cover = (
                    row
                )
                happened = sorted(events[number], key=lambda event: (event[0], event[2] or ""))
                first = happened[0] if happened else None
                yield (
                    number,
                    shapes.Release(
                        id=gid,
                        title=name,
                        disambiguation=comment,
                        status=self._statuses.get(status),
                        packaging=self._packagings.get(packaging),
                        date=first[1] if first else None,
                        country=next(iter(self._countries.get(first[3], ())), None) if first else None,
                        release_events=[shapes.Event(date, self._area(area)) for _, date, _, area in happened],
                        barcode=barcode,
                        asin=asin,
                        artist_credit=credits[credit],
                        release_group=groups.get(group),
                        label_info=[
                            shapes.LabelInfo(number, shapes.Label(label, called) if label else None)
                            for label, called, number in labels[number]
                        ],
                        media=list(self._filled(media[number], credits)),
                        text_representation=shapes.Text(self._languages.get(language), self._scripts.get(script)),
                        cover_art_archive=shapes.Cover(cover == "present", cover == "present"),
                        relations=links[number],
                        genres=genres[number],
                        redirects=redirects[number],
                    ),
                )

    def _media(self, ids: list[int]) -> tuple[dict[int, dict[int, Any]], set[int]]:
        """Of each release its media in order, each with the rows of its tracks; and the numbers of all their credits."""
        media: dict[int, dict[int, Any]] = defaultdict(dict)
        for release, medium, *told in self._asked(
            "SELECT release, id, position, format, name FROM medium WHERE release IN ({ids}) ORDER BY position, id", ids
        ):
            media[release][medium] = (told, [])
        credited: set[int] = set()
        recordings: set[int] = set()
        rows = self._asked(
            """SELECT m.release, m.id, t.gid, t.position, t.number, t.name, t.artist_credit, t.length, t.is_data_track,
            t.recording, r.gid, r.name, r.length, r.comment, r.video, d.year, d.month, d.day
            FROM medium m JOIN track t ON t.medium = m.id LEFT JOIN recording r ON r.id = t.recording
            LEFT JOIN recording_first_release_date d ON d.recording = t.recording
            WHERE m.release IN ({ids}) ORDER BY t.position""",
            ids,
        )
        for release, medium, *row in rows:
            media[release][medium][1].append(row)
            credited.add(row[4])
            recordings.add(row[7])
        self._isrcs = self._lists(
            "SELECT recording, isrc FROM isrc WHERE recording IN ({ids}) ORDER BY rowid", recordings
        )
        self._recording_links = self._links("recording", recordings)
        self._recording_genres = self._genres("recording", recordings)
        self._recording_ratings = self._ratings("recording", recordings)
        self._recording_redirects = self._redirects("recording", recordings)
        return media, credited

    def _filled(self, media: dict[int, Any], credits: dict[int, list[shapes.Credit]]) -> Iterator[shapes.Medium]:
        for (position, format, name), rows in media.values():
            medium = shapes.Medium(position, self._formats.get(format), name, pregap=None, tracks=[], data_tracks=[])
            for gid, place, shown, title, credit, length, data, number, recorded, *recording in rows:
                track = shapes.Track(gid, title, shown, place, length, credits[credit])
                if recorded is not None:
                    called, long, comment, video, *first = recording
                    track.recording = shapes.Recording(
                        id=recorded,
                        title=called,
                        length=long,
                        video=video == "t",
                        disambiguation=comment,
                        first_release_date=_date(*first),
                        isrcs=[isrc for (isrc,) in self._isrcs[number]],
                        relations=self._recording_links[number],
                        genres=self._recording_genres[number],
                        rating=self._recording_ratings.get(number),
                        redirects=self._recording_redirects[number],
                    )
                if place == 0:
                    medium.pregap = track
                else:
                    (medium.data_tracks if data == "t" else medium.tracks).append(track)
            yield medium

    def _credits(self, ids: Iterable[int]) -> dict[int, list[shapes.Credit]]:
        found: dict[int, list[shapes.Credit]] = defaultdict(list)
        for credit, name, join, gid, called, sort_name, comment, kind in self._asked(
            """SELECT artist_credit, c.name, join_phrase, a.gid, a.name, a.sort_name, a.comment, a.type
            FROM artist_credit_name c LEFT JOIN artist a ON a.id = c.artist
            WHERE artist_credit IN ({ids}) ORDER BY artist_credit, position""",
            ids,
        ):
            artist = shapes.Credited(gid, called, sort_name, comment, self._types.get(kind)) if gid else None
            found[credit].append(shapes.Credit(artist, name, join))
        return found

    def _groups(self, ids: set[int]) -> dict[int, shapes.ReleaseGroup]:
        secondary = self._lists(
            "SELECT release_group, secondary_type FROM release_group_secondary_type_join "
            "WHERE release_group IN ({ids}) ORDER BY secondary_type",
            ids,
        )
        released = self._lists(
            """SELECT r.release_group, date_year, date_month, date_day FROM release r
            JOIN (SELECT release, date_year, date_month, date_day FROM release_country UNION ALL
                  SELECT release, date_year, date_month, date_day FROM release_unknown_country) e ON e.release = r.id
            WHERE r.release_group IN ({ids})""",
            ids,
        )
        genres, ratings = self._genres("release_group", ids), self._ratings("release_group", ids)
        redirects = self._redirects("release_group", ids)
        return {
            number: shapes.ReleaseGroup(
                id=gid,
                title=name,
                primary_type=self._primary.get(kind),
                secondary_types=[self._secondary[one] for (one,) in secondary[number] if one in self._secondary],
                first_release_date=min(
                    ((_order(*date), _date(*date)) for date in released[number]), default=(None, "")
                )[1],
                genres=genres[number],
                rating=ratings.get(number),
                redirects=redirects[number],
            )
            for number, gid, name, kind in self._asked("SELECT * FROM release_group WHERE id IN ({ids})", ids)
        }

    def _events(self, ids: list[int]) -> dict[int, list[tuple[Any, ...]]]:
        """Of each release when and where it came out: an order, the date, the country's name, its number."""
        found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for release, country, *date in self._asked(
            "SELECT * FROM release_country WHERE release IN ({ids}) UNION ALL "
            "SELECT release, NULL, date_year, date_month, date_day FROM release_unknown_country WHERE release IN ({ids})",
            ids,
        ):
            found[release].append((_order(*date), _date(*date), self._areas.get(country), country))
        return found

    def _links(self, entity: str, ids: Iterable[int]) -> dict[int, list[shapes.Relation]]:
        found: dict[int, list[shapes.Relation]] = defaultdict(list)
        for number, url in self._asked(
            f"""SELECT entity0, url FROM l_{entity}_url l JOIN url ON url.id = entity1
            LEFT JOIN link ON link.id = l.link WHERE entity0 IN ({{ids}}) AND coalesce(ended, 'f') <> 't' ORDER BY l.rowid""",
            ids,
        ):
            found[number].append(shapes.Relation(target_type="url", url=shapes.Resource(url)))
        return found

    def _redirects(self, entity: str, ids: Iterable[int]) -> dict[int, list[str]]:
        rows = self._lists(f"SELECT new_id, gid FROM {entity}_gid_redirect WHERE new_id IN ({{ids}}) ORDER BY gid", ids)
        return defaultdict(list, {number: [gid for (gid,) in found] for number, found in rows.items()})

    def _genres(self, entity: str, ids: Iterable[int]) -> dict[int, list[shapes.Genre]]:
        found: dict[int, list[shapes.Genre]] = defaultdict(list)
        if self._derived:
            for number, name, count in self._asked(
                f"""SELECT entity, t.name, count FROM {entity}_tag JOIN tag t ON t.id = tag JOIN genre g ON g.name = t.name
                WHERE entity IN ({{ids}})""",
                ids,
            ):
                found[number].append(shapes.Genre(name, count))
        return found

    def _ratings(self, entity: str, ids: Iterable[int]) -> dict[int, shapes.Rating]:
        """On the scale of documents, 0 to 5; in tables it is 0 to 100."""
        if not self._derived:
            return {}
        rows = self._asked(
            f"SELECT id, rating, rating_count FROM {entity}_meta WHERE id IN ({{ids}}) AND rating IS NOT NULL", ids
        )
        return {number: shapes.Rating(rating / 20, votes) for number, rating, votes in rows}

    def _asked(self, query: str, ids: Iterable[int]) -> sqlite3.Cursor:
        given = json.dumps([number for number in ids if number is not None])
        return self._db.execute(query.replace("{ids}", "SELECT value FROM json_each(?1)"), (given,))

    def _lists(self, query: str, ids: Iterable[int]) -> dict[int, list[tuple[Any, ...]]]:
        """The rows by their first column, without it."""
        found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in self._asked(query, ids):
            found[row[0]].append(row[1:])
        return found

    def _names(self, table: str, column: str = "name") -> dict[int | None, str]:
        return dict(self._db.execute(f"SELECT id, {column} FROM {table}"))

    def _area(self, number: int | None) -> shapes.Area | None:
        if number is None or number not in self._areas:
            return None
        return shapes.Area(self._areas[number], self._countries.get(number))


def _date(year: str | None, month: str | None, day: str | None) -> str:
    """A partial date: 1977-05."""
    if not year:
        return ""
    return f"{int(year):04}" + (f"-{int(month):02}" + (f"-{int(day):02}" if day else "") if month else "")


def _order(year: str | None, month: str | None, day: str | None) -> tuple[int, ...]:
    """By what events of a release are in order: what is not known comes last."""
    return tuple(int(part) if part else last for part, last in zip((year, month, day), _UNKNOWN, strict=True))
