"""What can be wrong with bringing playlists in and out."""

from __future__ import annotations

from segue.core.errors import Conflict, Invalid, NotFound
from segue.core.ids import format_id
from segue.playlists.exchange.reasons import sentence


class ImportNotFound(NotFound):
    def __init__(self, import_id: int) -> None:
        super().__init__("playlist_import_not_found", f"You have no import {format_id('pi', import_id)}.")


class ImportListNotFound(NotFound):
    def __init__(self, number: int) -> None:
        super().__init__("playlist_import_list_not_found", f"The import has no list {number}, or no such row in it.")


class FileTooLarge(Invalid):
    """`size` is how large it is at least."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(
            "file_too_large", sentence("file_too_large", {"bytes": size, "most": most}), bytes=size, most=most
        )


class EmptyFile(Invalid):
    def __init__(self) -> None:
        super().__init__("file_empty", "The file is empty.")


class NoPlaylist(Invalid):
    """The file is no playlist at all; the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


class UnknownEncoding(Invalid):
    def __init__(self, encoding: str) -> None:
        shown = encoding[:40]
        super().__init__("unknown_encoding", sentence("unknown_encoding", {"encoding": shown}), encoding=shown)


class NotReady(Conflict):
    def __init__(self, state: str) -> None:
        super().__init__(
            "playlist_import_not_ready",
            f"The import is {state}.",
            hint="Wait until it is ready; its job says how far it is." if state in ("reading", "applying") else None,
            state=state,
        )


class NotWritten(Invalid):
    """A list that a format has no place for; the message says why."""

    def __init__(self, message: str) -> None:
        super().__init__("format_does_not_fit", message)


class PlaylistFileNotFound(NotFound):
    def __init__(self, source_id: int) -> None:
        super().__init__("playlist_file_not_found", f"There is no playlist file {format_id('px', source_id)}.")


class FileNotInConflict(Conflict):
    def __init__(self, path: str) -> None:
        super().__init__("playlist_file_in_step", f"“{path}” and its playlist are in step.", path=path)


class NeverWritten(Conflict):
    def __init__(self, path: str) -> None:
        super().__init__(
            "playlist_file_never_written", f"Segue has not written “{path}”; nothing is kept of it.", path=path
        )


class FileChangedSince(Conflict):
    def __init__(self, path: str) -> None:
        super().__init__(
            "playlist_file_changed",
            f"“{path}” was changed since Segue last looked at it.",
            hint="Scan its library; then say which holds, the file or the list.",
            path=path,
        )
