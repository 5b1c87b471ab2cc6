"""What does the MusicBrainz API cost? Lookups, browses and searches of ws/2 over generated releases, by processor time.

    ./dev bench catalog/ws2                       100,000 releases (about two minutes)
    ./dev bench catalog/ws2 --releases 20000      fewer

Writes ws2.db from documents in the shape of release.tar.xz, then asks: a release of 15 tracks with everything that Picard
includes, as JSON and as XML; what beets asks; searches of several kinds, as medians and as what 95 of 100 stay under.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "src")]

from segue.catalog.ws2.answering import Answer, Request, answered, asked  # noqa: E402
from segue.catalog.ws2.reading import Ws2  # noqa: E402
from segue.catalog.ws2.writing import write_ws2  # noqa: E402

RESULTS = HERE.parent / "results" / "catalog_ws2.json"
PICARD = (
    "aliases+artist-credits+artist-rels+artists+collections+discids+isrcs+labels+media+recordings+release-groups"
    "+release-rels+url-rels"
)
BEETS = "artists+media+recordings+release-groups+labels+artist-credits+aliases+recording-level-rels+isrcs+url-rels"
SYLLABLES = (
    "ba",
    "ko",
    "ri",
    "ten",
    "lu",
    "sha",
    "mor",
    "vi",
    "da",
    "ne",
    "qua",
    "sol",
    "fer",
    "gin",
    "hu",
    "lan",
    "po",
    "tre",
)
TRACKS = 15
T = TypeVar("T")


class World:
    """Releases that are made up as they are asked for. Words are as frequent as in a language, artists as unequal as real."""

    def __init__(self, releases: int, seed: int = 5) -> None:
        self._releases = releases
        self._chance = random.Random(seed)
        self._words = ["".join(self._chance.choices(SYLLABLES, k=2 + n % 3)) for n in range(30_000)]
        self._artists = [self._artist() for _ in range(max(10, releases // 4))]
        self._labels = [
            {"id": self._mbid(), "name": self.title(2), "sort-name": "", "disambiguation": "", "label-code": None}
            for _ in range(max(5, releases // 50))
        ]
        self.some: list[dict[str, Any]] = []

    def _mbid(self) -> str:
        return str(UUID(int=self._chance.getrandbits(128), version=4))

    def _often_the_first(self, things: list[T]) -> T:
        """The nth of them an nth as often as the first (Zipf's law)."""
        return things[int(len(things) ** self._chance.random()) - 1]

    def word(self) -> str:
        return self._often_the_first(self._words)

    def title(self, words: int | None = None) -> str:
        return " ".join(self.word().title() for _ in range(words or self._chance.choice((1, 2, 2, 3, 4))))

    def _artist(self) -> dict[str, Any]:
        name = self.title(2)
        return {
            "id": self._mbid(), "name": name, "sort-name": name, "disambiguation": "", "type": "Group",
            "type-id": "e431f5f6-b5d2-343d-8b36-72607fffb74b", "country": "GB",
            "aliases": [
                {"name": self.title(2), "sort-name": name, "locale": None, "primary": None, "type": None,
                 "type-id": None, "begin": None, "end": None, "ended": False}
            ],
        }  # fmt: skip

    def _credit(self) -> list[dict[str, Any]]:
        artist = self._often_the_first(self._artists)
        return [{"name": artist["name"], "joinphrase": "", "artist": artist}]

    def documents(self, entity: str) -> Iterator[dict[str, Any]] | None:
        return self._all() if entity == "release" else None

    def _all(self) -> Iterator[dict[str, Any]]:
        group: dict[str, Any] = {}
        recordings: list[dict[str, Any]] = []
        for number in range(self._releases):
            if number % 3 == 0 or not group:
                credit = self._credit()
                group = {
                    "id": self._mbid(), "title": self.title(), "disambiguation": "", "first-release-date": "1987-03-02",
                    "primary-type": "Album", "primary-type-id": "f529b476-6e62-324f-b0aa-1f3e33d313fc",
                    "secondary-types": [], "secondary-type-ids": [], "artist-credit": credit,
                }  # fmt: skip
                recordings = [self._recording(credit) for _ in range(TRACKS)]
            release = self._release(group, recordings)
            if number % (self._releases // 200 or 1) == 0:
                self.some.append(release)
            yield release

    def _recording(self, credit: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._mbid(), "title": self.title(), "length": self._chance.randrange(60_000, 400_000), "video": False,
            "disambiguation": "", "first-release-date": "1987-03-02", "artist-credit": credit, "aliases": [],
            "isrcs": [f"GBAAA{self._chance.randrange(10**7):07}"],
        }  # fmt: skip

    def _release(self, group: dict[str, Any], recordings: list[dict[str, Any]]) -> dict[str, Any]:
        year, label = self._chance.randrange(1960, 2026), self._chance.choice(self._labels)
        area = {
            "id": "8a754a16-0027-3a29-b6d7-2b40ea0481ed", "name": "United Kingdom", "sort-name": "United Kingdom",
            "disambiguation": "", "iso-3166-1-codes": ["GB"], "type": None, "type-id": None,
        }  # fmt: skip
        tracks = [
            {
                "id": self._mbid(), "number": str(place), "position": place, "title": recording["title"],
                "length": recording["length"], "artist-credit": recording["artist-credit"], "recording": recording,
            }
            for place, recording in enumerate(recordings, 1)
        ]  # fmt: skip
        offsets = [150 + 20_000 * place for place in range(len(tracks))]
        disc = {"id": f"{self._mbid()[:27]}-", "sectors": 320_000, "offset-count": len(offsets), "offsets": offsets}
        return {
            "id": self._mbid(), "title": group["title"], "disambiguation": "", "status": "Official",
            "status-id": "4e304316-386d-3409-af2e-78857eec5cfe", "quality": "normal", "packaging": "Jewel Case",
            "packaging-id": "ec27701a-4a22-37f4-bfac-6616e0f9750a", "barcode": f"{self._chance.randrange(10**12):012}",
            "text-representation": {"language": "eng", "script": "Latn"}, "country": "GB", "date": f"{year}-05-04",
            "release-events": [{"date": f"{year}-05-04", "area": area}], "asin": None, "aliases": [],
            "cover-art-archive": {"artwork": True, "back": False, "count": 1, "darkened": False, "front": True},
            "artist-credit": group["artist-credit"], "release-group": group,
            "label-info": [{"catalog-number": f"CAT {self._chance.randrange(9999)}", "label": label}],
            "media": [
                {"title": "", "position": 1, "format": "CD", "format-id": "9712d52a-4509-3d4b-a1a2-67c88c643e31",
                 "track-count": TRACKS, "track-offset": 0, "tracks": tracks, "discs": [disc]}
            ],
            "relations": [],
        }  # fmt: skip


def ask(ws2: Ws2, url: str) -> tuple[float, Answer]:
    """Milliseconds of the processor, and the answer."""
    path, _, query = url.partition("?")
    began = time.process_time()
    format, what = asked(Request("GET", path, query.encode()))
    answer = what if isinstance(what, Answer) else answered(ws2, what, format)
    return (time.process_time() - began) * 1000, answer


def figures(ws2: Ws2, urls: list[str]) -> dict[str, float]:
    found = []
    for url in urls:
        ms, answer = ask(ws2, url)
        if answer.status != 200:
            raise SystemExit(f"{url}: {answer.status} {answer.body[:200]!r}")
        found.append(ms)
    found.sort()
    return {
        "median_ms": round(statistics.median(found), 3),
        "p95_ms": round(found[int(len(found) * 0.95)], 3),
        "max_ms": round(found[-1], 3),
    }


def questions(world: World, count: int) -> dict[str, list[str]]:
    """Addresses, by what they are."""
    some = [world.some[n % len(world.some)] for n in range(count)]

    def every(address: str, entity: str = "release") -> list[str]:
        return [
            f"/{entity}{address}".format(
                id=one["id"],
                artist=one["artist-credit"][0]["artist"]["id"],
                artist_name=quote(one["artist-credit"][0]["name"].lower()),
                title=quote(one["title"].lower()),
                track=quote(one["media"][0]["tracks"][3]["title"].lower()),
                word=quote(world.word()),
                other=quote(world.word()),
                barcode=one["barcode"],
                catno=quote(one["label-info"][0]["catalog-number"]),
                picard=PICARD,
                beets=BEETS,
            )
            for one in some
        ]

    return {
        "release, Picard's list, JSON": every("/{id}?fmt=json&inc={picard}"),
        "release, Picard's list, XML": every("/{id}?inc={picard}"),
        "release, beets' list, JSON": every("/{id}?fmt=json&inc={beets}"),
        "browse: releases of an artist, 100": every("?artist={artist}&limit=100&inc=media+labels&fmt=json"),
        "search: releases, artist and title": every("?query=release:({title})+AND+artist:({artist_name})&fmt=json"),
        "search: releases, any word": every("?query={title}+{artist_name}&fmt=json"),
        "search: releases, one word": every("?query={word}&fmt=json"),
        "search: releases, two words, XML": every("?query={word}+{other}"),
        "search: releases, Picard's plain words": every("?query={artist_name}%20{title}&dismax=true&fmt=json"),
        "search: releases, barcode": every("?query=barcode:{barcode}&fmt=json"),
        "search: releases, label and year": every("?query=catno:({catno})+AND+date:[1970+TO+1999]&fmt=json"),
        "search: recordings, beets' way": every(
            "?query=recording:({track})+artist:({artist_name})&limit=5&fmt=json", "recording"
        ),
        "search: recordings, Picard's way": every(
            "?query=track:({track})+artist:({artist_name})+release:({title})+tnum:(4)+tracks:(15)+qdur:(90)&limit=25&fmt=json",
            "recording",
        ),
        "search: artists": every("?query={artist_name}&fmt=json", "artist"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args()
    world = World(options.releases)
    with tempfile.TemporaryDirectory() as folder:
        made = time.process_time()
        for _ in World(min(2_000, options.releases)).documents("release") or ():
            pass
        making = (time.process_time() - made) / min(2_000, options.releases) * options.releases
        began = time.process_time()
        counts = write_ws2(world.documents, Path(folder))
        cpu = time.process_time() - began - making
        size = (Path(folder) / "ws2.db").stat().st_size
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        tracks = options.releases * TRACKS
        print(f"{options.releases:,} releases, {tracks:,} tracks: {size / tracks:.0f} bytes a track,", end=" ")
        print(f"{tracks / cpu:,.0f} tracks per second of the processor, at most {peak} MiB")
        gc.freeze()  # the made-up world is no part of a server
        ws2 = Ws2(Path(folder) / "ws2.db")
        result: dict[str, Any] = {
            "counts": counts, "bytes": size, "write_cpu_s": round(cpu, 1), "peak_mib": peak, "figures": {}
        }  # fmt: skip
        for name, urls in questions(world, options.questions).items():
            figures(ws2, urls[:3])
            result["figures"][name] = found = figures(ws2, urls)
            print(
                f"{name:42} median {found['median_ms']:7.2f}  p95 {found['p95_ms']:7.2f}  max {found['max_ms']:7.2f} ms"
            )
        ws2.close()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
