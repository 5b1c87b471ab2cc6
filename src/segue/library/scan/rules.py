"""The rules that group tracks into albums, in the order in which they are asked; the first that decides wins.

A rule sees one file and the album folder it lies in, never the whole library, so what a scan decides does not depend on
the order in which it met the files. Its name and the facts it decided by are stored with the album, so that a person can
ask "why is this one album?" and get an answer.

Three complaints shaped them: albums torn apart because a guest stands in some of their album artists, compilations torn
apart by artist, and albums joined because they have one title in one folder. Where tags disagree the track numbers are
asked: files that count from 1 to 12 without a gap are one album, files that count from 1 to 12 twice are two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from segue.core.text import fold
from segue.library.scan.grouping import (
    AlbumKey,
    GroupedFile,
    Neighbours,
    folder_group,
    shown_album_artist,
    shown_artist,
)
from segue.library.scan.paths import displayed

FEW = 4
"""So many files must complete each other's numbers before that alone joins different album artists, where the folder
holds other albums too: two first tracks of two albums lie beside each other by chance."""
_VARIOUS = frozenset(fold(name) for name in ("Various Artists", "Various", "VA", "Verschiedene Interpreten"))


class Rule(Protocol):
    """`sentence` says in English why an album is one, with the rule's parameters in braces; `meaning` what the rule does."""

    @property
    def name(self) -> str: ...

    @property
    def meaning(self) -> str: ...

    @property
    def sentence(self) -> str: ...

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        """The album this file belongs to by this rule, or None where the rule has nothing to say."""


class StrayRelease:
    """A file whose release id differs from most others' of its folder and album title, but whose number is their gap."""

    name: ClassVar = "stray_release"
    meaning: ClassVar = (
        "A few files with another release id belong to the others of their folder and album title, where together their "
        "track numbers are complete."
    )
    sentence: ClassVar = (
        "One album because most files of “{album}” in “{folder}” have the release id {release}, and the others are the "
        "missing tracks."
    )

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        titled = neighbours.titled(file)
        if titled is None or not file.tags.release_mbid or len(titled.releases) < 2:
            return None
        release = titled.release
        if (
            file.tags.release_mbid == release
            or titled.releases[release] * 2 <= len(titled.files)
            or not titled.complete
        ):
            return None
        params = {"folder": displayed(file.folder), "album": file.title, "release": release}
        return AlbumKey(f"release:{release}", self.name, params)


class ReleaseId:
    """Files with one MusicBrainz release id are one album, wherever they lie."""

    name: ClassVar = "musicbrainz_release"
    meaning: ClassVar = "Files with one MusicBrainz release id are one album, wherever they lie."
    sentence: ClassVar = "One album because every file has the MusicBrainz release id {release}."

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        release = file.tags.release_mbid
        if not release:
            return None
        return AlbumKey(f"release:{release}", self.name, {"release": release})


class ReleaseOfNeighbours:
    """A file without a release id follows those of its folder that have its album title, where they agree on one."""

    name: ClassVar = "neighbours_release"
    meaning: ClassVar = (
        "A file without a release id follows those of its folder and album title, where they agree on one."
    )
    sentence: ClassVar = "One album because the other files of “{album}” in the folder have the release id {release}."

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        titled = neighbours.titled(file)
        if titled is None or len(titled.releases) != 1:
            return None
        release = next(iter(titled.releases))
        return AlbumKey(f"release:{release}", self.name, {"release": release, "album": file.tags.album})


class DiscSet:
    """Discs in folders of their own, each with a title of its own, that count themselves through: a box set."""

    name: ClassVar = "disc_set"
    meaning: ClassVar = (
        "Disc folders with a title each are one album where the tags number them as the discs of one set."
    )
    sentence: ClassVar = (
        "One album because the disc folders in “{folder}” are by “{album_artist}” and number themselves as one set of "
        "{discs} discs."
    )

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        total = file.tags.disc_total
        if not total or total < 2 or len(neighbours.titles) < 2 or not file.album_artist:
            return None
        if not neighbours.are_one_set(total, file.album_artist):
            return None
        params = {
            "folder": displayed(file.folder),
            "album_artist": shown_album_artist(file.tags),
            "discs": total,
        }
        return AlbumKey(folder_group(file.folder, "\0discs", file.album_artist), self.name, params)


