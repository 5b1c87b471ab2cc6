"""Where dumps are published, which is the newest, and which of its files a build needs.

MusicBrainz names its newest dump in a file LATEST beside a folder of that name, which has SHA256SUMS (older ones MD5SUMS).
Discogs puts its dumps of a month beside `discogs_YYYYMM01_CHECKSUM.txt`. The two-file source is a list of addresses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import date
from urllib.parse import urlsplit

from msgspec import Struct

from segue.catalog.updating.errors import NoSuchDump
from segue.catalog.updating.fetching import Fetcher, Wanted, place_of
from segue.core.outside.faults import ProviderBug

MUSICBRAINZ = {
    "json": "https://data.metabrainz.org/pub/musicbrainz/data/json-dumps",
    "tables": "https://data.metabrainz.org/pub/musicbrainz/data/fullexport",
}
DISCOGS = "https://discogs-data-dumps.s3.us-west-2.amazonaws.com/data"
NEEDED = ("release.tar.xz",)
USED = ("artist.tar.xz", "release-group.tar.xz", "label.tar.xz", "recording.tar.xz", "area.tar.xz")
"""What the ws/2 API and the records of artists are made of besides; taken where the dump has it."""
TABLES = ("mbdump.tar.bz2", "mbdump-derived.tar.bz2")
DISCOGS_KINDS = ("artists", "masters")
TWO_FILES = ("main_database.sqlite3", "track_files.sqlite3", "track_audio_features.sqlite3")
MONTHS_BACK = 6
_NAME = re.compile(r"[\w.-]{1,64}")
_SUM = re.compile(r"^([0-9a-fA-F]{32,128})[ \t]+\*?(?:\./)?(\S+)$", re.MULTILINE)


class Dumps(Struct, frozen=True):
    """One version of a source's dumps: what it is called, and its files."""

    version: str
    files: tuple[Wanted, ...]


async def musicbrainz(fetcher: Fetcher, dumps: str, url: str | None, derived: bool) -> Dumps:
    """The newest dump of MusicBrainz: `json` or `tables`. Raises NoSuchDump and what fetching raises."""
    base = (url or MUSICBRAINZ[dumps]).rstrip("/")
    version = await _latest(fetcher, base)
    if version is None:
        raise NoSuchDump(base, "LATEST")
    folder = f"{base}/{version}"
    sums = await _sums(fetcher, folder, ("SHA256SUMS", "MD5SUMS"))
    if dumps == "json":
        return Dumps(version, _files(folder, NEEDED, USED, sums))
    return Dumps(version, _files(folder, TABLES[: 2 if derived else 1], (), sums))


async def discogs(fetcher: Fetcher, url: str | None, today: date) -> Dumps:
    """The dump of Discogs of this month, or of the last one that has one. Raises NoSuchDump and what fetching raises."""
    base = (url or DISCOGS).rstrip("/")
    year, month = today.year, today.month
    for _ in range(MONTHS_BACK):
        version = f"{year}{month:02}01"
        folder = f"{base}/{year}"
        sums = await _sums(fetcher, folder, (f"discogs_{version}_CHECKSUM.txt",))
        if sums:
            needed = (f"discogs_{version}_releases.xml.gz",)
            used = tuple(f"discogs_{version}_{kind}.xml.gz" for kind in DISCOGS_KINDS)
            return Dumps(version, _files(folder, needed, used, sums))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    raise NoSuchDump(base, f"dump of the last {MONTHS_BACK} months")


async def two_file(fetcher: Fetcher, urls: Iterable[str]) -> Dumps:
    """The files at these addresses: the main file, then that of tracks, then the audio features. Their checksums are taken
    from `ADDRESS.sha256`, where there is such a file. Raises NoSuchDump and what fetching raises."""
    files, versions = [], []
    for name, url in zip(TWO_FILES, urls, strict=False):
        version = await fetcher.version(url)
        if version is None:
            raise NoSuchDump(place_of(url), name)
        said = await fetcher.text(_beside(url, ".sha256")) or ""
        checksum = said.split()[0].lower() if said.strip() else ""
        if checksum and not re.fullmatch(r"[0-9a-f]{64}", checksum):
            checksum = ""
        files.append(Wanted(name, url, checksum))
        versions.append((url, version, checksum))
    if not files:
        raise NoSuchDump("catalog.update.files", "addresses")
    return Dumps(hashlib.sha256(repr(versions).encode()).hexdigest()[:16], tuple(files))


async def _latest(fetcher: Fetcher, base: str) -> str | None:
    said = await fetcher.text(f"{base}/LATEST")
    if said is None:
        return None
    version = said.strip()
    if _NAME.fullmatch(version) is None or version.startswith("."):
        raise ProviderBug(place_of(base), said=version)
    return version


async def _sums(fetcher: Fetcher, folder: str, names: Iterable[str]) -> dict[str, str]:
    """Checksums by file name, of the first list that is there; empty where none is."""
    for name in names:
        said = await fetcher.text(f"{folder}/{name}")
        if said is not None:
            return {file.rpartition("/")[2]: checksum.lower() for checksum, file in _SUM.findall(said)}
    return {}


def _files(folder: str, needed: Iterable[str], used: Iterable[str], sums: dict[str, str]) -> tuple[Wanted, ...]:
    """The files with their checksums; of those that are only of use, what the list of checksums has."""
    missing = [name for name in needed if sums and name not in sums]
    if missing:
        raise NoSuchDump(folder, missing[0])
    return tuple(Wanted(name, f"{folder}/{name}", sums.get(name, "")) for name in (*needed, *filter(_in(sums), used)))


def _in(sums: dict[str, str]) -> Callable[[str], bool]:
    return lambda name: name in sums


def _beside(url: str, ending: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path=parts.path + ending).geturl()
