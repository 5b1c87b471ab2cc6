"""What can go wrong with libraries, scans and pictures, for whoever asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from segue.core.errors import Conflict, FieldProblem, Invalid, NotFound
from segue.core.ids import format_id


class LibraryNotFound(NotFound):
    def __init__(self, library_id: int) -> None:
        text = format_id("li", library_id)
        super().__init__("library_not_found", f"There is no library {text}.", id=text)


class NoSuchFolder(Invalid):
    def __init__(self, path: str, reason: str) -> None:
        message = f"The folder {path} {reason}."
        super().__init__(
            "no_such_folder",
            message,
            hint="Give the full path of a folder on the server that Segue's user may read.",
            fields=[FieldProblem("path", "no_such_folder", message)],
            path=path,
        )


class LibraryOverlaps(Conflict):
    def __init__(self, path: str, name: str, other: str) -> None:
        super().__init__(
            "library_overlaps",
            f"The folder {path} overlaps with the library {name} at {other}; its music would be there twice.",
            path=path,
            library=name,
            other=other,
        )


class NotConfirmed(Conflict):
    def __init__(self, name: str, tracks: int, *, purge: bool = False) -> None:
        what = "Purging" if purge else "Removing"
        which = f"{tracks} missing tracks" if purge else f"its {tracks} tracks"
        super().__init__(
            "not_confirmed",
            f"{what} the library {name} forgets {which}. The files stay; plays and playlists keep their words.",
            hint=f"Confirm with the library's name: confirm={name}",
            name=name,
            tracks=tracks,
        )


class FolderNotFound(NotFound):
    def __init__(self, folder: str) -> None:
        super().__init__(
            "folder_not_found",
            f"There is no folder {folder} in any library.",
            hint="Give its id, its full path on the server, or its path inside of a library that is named.",
            folder=folder,
        )


class ArtworkNotFound(NotFound):
    def __init__(self, artwork_id: int) -> None:
        text = format_id("aw", artwork_id)
        super().__init__("artwork_not_found", f"There is no picture {text}.", id=text)


class UnknownRule(Invalid):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        message = f"There is no grouping rule {name!r}."
        super().__init__(
            "unknown_grouping_rule",
            message,
            hint=f"There are: {', '.join(known)}.",
            fields=[FieldProblem("rules", "unknown_grouping_rule", message)],
            name=name,
        )
