"""Finding what somebody does something with: tracks, albums and artists that they may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from segue.core.access import Actor
from segue.core.db import Database, Transaction
from segue.core.ids import TypedId
from segue.core.remembered import Memory, Remembered
from segue.listening.errors import CannotAnnotate, ThingNotFound

ANNOTATED_KINDS = ("track", "album", "artist")
PREFIXES = {"track": "tr", "album": "al", "artist": "ar", "genre": "ge"}


class Things:
    """The ground of listening's verbs: the database, and who knows what things are called."""

    def __init__(self, db: Database, music: Memory) -> None:
        self._db = db
        self._music = music

    async def _find(self, tx: Transaction, actor: Actor, things: Iterable[TypedId]) -> dict[str, list[Remembered]]:
        """The things by kind. Raises CannotAnnotate, and ThingNotFound for one that is not there or not to be seen."""
        found: dict[str, list[Remembered]] = {}
        for kind, ids in by_kind(things).items():
            known = await self._music.remembered(tx.conn, actor, kind, ids)
            for number in ids:
                if number not in known:
                    raise ThingNotFound(TypedId(PREFIXES[kind], number))
            found[kind] = [known[number] for number in dict.fromkeys(ids)]
        return found

    @staticmethod
    def _announce(tx: Transaction, actor: Actor, kind: str, ids: Iterable[int]) -> None:
        for number in ids:
            tx.changed(kind, number, user_id=actor.person)


def by_kind(things: Iterable[TypedId]) -> dict[str, list[int]]:
    """The numbers of things by kind. Raises CannotAnnotate for what is no track, album or artist."""
    found: dict[str, list[int]] = defaultdict(list)
    for typed in things:
        if typed.kind not in ANNOTATED_KINDS:
            raise CannotAnnotate(typed)
        found[typed.kind].append(typed.number)
    return found
