"""Dumps of a small world that is made up here: MusicBrainz's JSON and table dumps, Discogs' XML, all saying the same things.

The world has what real dumps have trouble with: credits under other names, several discs, a pregap track, vinyl numbers, two
releases of one group with the same recordings, ISRCs shared and several, merged ids, partial dates, tabs, newlines and
backslashes in titles, an artist that only a track credits.
"""

from __future__ import annotations

import bz2
import io
import json
import lzma
import random
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

WORDS = (
    "Amber Birch Cedar Dusk Ember Fjord Glass Harbour Iris Juniper Kelp Lantern Moss North Opal Pine Quarry River Salt "
    "Thorn Umber Vale Willow Yarrow Zephyr"
).split()


def mbid(kind: str, number: int) -> str:
    """The MBID of the number-th thing of a kind; random to look at, and the same each time."""
    return str(UUID(int=random.Random(f"{kind}/{number}").getrandbits(128), version=4))


def world(releases: int = 12, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """`artists`, `groups`, `recordings` and `releases`, by number; they name one another by it."""
    dice = random.Random(seed)

    def title(words: int = 2) -> str:
        return " ".join(dice.choice(WORDS) for _ in range(words))

    artists = [
        {
            "number": number,
            "name": title(),
            "sort": f"{title(1)}, {title(1)}",
            "comment": "the other one" if number % 5 == 0 else "",
            "type": "Person" if number % 2 else "Group",
            "gender": "Female" if number % 4 == 1 else None,
            "country": ("SE", "Sweden") if number % 3 else None,
            "begin": (1960 + number, 5 if number % 2 else None, None),
            "end": (2001, None, None) if number % 6 == 0 else None,
            "aliases": [f"{title(1)} {number}"] if number % 3 == 0 else [],
            "isnis": [f"00000001{number:08}"] if number % 4 == 0 else [],
            "urls": [f"https://open.spotify.com/artist/{number:022}", "https://example.org/nothing"],
            "ended_urls": ["https://www.deezer.com/artist/404"],
            "genres": [("jazz", 3), ("folk", 1), ("disliked", 0)] if number % 2 == 0 else [],
            "rating": (80, 5) if number % 2 == 0 else None,
            "old": [mbid("old-artist", number)] if number % 5 == 1 else [],
        }
        for number in range(1, releases + 6)
    ]
    recordings: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    for number in range(1, releases + 1):
        again = number % 4 == 0
        if not again:
            credit = [(1 + dice.randrange(len(artists) - 2), None, "")]
            if number % 3 == 0:
                credit = [(credit[0][0], "As Billed", " feat. "), (len(artists) - 1, None, "")]
            groups.append(
                {
                    "number": len(groups) + 1,
                    "title": ["Tab\there", "Back\\slash", "New\nline", "\\N", title()][number % 5],
                    "credit": credit,
                    "type": ["Album", "Single", "EP"][number % 3],
                    "secondary": ["Compilation"] if number % 5 == 0 else [],
                    "genres": [("rock", 2)] if number % 2 else [],
                    "rating": (60, 2) if number % 2 else None,
                    "old": [mbid("old-group", number)] if number % 5 == 1 else [],
                }
            )
        group = groups[-1]
        media = []
        for disc in range(1, 3 if number % 3 == 0 else 2):
            tracks = []
            for position in range(0 if number % 6 == 5 and disc == 1 else 1, 5):
                if again and recordings:
                    recording = recordings[-position - 1]
                else:
                    guest = number % 4 == 1 and position == 2
                    recording = {
                        "number": len(recordings) + 1,
                        "title": title(3),
                        "credit": [*group["credit"][:1], (len(artists), None, "")] if guest else group["credit"],
                        "length": None if position == 4 else 60_000 + 1_000 * number + position,
                        "comment": "live" if position == 3 else "",
                        "video": position == 4 and number % 2 == 0,
                        "isrcs": [f"SEABC{number:02}{disc}{position:04}", f"GBAYE{number:02}00000"][: position % 3],
                        "urls": [f"https://www.deezer.com/track/{number}{disc}{position}"] if position == 1 else [],
                        "genres": [("blues", 1)] if position == 1 else [],
                        "rating": (100, 1) if position == 1 else None,
                        "first": (1970 + number, None, None),
                        "old": [mbid("old-recording", number)] if position == 2 and number % 5 == 1 else [],
                    }
                    recordings.append(recording)
                tracks.append(
                    {
                        "number": number * 1000 + disc * 100 + position,
                        "position": position,
                        "shown": f"A{position}" if number % 4 == 2 else str(position),
                        "title": recording["title"] if position != 3 else f"{recording['title']} (live)",
                        "length": recording["length"] and recording["length"] + 500,
                        "recording": recording,
                        "credit": recording["credit"],
                        "data": position == 4 and number % 6 == 1,
                    }
                )
            media.append(
                {
                    "number": number * 10 + disc,
                    "position": disc,
                    "format": ["CD", '12" Vinyl', "Digital Media"][number % 3],
                    "title": "Bonus" if disc == 2 else "",
                    "tracks": tracks,
                }
            )
        made.append(
            {
                "number": number,
                "title": group["title"],
                "comment": "reissue" if again else "",
                "group": group,
                "credit": group["credit"],
                "status": ["Official", "Promotion"][number % 2],
                "packaging": "Jewel Case" if number % 2 else None,
                "events": [
                    (("SE", "Sweden"), (1970 + number, 3, None if number % 2 else 7)),
                    (("GB", "United Kingdom"), (1971 + number, None, None)),
                ][: 1 + number % 2],
                "barcode": [None, "", "073145 19361", f"5012345{number:06}"][number % 4],
                "asin": f"B00000{number:04}" if number % 3 == 0 else None,
                "labels": [(1 + number % 3, f"CAT {number}"), (None, "[none]")][: 1 + (number % 6 == 0)],
                "language": "eng" if number % 2 else None,
                "script": "Latn",
                "cover": number % 2 == 0,
                "urls": [f"https://www.discogs.com/release/{number}-Some-Title"] if number % 2 else [],
                "media": media,
                "old": [mbid("old-release", number)] if number % 5 == 1 else [],
            }
        )  # fmt: skip
    return {"artists": artists, "groups": groups, "recordings": recordings, "releases": made}


def partial(date: tuple[int | None, int | None, int | None] | None) -> str:
    """1977-05 of (1977, 5, None)."""
    return "-".join(f"{part:0{width}}" for part, width in zip(date or (), (4, 2, 2), strict=False) if part)


# JSON dumps


def documents(made: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The documents of `artist`, `release`, `release-group` and `label`, as ws/2 spells them."""
    artists = {artist["number"]: artist for artist in made["artists"]}

    def credits(credit: Iterable[tuple[int, str | None, str]]) -> list[dict[str, Any]]:
        return [
            {
                "name": name or artists[number]["name"],
                "joinphrase": join,
                "artist": {
                    "id": mbid("artist", number),
                    "name": artists[number]["name"],
                    "sort-name": artists[number]["sort"],
                    "disambiguation": artists[number]["comment"],
                    "type": artists[number]["type"],
                },
            }
            for number, name, join in credit
        ]

    def links(urls: Iterable[str], ended: bool = False) -> list[dict[str, Any]]:
        return [
            {"target-type": "url", "type": "free streaming", "ended": ended, "url": {"resource": url}} for url in urls
        ]

    def voted(genres: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
        return [{"name": name, "count": count, "id": mbid("genre", 1), "disambiguation": ""} for name, count in genres]

    def rated(rating: tuple[int, int] | None) -> dict[str, Any]:
        return {"value": rating[0] / 20 if rating else None, "votes-count": rating[1] if rating else 0}

    def area(country: tuple[str, str] | None) -> dict[str, Any] | None:
        return {"name": country[1], "iso-3166-1-codes": [country[0]]} if country else None

    def first_date(group: Mapping[str, Any]) -> str:
        dates = [event[1] for release in made["releases"] if release["group"] is group for event in release["events"]]
        return min(map(partial, dates))

    def group_of(group: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": mbid("group", group["number"]),
            "title": group["title"],
            "primary-type": group["type"],
            "secondary-types": group["secondary"],
            "first-release-date": first_date(group),
            "artist-credit": credits(group["credit"]),
            "disambiguation": "",
            "genres": voted(group["genres"]),
            "rating": rated(group["rating"]),
        }

    def track_of(track: Mapping[str, Any]) -> dict[str, Any]:
        recording = track["recording"]
        return {
            "id": mbid("track", track["number"]),
            "position": track["position"],
            "number": track["shown"],
            "title": track["title"],
            "length": track["length"],
            "artist-credit": credits(track["credit"]),
            "recording": {
                "id": mbid("recording", recording["number"]),
                "title": recording["title"],
                "length": recording["length"],
                "video": recording["video"],
                "disambiguation": recording["comment"],
                "first-release-date": partial(recording["first"]),
                "isrcs": recording["isrcs"],
                "artist-credit": credits(recording["credit"]),
                "relations": links(recording["urls"]),
                "genres": voted(recording["genres"]),
                "rating": rated(recording["rating"]),
            },
        }

    def medium_of(medium: Mapping[str, Any]) -> dict[str, Any]:
        tracks = [track for track in medium["tracks"] if track["position"] and not track["data"]]
        given: dict[str, Any] = {
            "position": medium["position"],
            "format": medium["format"],
            "title": medium["title"],
            "track-count": len(tracks),
            "tracks": [track_of(track) for track in tracks],
        }
        if pregap := [track for track in medium["tracks"] if not track["position"]]:
            given["pregap"] = track_of(pregap[0])
        if data := [track for track in medium["tracks"] if track["data"]]:
            given["data-tracks"] = [track_of(track) for track in data]
        return given

    def label_of(label: int | None, number: str) -> dict[str, Any]:
        there = {"id": mbid("label", label), "name": f"Label {label}", "sort-name": f"Label {label}"} if label else None
        return {"catalog-number": number, "label": there}

    return {
        "artist": [
            {
                "id": mbid("artist", artist["number"]),
                "name": artist["name"],
                "sort-name": artist["sort"],
                "disambiguation": artist["comment"],
                "type": artist["type"],
                "gender": artist["gender"],
                "country": artist["country"] and artist["country"][0],
                "area": area(artist["country"]),
                "life-span": {
                    "begin": partial(artist["begin"]),
                    "end": partial(artist["end"]) or None,
                    "ended": artist["end"] is not None,
                },
                "aliases": [{"name": name, "sort-name": name, "locale": None} for name in artist["aliases"]],
                "isnis": artist["isnis"],
                "ipis": [],
                "relations": [*links(artist["urls"]), *links(artist["ended_urls"], ended=True)],
                "genres": voted(artist["genres"]),
                "rating": rated(artist["rating"]),
            }
            for artist in made["artists"]
        ],
        "release": [
            {
                "id": mbid("release", release["number"]),
                "title": release["title"],
                "disambiguation": release["comment"],
                "status": release["status"],
                "packaging": release["packaging"],
                "date": partial(release["events"][0][1]),
                "country": release["events"][0][0][0],
                "release-events": [
                    {"date": partial(date), "area": area(country)} for country, date in release["events"]
                ],
                "barcode": release["barcode"],
                "asin": release["asin"],
                "artist-credit": credits(release["credit"]),
                "release-group": group_of(release["group"]),
                "label-info": [label_of(*label) for label in release["labels"]],
                "text-representation": {"language": release["language"], "script": release["script"]},
                "cover-art-archive": {
                    "artwork": release["cover"], "front": release["cover"], "back": False,
                    "count": int(release["cover"]), "darkened": False,
                },
                "media": [medium_of(medium) for medium in release["media"]],
                "relations": links(release["urls"]),
                "genres": [],
                "quality": "normal",
            }
            for release in made["releases"]
        ],
        "release-group": [group_of(group) for group in made["groups"]],
        "label": [{"id": mbid("label", number), "name": f"Label {number}"} for number in (1, 2, 3)],
    }  # fmt: skip


def write_documents(
    folder: Path, made: Mapping[str, list[dict[str, Any]]], entities: Iterable[str] = ("release", "artist")
) -> Path:
    """The JSON dumps of these entities, as `ENTITY.tar.xz`."""
    folder.mkdir(parents=True, exist_ok=True)
    found = documents(made)
    for entity in entities:
        lines = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in found[entity])
        archive = tar(
            {"TIMESTAMP": b"2026-11-01\n", "JSON_DUMPS_SCHEMA_NUMBER": b"1\n", f"mbdump/{entity}": lines.encode()}
        )
        (folder / f"{entity}.tar.xz").write_bytes(lzma.compress(archive, preset=0))
    return folder


def tar(members: Mapping[str, bytes]) -> bytes:
    """A tar archive, not compressed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


# table dumps


def tables(
    made: Mapping[str, list[dict[str, Any]]],
) -> tuple[dict[str, list[tuple[Any, ...]]], dict[str, list[tuple[Any, ...]]]]:
    """The rows of mbdump and of mbdump-derived by table, in the order of columns of schema 31."""
    now = "2026-11-01 00:00:00+00"
    core: dict[str, list[tuple[Any, ...]]] = {}
    derived: dict[str, list[tuple[Any, ...]]] = {}

    def put(table: str, *row: Any, into: dict[str, list[tuple[Any, ...]]] = core) -> None:
        into.setdefault(table, []).append(row)

    def numbered(table: str, *columns: Any) -> int:
        rows = core.setdefault(table, [])
        for row in rows:
            if row[1 : 1 + len(columns)] == columns:
                return int(row[0])
        rows.append((len(rows) + 1, *columns))
        return len(rows)

    def kind(table: str, name: str | None) -> int | None:
        return numbered(table, name, None, 0, None, mbid(table, 1)) if name else None

    def area_of(country: tuple[str, str] | None) -> int | None:
        if country is None:
            return None
        number = numbered("area", mbid("area", sum(map(ord, country[0]))), country[1])
        if (number, country[0]) not in core.setdefault("iso_3166_1", []):
            put("iso_3166_1", number, country[0])
        return number

    credit_numbers: dict[tuple[Any, ...], int] = {}

    def credit_of(credit: list[tuple[int, str | None, str]]) -> int:
        number = credit_numbers.setdefault(tuple(credit), len(credit_numbers) + 1)
        if len(core.setdefault("artist_credit", [])) < number:
            put("artist_credit", number, "?", len(credit), 1, now, 0, mbid("credit", number))
            for position, (artist, name, join) in enumerate(credit):
                put("artist_credit_name", number, position, artist, name or made["artists"][artist - 1]["name"], join)
        return number

    ended = {False: 1, True: 2}
    for is_ended, number in ended.items():
        put("link", number, 1, None, None, None, None, None, None, 0, now, "t" if is_ended else "f")

    def link(entity: str, number: int, urls: Iterable[str], is_ended: bool = False) -> None:
        for url in urls:
            to = numbered("url", mbid("url", hash(url) % 10**9), url)
            rows = core.setdefault(f"l_{entity}_url", [])
            rows.append((len(rows) + 1, ended[is_ended], number, to, 0, now, 0, "", ""))

    def opinions(entity: str, thing: Mapping[str, Any]) -> None:
        for name, count in thing["genres"]:
            tags = derived.setdefault("tag", [])
            if name not in [row[1] for row in tags]:
                tags.append((len(tags) + 1, name, 1))
                put("genre", len(tags), mbid("genre", len(tags)), name, "", 0, now)
            put(f"{entity}_tag", thing["number"], [row[1] for row in tags].index(name) + 1, count, now, into=derived)
        rating = thing["rating"] or (None, None)
        if entity == "release_group":
            put("release_group_meta", thing["number"], 1, None, None, None, *rating, into=derived)
        else:
            put(f"{entity}_meta", thing["number"], *rating, into=derived)

    def redirects(entity: str, thing: Mapping[str, Any]) -> None:
        for old in thing["old"]:
            put(f"{entity}_gid_redirect", old, thing["number"], now)

    for artist in made["artists"]:
        number = artist["number"]
        put(
            "artist", number, mbid("artist", number), artist["name"], artist["sort"], *artist["begin"],
            *(artist["end"] or (None, None, None)), kind("artist_type", artist["type"]), area_of(artist["country"]),
            kind("gender", artist["gender"]), artist["comment"], 0, now, "t" if artist["end"] else "f", None, None,
        )  # fmt: skip
        for name in artist["aliases"]:
            put("artist_alias", number, number, name, None, 0, now, None, name, *[None] * 6, "f", "f")
        for isni in artist["isnis"]:
            put("artist_isni", number, isni, 0, now)
        link("artist", number, artist["urls"])
        link("artist", number, artist["ended_urls"], True)
        opinions("artist", artist)
        redirects("artist", artist)
    for recording in made["recordings"]:
        number = recording["number"]
        put(
            "recording", number, mbid("recording", number), recording["title"], credit_of(recording["credit"]),
            recording["length"], recording["comment"], 0, now, "t" if recording["video"] else "f",
        )  # fmt: skip
        for isrc in recording["isrcs"]:
            put("isrc", len(core.get("isrc", ())) + 1, number, isrc, None, 0, now)
        put("recording_first_release_date", number, *recording["first"])
        link("recording", number, recording["urls"])
        opinions("recording", recording)
        redirects("recording", recording)
    for group in made["groups"]:
        number = group["number"]
        put(
            "release_group", number, mbid("group", number), group["title"], credit_of(group["credit"]),
            kind("release_group_primary_type", group["type"]), "", 0, now,
        )  # fmt: skip
        for name in group["secondary"]:
            put("release_group_secondary_type_join", number, kind("release_group_secondary_type", name), now)
        opinions("release_group", group)
        redirects("release_group", group)
    for number in (1, 2, 3):
        put("label", number, mbid("label", number), f"Label {number}", *[None] * 9, "", 0, now, "f")
    for release in made["releases"]:
        number = release["number"]
        put(
            "release", number, mbid("release", number), release["title"], credit_of(release["credit"]),
            release["group"]["number"], kind("release_status", release["status"]),
            kind("release_packaging", release["packaging"]),
            numbered("language", "eng", "eng", "en", "English", 2, "eng") if release["language"] else None,
            numbered("script", release["script"], "215", "Latin", 4), release["barcode"], release["comment"], 0, -1, now,
        )  # fmt: skip
        put("release_meta", number, now, None, release["asin"], "present" if release["cover"] else "absent")
        for country, date in release["events"]:
            put("release_country", number, area_of(country), *date)
        for label, catalog_number in release["labels"]:
            put("release_label", len(core.get("release_label", ())) + 1, number, label, catalog_number, now)
        link("release", number, release["urls"])
        redirects("release", release)
        for medium in release["media"]:
            put(
                "medium", medium["number"], number, medium["position"], kind("medium_format", medium["format"]),
                medium["title"], 0, now, len(medium["tracks"]), mbid("medium", medium["number"]),
            )  # fmt: skip
            for track in medium["tracks"]:
                put(
                    "track", track["number"], mbid("track", track["number"]), track["recording"]["number"],
                    medium["number"], track["position"], track["shown"], track["title"], credit_of(track["credit"]),
                    track["length"], 0, now, "t" if track["data"] else "f",
                )  # fmt: skip
    return core, derived


def copied(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Rows as PostgreSQL's COPY writes them in its text format."""
    escapes = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}

    def field(value: Any) -> str:
        return "\\N" if value is None else "".join(escapes.get(char, char) for char in str(value))

    return "".join("\t".join(map(field, row)) + "\n" for row in rows).encode()


def write_tables(folder: Path, made: Mapping[str, list[dict[str, Any]]], derived: bool = True) -> Path:
    """mbdump.tar.bz2, and mbdump-derived.tar.bz2 beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in zip(("mbdump", "mbdump-derived"), tables(made), strict=True):
        if name == "mbdump" or derived:
            members = {f"mbdump/{table}": copied(found) for table, found in rows.items()}
            archive = tar({"TIMESTAMP": b"2026-11-01\n", "SCHEMA_SEQUENCE": b"31\n", **members})
            (folder / f"{name}.tar.bz2").write_bytes(bz2.compress(archive, 1))
    return folder


def damaged(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the text of an .xz file, and pack it again."""
    path.write_bytes(lzma.compress(change(lzma.decompress(path.read_bytes())), preset=0))
