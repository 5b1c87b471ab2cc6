"""What grouping looks at: names and folders as they are compared, one file as the rules see it, and all of a folder.

The rules themselves are in `rules`, a person's own decisions in `overrides`. The folder of an album is the folder of its
files, except that `CD1`, `Disc 2` and the like stand for their parent.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from segue.core.text import fold
from segue.library.scan.facts import Credit, TrackTags, alike
from segue.library.scan.paths import displayed, name_of, parent_of

_DISC_WORD = r"(?:cd|dvd|sacd|disc|disk|disque|disco|lp|vinyl|диск)"
_DISC_FOLDER = re.compile(rf"^(?:.*[\s_.,\-–(\[])?{_DISC_WORD}[\s_.\-#]*(\d{{1,2}})\b[^/]*$", re.IGNORECASE)
_DISC_SUFFIX = re.compile(
    rf"\s*(?:[(\[]\s*{_DISC_WORD}\s*(\d{{1,2}})[^)\]]*[)\]]|\s[-–]\s*{_DISC_WORD}\s*(\d{{1,2}})"
    rf"|,\s*{_DISC_WORD}\s*(\d{{1,2}})|\s(?:cd|disc|disk)\s?(\d{{1,2}}))\s*$",
    re.IGNORECASE,
)
_GUEST = re.compile(r"[,;/&+×]|\s(?:feat|ft|featuring|with|and|und|et|y|e|vs|x|presents)\b")
"""What stands between an artist and guests; before the first kind a blank may stand."""
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")


@lru_cache(maxsize=32_768)
def name_key(name: str) -> str:
    """What a name is looked up by: case, width and spacing folded, marks kept (Björk is not Bjork, but BJÖRK is Björk)."""
    return " ".join(unicodedata.normalize("NFKC", name).translate(_APOSTROPHES).casefold().split()) or name


@lru_cache(maxsize=1_024)
def disc_of_folder(path: bytes) -> int | None:
    """The disc a folder's name speaks of (`CD1`, `Disc 2 - Live`), else None."""
    found = _DISC_FOLDER.match(displayed(name_of(path)))
    return int(found[1]) if found else None


def album_folder(path: bytes) -> bytes:
    """The folder that stands for the album of files in `path`: the parent of a disc's folder, else itself."""
    if path and parent_of(path) and disc_of_folder(path) is not None:
        return parent_of(path)
    return path


@lru_cache(maxsize=8_192)
def split_disc_suffix(album: str) -> tuple[str, int | None]:
    """`The Wall (Disc 2)` as (`The Wall`, 2); an album title without such an end is given back with None."""
    found = _DISC_SUFFIX.search(album)
    if found is None or not album[: found.start()].strip():
        return album, None
    return album[: found.start()].rstrip(), int(next(part for part in found.groups() if part))


class AlbumKey(NamedTuple):
    """Which album a file belongs to (`group`: equal means the same one), by which rule, and the facts of its reason."""

    group: str
    rule: str
    params: dict[str, Any]


class GroupedFile:
    """One file as the rules see it. `folder` stands for its album (see `album_folder`), `within` is where it lies."""

    __slots__ = ("album", "album_artist", "folder", "leads", "tags", "within")

    def __init__(self, folder: bytes, tags: TrackTags, within: bytes | None = None) -> None:
        self.folder = folder
        self.within = folder if within is None else within
        self.tags = tags
        self.album = _folded(split_disc_suffix(tags.album)[0]) if tags.album else ""
        """The album's title folded, without a disc suffix; empty where the tags say none."""
        self.leads = name_key(shown_album_artist(tags))
        """The album artists as the tags show them, as a name is looked up; empty where they say none."""
        if tags.album_artists:
            self.album_artist = "\x1f".join([_folded(credit.name) for credit in tags.album_artists])
            """The album artists folded, by name; empty where the tags say none."""
        else:
            self.album_artist = _folded(tags.album_artist_display) if tags.album_artist_display else ""

    def says_what(self, other: GroupedFile) -> bool:
        """Whether rules cannot tell it from `other`, whatever its own track is."""
        return self.folder == other.folder and self.within == other.within and alike(self.tags) == alike(other.tags)

    @property
    def first(self) -> str:
        """The first of the album artists, as a name is looked up."""
        return name_key(self.tags.album_artists[0].name) if self.tags.album_artists else self.leads

    @property
    def artist(self) -> str:
        """The first track artist folded; empty where the tags say none."""
        return _folded(shown_artist(self.tags))

    @property
    def title(self) -> str:
        """The album's title as it is shown, without a disc suffix."""
        return split_disc_suffix(self.tags.album or "")[0]

    @property
    def disc(self) -> int:
        """The disc by the tags, else by the album's title, else by the folder; 1 where nothing says one."""
        tags = self.tags
        found = tags.disc_number or (split_disc_suffix(tags.album)[1] if tags.album else None)
        return found or disc_of_folder(self.within) or 1

    @property
    def position(self) -> tuple[int, int] | None:
        """Disc and track number; None without a track number."""
        number = self.tags.track_number
        return (self.disc, number) if number else None


