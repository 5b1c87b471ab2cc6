"""What a person can decide about albums, and which album a file is in by it. Pure functions; the tables are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from segue.core.ids import format_id
from segue.library.scan.grouping import AlbumKey, GroupedFile, folder_group
from segue.library.scan.paths import displayed, is_inside

FOLDER_DECISIONS = ("one_album", "each_folder", "album_tag", "usual")
"""All of a folder is one album; each folder is one; by the album tag alone; by the usual rules, below another decision."""
ALBUM_DECISIONS = ("merge", "split")
TRACK_DECISIONS = ("move", "separate")
"""Tracks belong to another album; tracks are an album of their own."""
SPLIT_BY = ("disc", "folder", "album_artist", "date", "release_id")

SENTENCES = {
    "override_one_album": "One album because {by} said on {on} that everything in “{folder}” is one.",
    "override_each_folder": "One album because {by} said on {on} that in “{scope}” each folder is one; this is “{folder}”.",
    "override_album_tag": "One album because {by} said on {on} that in “{scope}” the album title decides; this is “{album}”.",
    "override_merge": "One album because {by} merged it on {on}.",
    "override_split": "An album of its own because {by} split it by {what} on {on}: “{value}”.",
    "override_move": "One album because {by} moved tracks into it on {on}.",
    "override_separate": "An album of its own because {by} took its tracks out of another on {on}.",
}
_WHAT = {
    "disc": "disc",
    "folder": "folder",
    "album_artist": "album artist",
    "date": "date",
    "release_id": "release id",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of `grouping_overrides`. `groups` are the keys of the albums that it is about as a whole."""

    id: int
    library_id: int
    scope: str
    decision: str
    folder: bytes | None
    params: dict[str, Any]
    by: str
    at: datetime

    @property
    def groups(self) -> list[str]:
        return list(self.params.get("groups") or ())

    @property
    def own_group(self) -> str:
        """The key of the one album this makes; of a split, the beginning of each."""
        return f"set:{self.id}"

    def covers(self, folder: bytes) -> bool:
        """Whether a decision about a folder is about files in `folder`."""
        if self.folder is None:
            return False
        if self.params.get("subfolders", True):
            return is_inside(folder, self.folder)
        return folder == self.folder

    def key(self, file: GroupedFile, usual: AlbumKey) -> AlbumKey:
        """The album of `file`, which the rules would put into `usual`."""
        match self.decision:
            case "one_album":
                return self._key(self.own_group, folder=_shown(self.folder))
            case "each_folder":
                group = folder_group(file.folder, "", "")
                return self._key(group, folder=displayed(file.folder), scope=_shown(self.folder))
            case "album_tag" if file.album:
                group = f"{self.own_group}:{_short(file.album)}"
                return self._key(group, album=file.title, scope=_shown(self.folder))
            case "merge" | "move" | "separate":
                return self._key(self.own_group)
            case "split":
                by = str(self.params.get("by"))
                value = split_value(file, by)
                return self._key(f"{self.own_group}:{_short(value)}", what=_WHAT.get(by, by), value=value or "?")
            case _:
                return usual

    def _key(self, group: str, **facts: Any) -> AlbumKey:
        params = {"override": format_id("go", self.id), "by": self.by, "on": self.at.date().isoformat(), **facts}
        return AlbumKey(group, f"override_{self.decision}", params)


TOLD = {
    "one_album": "Everything in “{folder}” is one album.",
    "each_folder": "In “{folder}” each folder is one album.",
    "album_tag": "In “{folder}” the album title decides.",
    "usual": "In “{folder}” the usual rules hold.",
    "merge": "Albums are part of “{title}”.",
    "split": "“{title}” is split by {what}.",
    "move": "Tracks are part of “{title}”.",
    "separate": "Tracks are an album of their own.",
}


def told(decision: Decision) -> str:
    """What a decision says, in English."""
    what = _WHAT.get(str(decision.params.get("by")), "")
    folder = _shown(decision.folder)
    return TOLD[decision.decision].format(folder=folder, title=decision.params.get("title", ""), what=what)


def split_value(file: GroupedFile, by: str) -> str:
    """What a file says about that by which an album is split; empty where it says nothing."""
    tags = file.tags
    match by:
        case "disc":
            return str(file.disc)
        case "folder":
            return displayed(file.within)
        case "album_artist":
            return tags.album_artist_display or ", ".join(credit.name for credit in tags.album_artists)
        case "date":
            return tags.date or ""
        case _:
            return tags.release_mbid or ""


def _shown(folder: bytes | None) -> str:
    """A folder for people; the library's own is `/`."""
    return displayed(folder or b"") or "/"


def _short(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
