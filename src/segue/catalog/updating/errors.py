"""What stands in the way of an update, beside the faults of the place that is fetched from (core.outside.faults)."""

from __future__ import annotations

from pathlib import Path

from segue.core.errors import SegueError, Unavailable


class NoSuchDump(SegueError):
    """The place does not have what a build needs."""

    status = 502

    def __init__(self, place: str, what: str) -> None:
        super().__init__(
            "no_such_dump",
            f"{place} has no {what}.",
            hint="The setting catalog.update.url names another mirror.",
            place=place,
            what=what,
        )


class WrongChecksum(Unavailable):
    """What came is not what the place says it gives, twice over; it was thrown away."""

    def __init__(self, name: str, wanted: str, got: str) -> None:
        super().__init__(
            "wrong_checksum",
            f"{name} did not arrive as it was sent: its checksum is {got[:16]}…, not {wanted[:16]}….",
            hint="A proxy or a full disk on the way changes what passes; another mirror may help.",
            name=name,
        )


class NoRoomForDump(Unavailable):
    """The disk would have less room left than the settings allow."""

    def __init__(self, folder: Path, needed: int, free: int, floor: int) -> None:
        super().__init__(
            "no_room_for_dump",
            f"{folder} has {free / 1e9:,.1f} GB free; {needed / 1e9:,.1f} GB are still to come, "
            f"and {floor / 1e9:,.1f} GB stay free.",
            hint="catalog.update.directory names another folder, catalog.update.free_gb how much stays free.",
            needed=needed,
            free=free,
            floor=floor,
        )