_folded = lru_cache(maxsize=8_192)(fold)


def shown_album_artist(tags: TrackTags) -> str:
    """The album artists as one line; empty where the tags say none."""
    return tags.album_artist_display or _names(tags.album_artists)


def shown_artist(tags: TrackTags) -> str:
    """Who a track is by, the first of them; empty where the tags do not say."""
    return tags.artists[0].name if tags.artists else tags.artist_display or ""


def _names(credits: Sequence[Credit]) -> str:
    return ", ".join(credit.name for credit in credits)


class Titled:
    """The files of one album folder that say one album title. Complete before anything is asked of it."""

    def __init__(self) -> None:
        self.files: list[GroupedFile] = []

    @cached_property
    def releases(self) -> Counter[str]:
        """How many files have each MusicBrainz release id."""
        return Counter(file.tags.release_mbid for file in self.files if file.tags.release_mbid)

    @cached_property
    def release(self) -> str:
        """The release id that most have; there must be one."""
        return most_common(self.releases)

    @cached_property
    def artist(self) -> str:
        """The album artist, folded, that most of those without a release id have; there must be one."""
        return most_common(self.artists)

    @cached_property
    def unidentified(self) -> list[GroupedFile]:
        """Those without a release id."""
        return [file for file in self.files if not file.tags.release_mbid]

    @cached_property
    def artists(self) -> Counter[str]:
        """How many of those without a release id have each album artist, folded."""
        return Counter(file.album_artist for file in self.unidentified if file.album_artist)

    @cached_property
    def shown(self) -> list[GroupedFile]:
        """One of those for each way in which they have an album artist, in the order of their names."""
        found = {(file.leads, file.album_artist): file for file in self.unidentified if file.leads}
        return [found[key] for key in sorted(found)]

    @cached_property
    def _first_shown(self) -> tuple[dict[str, GroupedFile], dict[str, GroupedFile]]:
        """Of `shown`, the first with each album artist as it is shown, and the shortest with each folded."""
        by_leads: dict[str, GroupedFile] = {}
        by_artist: dict[str, GroupedFile] = {}
        for file in sorted(self.shown, key=_shortest):
            by_leads.setdefault(file.leads, file)
            by_artist.setdefault(file.album_artist, file)
        return by_leads, by_artist

    def lead(self, file: GroupedFile) -> GroupedFile:
        """The file whose album artist is that of `file` without guests, `file` being without a release id and with an album
        artist; one with `file`'s own where there is none."""
        by_leads, by_artist = self._first_shown
        names = [file.leads]
        if len(file.tags.album_artists) > 1:
            names.append(file.first)
        for guest in _GUEST.finditer(file.leads):
            end = guest.start()
            names.append(file.leads[:end])
            if file.leads[:end].endswith(" "):
                names.append(file.leads[: end - 1])
        found = [by_leads[name] for name in names if name in by_leads]
        if file.album_artist in by_artist:
            found.append(by_artist[file.album_artist])
        return min(found, key=_shortest)

    @cached_property
    def led(self) -> Counter[GroupedFile]:
        """How many of `shown` each of them is the lead of."""
        return Counter(self.lead(file) for file in self.shown)

    @cached_property
    def distinct(self) -> bool:
        """Whether all without a release id have a track number, and no two the same one of the same disc."""
        return numbers_of(self.unidentified)[0]

    @cached_property
    def complete(self) -> bool:
        """Whether the track numbers of all are distinct, and every disc counts from 1 without a gap."""
        return numbers_of(self.files)[1]

    @cached_property
    def marked(self) -> bool:
        """Whether most of those without a release id are marked as a compilation."""
        return sum(file.tags.compilation for file in self.unidentified) * 2 > len(self.unidentified)

    @cached_property
    def apart(self) -> bool:
        """Whether those without an album artist are several albums: distinct numbers for every first track artist, who has
        at least two, and the same numbers again for another."""
        by_artist: dict[str, list[GroupedFile]] = {}
        for file in self.unidentified:
            if not file.album_artist:
                by_artist.setdefault(file.artist, []).append(file)
        if len(by_artist) < 2 or "" in by_artist or self.distinct:
            return False
        return all(len(files) > 1 and numbers_of(files)[0] for files in by_artist.values())


