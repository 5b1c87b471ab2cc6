"""Why a build cannot begin or go on. What it has done so far is kept in each case, and the next build goes on from there."""

from __future__ import annotations

from pathlib import Path

from segue.core.errors import Conflict, SegueError, Unavailable


class BuildCancelled(Conflict):
    def __init__(self, out: Path) -> None:
        super().__init__(
            "build_cancelled",
            f"The build of {out} was cancelled.",
            hint="Building again from the same source goes on where it was.",
        )


class AlreadyBuilding(Conflict):
    """Another build of the same snapshot runs; `holder` says who."""

    def __init__(self, out: Path, holder: str) -> None:
        super().__init__(
            "already_building",
            f"{out} is being built by somebody else ({holder}).",
            hint="Wait for it, or build into another folder.",
        )


class NoRoom(Unavailable):
    """The disk is full, or a quota is used up."""

    def __init__(self, folder: Path, free: int, why: str) -> None:
        super().__init__(
            "no_room",
            f"There is no room left to build in {folder} ({why}; {free:,} bytes free).",
            hint="Make room and build again: it goes on where it was. What is served has not been touched.",
        )


class NotWhatItSays(SegueError):
    """What was built does not agree with its source; it is not put into place."""

    def __init__(self, folder: Path, differences: list[str]) -> None:
        super().__init__(
            "build_differs",
            f"What was built in {folder} is not what the source says: {'; '.join(differences[:3])}.",
            hint="If the source changed meanwhile, build again. The snapshot that is served has not been touched.",
        )
        self.differences = differences


class NotASnapshotFolder(Conflict):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            "not_a_snapshot_folder",
            f"{folder} exists and is no snapshot; it is left alone.",
            hint="Name a folder that does not exist yet, or one that holds a snapshot.",
        )