class FolderCompilation:
    """One folder and one album title, marked as a compilation: one album, whoever its album artists are."""

    name: ClassVar = "folder_compilation"
    meaning: ClassVar = (
        "Files of one folder that say one album and are marked as a compilation are one album, whoever they are by."
    )
    sentence: ClassVar = (
        "One album because the files lie in “{folder}”, say album “{album}” and are marked as a compilation."
    )

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        titled = neighbours.titled(file)
        if titled is None or file.tags.release_mbid or len(titled.artists) < 2 or not titled.distinct:
            return None
        if not titled.marked and not any(artist in titled.artists for artist in _VARIOUS):
            return None
        params = {"folder": displayed(file.folder), "album": file.title}
        return AlbumKey(folder_group(file.folder, file.album, fold("Various Artists")), self.name, params)


class FolderFirstArtist:
    """One folder and one album title, where some album artists only add guests to one that others have alone."""

    name: ClassVar = "folder_first_artist"
    meaning: ClassVar = (
        "Files of one folder and album title whose album artists are one artist with and without guests are one album."
    )
    sentence: ClassVar = (
        "One album because the files lie in “{folder}”, say album “{album}” and have the album artist “{album_artist}”, "
        "on some with guests."
    )

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        titled = neighbours.titled(file)
        if titled is None or not file.leads or file.tags.release_mbid or len(titled.shown) < 2:
            return None
        lead = titled.lead(file)
        if titled.led[lead] < 2:
            return None
        params = {
            "folder": displayed(file.folder),
            "album": file.title,
            "album_artist": shown_album_artist(lead.tags),
        }
        return AlbumKey(folder_group(file.folder, file.album, lead.album_artist), self.name, params)


class FolderNumbers:
    """One folder and one album title with several album artists, whose track numbers complete each other."""

    name: ClassVar = "folder_numbers"
    meaning: ClassVar = (
        "Files of one folder and one album title are one album in spite of different album artists, where together their "
        "track numbers are complete."
    )
    sentence: ClassVar = (
        "One album because the files lie in “{folder}”, say album “{album}”, and their track numbers complete each other "
        "though their album artists differ."
    )

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        titled = neighbours.titled(file)
        if (
            titled is None
            or file.tags.release_mbid
            or len(titled.artists) < 2
            or titled.releases
            or not titled.complete
        ):
            return None
        if len(titled.files) < FEW and len(neighbours.titles) > 1:
            return None
        params = {"folder": displayed(file.folder), "album": file.title}
        return AlbumKey(folder_group(file.folder, file.album, titled.artist), self.name, params)


class FolderAlbumArtist:
    """One folder, one album title, one album artist."""

    name: ClassVar = "folder_album_artist"
    meaning: ClassVar = "Files of one folder that say the same album and the same album artist are one album."
    sentence: ClassVar = "One album because the files lie in “{folder}” and say album “{album}” by “{album_artist}”."

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        if not file.album or not file.album_artist:
            return None
        return AlbumKey(
            folder_group(file.folder, file.album, file.album_artist),
            self.name,
            {"folder": displayed(file.folder), "album": file.title, "album_artist": shown_album_artist(file.tags)},
        )


class FolderArtistNumbers:
    """One folder and one album title, no album artist, and numbers that are there several times: one album an artist."""

    name: ClassVar = "folder_artist_numbers"
    meaning: ClassVar = (
        "Files of one folder and one album title without album artists are one album an artist, where every artist's track "
        "numbers are distinct and those of different artists collide."
    )
    sentence: ClassVar = (
        "An album of its own because the files of “{album}” in “{folder}” by “{artist}” have the same track numbers as "
        "those by others."
    )

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        titled = neighbours.titled(file)
        if titled is None or file.album_artist or file.tags.release_mbid or titled.artists or not titled.apart:
            return None
        params = {"folder": displayed(file.folder), "album": file.title, "artist": shown_artist(file.tags)}
        return AlbumKey(folder_group(file.folder, file.album, file.artist), self.name, params)