def _shortest(file: GroupedFile) -> tuple[int, str, str]:
    return len(file.leads), file.leads, file.album_artist


def numbers_of(files: Sequence[GroupedFile]) -> tuple[bool, bool]:
    """Whether the disc and track numbers of `files` are all there and distinct, and whether they also leave no gap."""
    places = {file.position for file in files}
    if None in places or len(places) != len(files):
        return False, False
    discs: dict[int, set[int]] = {}
    for place in places:
        if place is not None:
            discs.setdefault(place[0], set()).add(place[1])
    return True, all(numbers == set(range(1, len(numbers) + 1)) for numbers in discs.values())


def most_common(counted: Counter[str]) -> str:
    """The value counted most often, the smallest among equals; there must be one."""
    return min(counted, key=lambda value: (-counted[value], value))


class Neighbours:
    """What the files of one album folder say together, so that one with poor tags can follow the others."""

    __slots__ = ("files", "keys", "sets", "titles")

    def __init__(self, files: Iterable[GroupedFile] = ()) -> None:
        self.files = list(files)
        self.titles: dict[str, Titled] = {}
        """Those with an album title, by it."""
        self.keys: dict[str, AlbumKey] = {}
        """The albums that those with a title belong to, once that is known, by their groups."""
        self.sets: dict[tuple[int, str], bool] = {}
        """Whether the disc folders are one set of so many discs by this album artist, once that was asked."""

    @classmethod
    def of(cls, files: Iterable[GroupedFile]) -> Neighbours:
        found = cls(files)
        for file in found.files:
            if file.album:
                found.titles.setdefault(file.album, Titled()).files.append(file)
        return found

    def titled(self, file: GroupedFile) -> Titled | None:
        """The files of the folder that say the same album as `file`; None where it says none, or nothing is known."""
        return self.titles.get(file.album) if file.album else None

    def decided(self, key: AlbumKey) -> None:
        """Note which album a file with a title belongs to."""
        if self.files:
            self.keys.setdefault(key.group, key)

    @property
    def only_album(self) -> AlbumKey | None:
        """The one album that everything with a title belongs to, if there is just one."""
        return next(iter(self.keys.values())) if len(self.keys) == 1 else None

    def are_one_set(self, discs: int, album_artist: str) -> bool:
        """Whether all files with a title lie in folders of discs, by this album artist, and number them as one set of so
        many discs, with one title each."""
        known = self.sets.get((discs, album_artist))
        if known is None:
            known = self.sets[(discs, album_artist)] = self._are_one_set(discs, album_artist)
        return known

    def _are_one_set(self, discs: int, album_artist: str) -> bool:
        numbers: dict[str, int] = {}
        for title, titled in self.titles.items():
            for file in titled.files:
                number = file.tags.disc_number
                same = (file.tags.disc_total, file.album_artist) == (discs, album_artist)
                if not same or number is None or file.tags.release_mbid or disc_of_folder(file.within) is None:
                    return False
                if numbers.setdefault(title, number) != number:
                    return False
        return len(numbers) > 1 and len(set(numbers.values())) == len(numbers)


@lru_cache(maxsize=1_024)
def folder_group(folder: bytes, album: str, artist: str) -> str:
    """The key of an album of one folder."""
    digest = blake2b(digest_size=16)
    for part in (folder, album.encode(), artist.encode()):
        digest.update(len(part).to_bytes(4, "little"))
        digest.update(part)
    return f"folder:{digest.hexdigest()}"
