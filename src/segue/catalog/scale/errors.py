"""What can be wrong with shards and copies."""

from __future__ import annotations

from segue.core.errors import Invalid, SegueError, Unavailable


class ShardDown(Unavailable):
    """A shard does not answer, or answers from another catalogue than the others."""

    def __init__(self, shard: str, why: str) -> None:
        super().__init__(
            "shard_down", f"A part of the catalogue does not answer: {shard} ({why}).", retry_after_s=2, shard=shard
        )


class NotAShard(SegueError):
    def __init__(self, where: str) -> None:
        super().__init__(
            "not_a_shard",
            f"{where} is no shard of a catalogue.",
            hint="`segue catalog split SNAPSHOT --shards N --out DIR` makes shards.",
        )


class ShardsDiffer(SegueError):
    def __init__(self, why: str) -> None:
        super().__init__(
            "shards_differ",
            f"These are not all shards of one catalogue: {why}.",
            hint="Name each shard of one `segue catalog split` once.",
        )


class WrongNumber(Invalid):
    def __init__(self, shards: int, tracks: int, most: int) -> None:
        super().__init__(
            "wrong_number_of_shards",
            f"{tracks:,} tracks cannot be split into {shards:,} shards: there are 2 to {most}, with a track in each.",
        )