class FolderAlbum:
    """One folder and one album title where no album artist is given: the album artist of the others, else of nobody."""

    name: ClassVar = "folder_album"
    meaning: ClassVar = (
        "Files of one folder that say the same album with no album artist are one album; the album artist is that of the "
        "others, if they agree on one."
    )
    sentence: ClassVar = "One album because the files lie in “{folder}” and say album “{album}”, with no album artist."

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        if not file.album:
            return None
        titled = neighbours.titled(file)
        artists = titled.artists if titled else {}
        if file.artist in artists:
            artist = file.artist
        else:
            artist = next(iter(artists)) if len(artists) == 1 else ""
        params = {"folder": displayed(file.folder), "album": file.title}
        return AlbumKey(folder_group(file.folder, file.album, artist), self.name, params)


class OnlyAlbumOfFolder:
    """A file without an album tag belongs to the one album that everything else in its folder is of."""

    name: ClassVar = "only_album_of_folder"
    meaning: ClassVar = "A file that says no album belongs to the only album its folder holds."
    sentence: ClassVar = "One album because the folder “{folder}” holds no other."

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        only = neighbours.only_album
        if file.album or only is None:
            return None
        return AlbumKey(only.group, self.name, {"folder": displayed(file.folder)})


class FolderAlone:
    """Without an album tag the folder is the album."""

    name: ClassVar = "folder"
    meaning: ClassVar = "Otherwise the folder is the album."
    sentence: ClassVar = "One album because the files lie in “{folder}” and say no album."

    def key(self, file: GroupedFile, neighbours: Neighbours) -> AlbumKey | None:
        return AlbumKey(folder_group(file.folder, "", ""), self.name, {"folder": displayed(file.folder)})


LAST = FolderAlone()
RULES: tuple[Rule, ...] = (
    StrayRelease(),
    ReleaseId(),
    ReleaseOfNeighbours(),
    DiscSet(),
    FolderCompilation(),
    FolderFirstArtist(),
    FolderNumbers(),
    FolderAlbumArtist(),
    FolderArtistNumbers(),
    FolderAlbum(),
    OnlyAlbumOfFolder(),
    LAST,
)
"""All rules, in the order in which they are asked unless somebody chose another."""
BY_NAME = {rule.name: rule for rule in RULES}
ORDER = {rule.name: place for place, rule in enumerate(RULES)}


_chosen: list[tuple[Rule, ...]] = []


def usual() -> tuple[Rule, ...]:
    """The rules of every library that has none of its own."""
    return _chosen[0] if _chosen else RULES


def choose_usual(names: Sequence[str]) -> None:
    """Take these rules for every library of this process that has none of its own; see `rules_of`. Raises UnknownRule."""
    _chosen[:] = [rules_of(names)]


def rules_of(names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of these names in this order, each once; all in the usual order for none. The folder alone is always last,
    since every track is in an album. Raises UnknownRule."""
    if not names:
        return RULES
    for name in names:
        if name not in BY_NAME:
            raise _unknown(name)
    chosen = [BY_NAME[name] for name in dict.fromkeys(names) if name != LAST.name]
    return (*chosen, LAST)


def _unknown(name: str) -> Exception:
    from segue.library.scan.errors import UnknownRule

    return UnknownRule(name, [rule.name for rule in RULES])


def album_keys(files: Sequence[GroupedFile], neighbours: Neighbours, rules: Iterable[Rule] = RULES) -> list[AlbumKey]:
    """The album of each file by the first rule that decides. Those with a title come first, since others follow them."""
    asked = tuple(rules)
    found: dict[int, AlbumKey] = {}
    for titled in (True, False):
        before: GroupedFile | None = None
        key: AlbumKey | None = None
        for place, file in enumerate(files):
            if bool(file.album) is titled:
                if before is None or key is None or not file.says_what(before):
                    key = _decide(file, neighbours, asked)
                    before = file
                    if titled:
                        neighbours.decided(key)
                found[place] = key
    return [found[place] for place in range(len(files))]


def _decide(file: GroupedFile, neighbours: Neighbours, rules: Sequence[Rule]) -> AlbumKey:
    for rule in rules:
        key = rule.key(file, neighbours)
        if key is not None:
            return key
    raise ValueError("no rule decided; the last one must")
