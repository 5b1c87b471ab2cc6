"""Group tracks into albums, and say why.

Rules are tried in order; the first that decides wins, and its name is stored with the album so that a person can ask "why
is this one album?" and get an answer. A rule sees one file and the folder it lies in, never the whole library, so what a
scan decides does not depend on the order in which it met the files.

The folder of an album is the folder of its files, except that `CD1`, `Disc 2` and the like stand for their parent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from segue.core.text import fold
from segue.library.scan.facts import TrackTags
from segue.library.scan.walk import displayed, name_of, parent_of

_DISC_WORD = r"(?:cd|dvd|sacd|disc|disk|disque|disco|lp|vinyl|диск)"
_DISC_FOLDER = re.compile(rf"^(?:.*[\s_.,\-–(\[])?{_DISC_WORD}[\s_.\-#]*(\d{{1,2}})\b[^/]*$", re.IGNORECASE)
_DISC_SUFFIX = re.compile(
    rf"\s*(?:[(\[]\s*{_DISC_WORD}\s*(\d{{1,2}})[^)\]]*[)\]]|\s[-–]\s*{_DISC_WORD}\s*(\d{{1,2}})|,\s*{_DISC_WORD}\s*(\d{{1,2}}))\s*$",
    re.IGNORECASE,
)
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")


@lru_cache(maxsize=32_768)
def name_key(name: str) -> str:
    """What a name is looked up by: case, width and spacing folded, marks kept (Björk is not Bjork, but BJÖRK is Björk)."""
    return " ".join(unicodedata.normalize("NFKC", name).translate(_APOSTROPHES).casefold().split()) or name


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


class GroupedFile(NamedTuple):
    """What the rules look at."""

    folder: bytes
    """Of the album: see `album_folder`."""
    tags: TrackTags

    @property
    def album(self) -> str:
        """The album's title folded, without a disc suffix; empty where the tags say none."""
        return fold(split_disc_suffix(self.tags.album)[0]) if self.tags.album else ""

    @property
    def album_artist(self) -> str:
        """The album artists folded, by name; empty where the tags say none."""
        if self.tags.album_artists:
            return "\x1f".join(fold(credit.name) for credit in self.tags.album_artists)
        return fold(self.tags.album_artist_display or "")


@dataclass(slots=True)
class Neighbours:
    """What the files of one album folder say together, so that a file with poor tags can follow the others."""

    releases: dict[str, set[str]] = field(default_factory=dict)
    """MusicBrainz release ids by album title."""
    album_artists: dict[str, set[str]] = field(default_factory=dict)
    """Album artists by album title."""

    @classmethod
    def of(cls, files: Iterable[GroupedFile]) -> Neighbours:
        found = cls()
        for file in files:
            if not file.tags.album:
                continue
            releases = found.releases.setdefault(file.album, set())
            artists = found.album_artists.setdefault(file.album, set())
            if file.tags.release_mbid:
                releases.add(file.tags.release_mbid)
            elif file.album_artist:
                artists.add(file.album_artist)
        return found

    @property
    def only_album(self) -> str | None:
        """The one title that every tagged file agrees on, if there is one."""
        return next(iter(self.releases)) if len(self.releases) == 1 else None


class Rule(Protocol):
    name: str

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        """The album this file belongs to by this rule, or None where the rule has nothing to say."""


class ReleaseId:
    """Files with one MusicBrainz release id are one album, wherever they lie."""

    name = "musicbrainz_release"

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        release = file.tags.release_mbid
        if not release:
            return None
        return AlbumKey(f"release:{release}", self.name, {"release": release})


class ReleaseOfNeighbours:
    """A file without a release id follows those of its folder that have its album title, where they agree on one."""

    name = "neighbours_release"

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        releases = neighbours.releases.get(file.album) if file.tags.album else None
        if releases is None or len(releases) != 1:
            return None
        release = next(iter(releases))
        return AlbumKey(f"release:{release}", self.name, {"release": release, "album": file.tags.album})


class FolderAlbumArtist:
    """One folder, one album title, one album artist."""

    name = "folder_album_artist"

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        if not file.tags.album or not file.album_artist:
            return None
        return AlbumKey(
            _group(file.folder, file.album, file.album_artist),
            self.name,
            {
                "folder": displayed(file.folder),
                "album": split_disc_suffix(file.tags.album)[0],
                "album_artist": file.tags.album_artist_display or ", ".join(c.name for c in file.tags.album_artists),
            },
        )


class FolderAlbum:
    """One folder and one album title where no album artist is given: the album artist of the others, else of nobody."""

    name = "folder_album"

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        if not file.tags.album:
            return None
        artists = neighbours.album_artists.get(file.album, set())
        artist = next(iter(artists)) if len(artists) == 1 else ""
        return AlbumKey(
            _group(file.folder, file.album, artist),
            self.name,
            {"folder": displayed(file.folder), "album": split_disc_suffix(file.tags.album)[0]},
        )


class OnlyAlbumOfFolder:
    """A file without an album tag belongs to the one album that everything else in its folder is of."""

    name = "only_album_of_folder"

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        album = neighbours.only_album
        if album is None:
            return None
        releases, artists = neighbours.releases[album], neighbours.album_artists[album]
        params = {"folder": displayed(file.folder)}
        if len(releases) == 1 and not artists:
            return AlbumKey(f"release:{next(iter(releases))}", self.name, params)
        if not releases and len(artists) <= 1:
            return AlbumKey(_group(file.folder, album, next(iter(artists), "")), self.name, params)
        return None


class FolderAlone:
    """Without an album tag the folder is the album."""

    name = "folder"

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        return AlbumKey(_group(file.folder, "", ""), self.name, {"folder": displayed(file.folder)})


RULES: tuple[Rule, ...] = (
    ReleaseId(),
    ReleaseOfNeighbours(),
    FolderAlbumArtist(),
    FolderAlbum(),
    OnlyAlbumOfFolder(),
    FolderAlone(),
)

SENTENCES = {
    "musicbrainz_release": "One album because every file has the MusicBrainz release id {release}.",
    "neighbours_release": "One album because the other files of “{album}” in the folder have the release id {release}.",
    "folder_album_artist": "One album because the files lie in “{folder}” and say album “{album}” by “{album_artist}”.",
    "folder_album": "One album because the files lie in “{folder}” and say album “{album}”, with no album artist.",
    "only_album_of_folder": "One album because the folder “{folder}” holds no other.",
    "folder": "One album because the files lie in “{folder}” and say no album.",
}


def sentence(rule: str, params: dict[str, Any]) -> str:
    """Why an album is one, in English; an unknown rule is answered by its name."""
    try:
        return SENTENCES[rule].format_map(params)
    except KeyError:
        return rule.replace("_", " ")


def album_key(file: GroupedFile, neighbours: Neighbours, rules: Iterable[Rule] = RULES) -> AlbumKey:
    """The album of a file by the first rule that decides; the last of RULES always does."""
    for rule in rules:
        key = rule.key(file, neighbours)
        if key is not None:
            return key
    raise ValueError("no rule decided; the last one must")


def _group(folder: bytes, album: str, artist: str) -> str:
    digest = blake2b(digest_size=16)
    for part in (folder, album.encode(), artist.encode()):
        digest.update(len(part).to_bytes(4, "little"))
        digest.update(part)
    return f"folder:{digest.hexdigest()}"
