"""What can be wrong with a download, as it is told to who asks for one, and as it is kept with what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from segue.core.errors import Conflict, Invalid, NotFound, SegueError
from segue.core.ids import format_id

SENTENCES = {
    "stream_only": "The band lets this recording be streamed, not downloaded.",
    "private": "The archive does not give this file to anybody.",
    "dark": "The archive has withdrawn this recording.",
    "no_such_item": "The archive has no such recording.",
    "no_such_file": "The recording has no such file.",
    "no_audio": "The recording has no file in a format that is wanted.",
    "too_many_files": "The recording has more files than one download may have.",
    "over_quota": "It would take more room than this person may use.",
    "no_space": "The disk has too little room for it.",
    "gone": "The archive no longer has this file.",
    "refused": "The archive refused to give this file.",
    "html": "The archive sent a web page instead of the file.",
    "wrong_type": "What came is not a file of its format.",
    "wrong_size": "What came is not as long as the archive says.",
    "wrong_checksum": "What came does not have the checksum that the archive says.",
    "broken_off": "The connection broke too often.",
    "unreachable": "The archive did not answer.",
    "throttled": "The archive wants to be asked less often.",
    "bad_range": "The archive does not go on where the file stopped.",
    "disk": "The file could not be written.",
    "files_failed": "Some of its files could not be fetched.",
    "folder_unusable": "The folder for downloads cannot be used.",
    "internal": "Something went wrong inside Segue.",
}
"""The English sentence of every code that is kept with a download or a file."""
BLOCKING = frozenset({"stream_only", "private", "dark"})
"""Nobody can do anything about these: the download is blocked, not failed."""
LASTING = frozenset({"no_such_item", "no_such_file", "no_audio", "too_many_files", "over_quota", "gone"})
"""Trying again by itself is of no use."""


def kept(code: str, *, retryable: bool | None = None, **params: Any) -> dict[str, Any]:
    """What is kept with a row: {code, message, params, retryable}."""
    may = code not in BLOCKING and code not in LASTING if retryable is None else retryable
    return {"code": code, "message": SENTENCES[code], "params": params, "retryable": may}


class DownloadNotFound(NotFound):
    def __init__(self, number: int) -> None:
        text = format_id("dl", number)
        super().__init__("download_not_found", f"There is no download {text}.", id=text)


class NotAllowedToDownload(Conflict):
    """The item may not be downloaded by anybody: `code` stream_only, private or dark."""

    def __init__(self, code: str, identifier: str) -> None:
        super().__init__(f"download_{code}", SENTENCES[code], identifier=identifier)


class WrongState(Conflict):
    def __init__(self, number: int, state: str, verb: str) -> None:
        text = format_id("dl", number)
        super().__init__(
            "download_wrong_state", f"Download {text} is {state} and cannot be {verb}.", id=text, state=state
        )


class BadIdentifier(Invalid):
    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 100 else text[:99] + "…"
        super().__init__(
            "bad_identifier",
            f"{shown!r} is no identifier of the archive.",
            hint="It has letters, digits, dots, dashes and underscores: gd1977-05-08.shure57.stevenson.29303.flac16.",
            identifier=shown,
        )


class NothingWanted(Invalid):
    def __init__(self) -> None:
        super().__init__("nothing_wanted", "Say which recordings are wanted.", hint="A recording or its identifier.")


class NoSuchTarget(Invalid):
    def __init__(self, target: str) -> None:
        super().__init__("no_such_target", f"{target!r} is no library that downloads can go into.", target=target)


class FolderUnusable(SegueError):
    status = 503

    def __init__(self, folder: str, why: str) -> None:
        super().__init__("folder_unusable", f"The folder for downloads, {folder}, cannot be used: {why}.")


class Trouble(Exception):
    """One try of a file or a recording came to nothing. `code` is of SENTENCES.

    `lasting`: trying again is of no use. `at`: not before then. `from_zero`: what is there is of no use.
    """

    def __init__(
        self,
        code: str,
        *,
        lasting: bool = False,
        at: datetime | None = None,
        from_zero: bool = False,
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.lasting = lasting
        self.at = at
        self.from_zero = from_zero
        self.params = params

    @property
    def everywhere(self) -> bool:
        """It keeps every file of the recording waiting, not this one alone."""
        return self.code in ("unreachable", "throttled", "no_space")

    def kept(self) -> dict[str, Any]:
        return kept(self.code, retryable=not self.lasting and self.code not in BLOCKING, **self.params)
