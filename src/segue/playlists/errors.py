"""What can be wrong with playlists. A list that may not be seen is not found, like one that does not exist."""

from __future__ import annotations

from collections.abc import Sequence

from segue.core.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from segue.core.ids import TypedId, format_id


class PlaylistNotFound(NotFound):
    def __init__(self, playlist_id: int) -> None:
        super().__init__("playlist_not_found", f"There is no playlist {format_id('pl', playlist_id)}.")


class FolderNotFound(NotFound):
    def __init__(self, folder_id: int) -> None:
        super().__init__("playlist_folder_not_found", f"You have no folder {format_id('pf', folder_id)}.")


class RevisionNotFound(NotFound):
    def __init__(self, revision: int) -> None:
        super().__init__(
            "revision_not_found", f"Change {revision} of this playlist is not remembered.", revision=revision
        )


class NotYourPlaylist(Forbidden):
    def __init__(self, name: str) -> None:
        super().__init__("not_your_playlist", f"{name!r} belongs to someone else.", name=name)


class BadPlaylist(Invalid):
    """A list that cannot be made or changed like this; `code` says why."""

    def __init__(self, code: str, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        fields = (FieldProblem(field, code, message),) if field else ()
        super().__init__(code, message, hint=hint, fields=fields)


class TrackNotFound(NotFound):
    def __init__(self, track_id: int) -> None:
        super().__init__("track_not_found", f"There is no track {TypedId('tr', track_id)}.")


class RowNotFound(NotFound):
    def __init__(self, row_id: int) -> None:
        super().__init__(
            "playlist_row_not_found",
            f"The playlist has no row {format_id('pr', row_id)}.",
            hint="Somebody may have removed it. Fetch the playlist again.",
        )


class PersonNotFound(NotFound):
    def __init__(self, said: str) -> None:
        super().__init__("person_not_found", f"There is nobody called {said[:80]!r} here.", person=said[:80])


class PlaylistChanged(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "playlist_changed", "The playlist was changed meanwhile.", hint="Fetch it again and repeat the change."
        )


class NothingToUndo(Conflict):
    def __init__(self) -> None:
        super().__init__("nothing_to_undo", "There is no change of this playlist left to take back.")


class PlaylistCycle(Invalid):
    """Smart playlists that are filled from one another in a circle: `chain` names them, the first once more at the end."""

    def __init__(self, chain: Sequence[str]) -> None:
        named = " → ".join(chain)
        message = f"These playlists are filled from one another in a circle: {named}."
        super().__init__(
            "playlist_cycle", message, fields=(FieldProblem("query", "playlist_cycle", message),), chain=list(chain)
        )


class TooDeep(Invalid):
    def __init__(self, levels: int) -> None:
        message = f"Playlists are filled from one another over more than {levels} levels."
        super().__init__("playlists_too_deep", message, fields=(FieldProblem("query", "playlists_too_deep", message),))
