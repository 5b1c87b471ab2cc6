"""Worlds of MusicBrainz documents, written to ws2.db and asked by address."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from segue.catalog.snapshot.layout import WS2
from segue.catalog.ws2.answering import Answer, Request, answered, asked
from segue.catalog.ws2.reading import Ws2
from segue.catalog.ws2.writing import write_ws2

Json = dict[str, Any]
ALL_OF_A_RELEASE = (
    "aliases+artist-credits+artist-rels+artists+collections+discids+genres+isrcs+labels+media+recordings+release-groups"
    "+release-rels+tags+url-rels"
)


def mbid(name: str) -> str:
    """The same MBID for the same name."""
    return str(uuid5(NAMESPACE_URL, name))


def written(folder: Path, documents: Mapping[str, Iterable[Json]], **options: Any) -> Ws2:
    write_ws2(lambda entity: copy.deepcopy(list(documents[entity])) if entity in documents else None, folder, **options)
    return Ws2(folder / WS2)


def answer(ws2: Ws2, url: str, *, method: str = "GET", accept: str = "") -> Answer:
    path, _, query = url.partition("?")
    format, what = asked(Request(method, path, query.encode(), accept))
    return what if isinstance(what, Answer) else answered(ws2, what, format)


def ask(ws2: Ws2, url: str) -> Json:
    """As JSON; the answer has to be one."""
    found = answer(ws2, f"{url}{'&' if '?' in url else '?'}fmt=json")
    assert found.status == 200, found.body
    said: Json = json.loads(found.body)
    return said


def ask_xml(ws2: Ws2, url: str) -> etree._Element:
    found = answer(ws2, url)
    assert found.status == 200, found.body
    return etree.fromstring(found.body)


# A small world: two albums of one band, one of them twice, and a compilation


def artist(name: str, **more: Any) -> Json:
    return {
        "id": mbid(name), "name": name, "sort-name": name, "disambiguation": "", "type": "Group",
        "type-id": "e431f5f6-b5d2-343d-8b36-72607fffb74b", "country": "GB", **more,
    }  # fmt: skip


def credit(*names: str) -> list[Json]:
    last = len(names) - 1
    return [
        {"name": name, "joinphrase": " & " if at < last else "", "artist": artist(name)}
        for at, name in enumerate(names)
    ]


def recording(title: str, *artists: str, length: int | None = 200_000, **more: Any) -> Json:
    return {
        "id": mbid(f"recording {title} {artists}"), "title": title, "length": length, "video": False, "disambiguation": "",
        "first-release-date": "1969", "artist-credit": credit(*artists), "isrcs": [], **more,
    }  # fmt: skip


def release(title: str, artists: tuple[str, ...], tracks: list[Json], group: str | None = None, **more: Any) -> Json:
    date = more.pop("date", "1969-09-26")
    area = {
        "id": mbid("United Kingdom"), "name": "United Kingdom", "sort-name": "United Kingdom", "disambiguation": "",
        "iso-3166-1-codes": ["GB"], "type": None, "type-id": None,
    }  # fmt: skip
    kinds = more.pop("secondary", [])
    return {
        "id": mbid(f"release {title} {date}"), "title": title, "disambiguation": "", "status": "Official",
        "status-id": "4e304316-386d-3409-af2e-78857eec5cfe", "quality": "normal", "packaging": None, "packaging-id": None,
        "text-representation": {"language": "eng", "script": "Latn"}, "country": "GB", "date": date, "asin": None,
        "barcode": None, "release-events": [{"date": date, "area": area}], "aliases": [], "relations": [],
        "cover-art-archive": {"artwork": False, "back": False, "count": 0, "darkened": False, "front": False},
        "artist-credit": credit(*artists),
        "release-group": {
            "id": mbid(f"group {group or title}"), "title": group or title, "disambiguation": "",
            "first-release-date": date, "primary-type": more.pop("primary", "Album"),
            "primary-type-id": "f529b476-6e62-324f-b0aa-1f3e33d313fc", "secondary-types": kinds,
            "secondary-type-ids": [mbid(kind) for kind in kinds], "artist-credit": credit(*artists),
        },
        "label-info": [],
        "media": [
            {
                "title": "", "position": 1, "format": "CD", "format-id": "9712d52a-4509-3d4b-a1a2-67c88c643e31",
                "track-count": len(tracks), "track-offset": 0, "discs": more.pop("discs", []),
                "tracks": [
                    {
                        "id": mbid(f"track {title} {date} {place}"), "number": str(place), "position": place,
                        "title": one["title"], "length": one["length"], "artist-credit": one["artist-credit"],
                        "recording": one,
                    }
                    for place, one in enumerate(tracks, 1)
                ],
            }
        ],
        **more,
    }  # fmt: skip


BAND, GUEST, VARIOUS = "The Lanterns", "Ana Ríos", "Various Artists"
HOME, RAIN, HYMN = (
    recording("Come Home", BAND, isrcs=["GBAYE6900001"]),
    recording("Rain on Glass", BAND, GUEST, isrcs=["GBAYE6900002"]),
    recording("Hymn", "Birch", length=None, video=True),
)
DISC = "xp5tz6rE4OHrBafj0bLfDRMGK48-"
FIRST = release(
    "Amber Road", (BAND,), [HOME, RAIN], barcode="0077778823827", asin="B000026GLQ",
    discs=[{"id": DISC, "sectors": 212075, "offset-count": 2, "offsets": [182, 33322]}],
    **{
        "label-info": [
            {
                "catalog-number": "SHVL 804",
                "label": {"id": mbid("Harbour"), "name": "Harbour", "sort-name": "Harbour", "disambiguation": "",
                          "label-code": 1305},
            }
        ]
    },
)  # fmt: skip
AGAIN = release("Amber Road", (BAND,), [HOME, RAIN], date="1987", status="Bootleg", country="US")
LIVE = release("Road Home", (BAND,), [HOME], date="1971-02", secondary=["Live"])
MANY = release("Songs of Glass", (VARIOUS,), [HYMN, RAIN], date="1999-01-02", secondary=["Compilation"])
SINGLE = release("Hymn", ("Birch",), [HYMN], date="1998", primary="Single")
SMALL: dict[str, list[Json]] = {"release": [FIRST, AGAIN, LIVE, MANY, SINGLE]}
