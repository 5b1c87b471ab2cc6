"""Which album a file belongs to, with everything that has a say: the rules in their order, and a person's decisions.

A decision about tracks or albums outweighs one about a folder, the nearest folder one above it, and any of them the
rules. Of two about the same the later one holds. Where no decision was ever made, none of this costs anything.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.overrides import repository
from segue.library.overrides.decisions import SENTENCES, Decision
from segue.library.scan import rules as usual_rules
from segue.library.scan.grouping import AlbumKey, GroupedFile, Neighbours
from segue.library.scan.paths import is_inside
from segue.library.scan.rules import Rule, album_keys

if TYPE_CHECKING:
    from segue.library.scan.plan import FilePlan, Unit

Read = Callable[[], AbstractAsyncContextManager[AsyncConnection]]


class Grouping:
    """The rules and decisions of one library. `root` is its folder, where it may be looked at."""

    def __init__(
        self, rules: Sequence[Rule] | None = None, decisions: Sequence[Decision] = (), root: bytes | None = None
    ) -> None:
        self.rules = tuple(rules) if rules else usual_rules.usual()
        self._root = root
        self._folders: list[Decision] = []
        self._by_id: dict[int, Decision] = {}
        self._by_group: dict[str, Decision] = {}
        self._pins: dict[int, repository.Pin] = {}
        self._moved: dict[int, bytes] = {}
        self._learned: dict[int, set[str]] = {}
        for decision in decisions:
            self._know(decision)

    def _know(self, decision: Decision) -> None:
        self._by_id[decision.id] = decision
        if decision.scope == "folder":
            self._folders = [known for known in self._folders if known.id != decision.id]
            self._folders.append(decision)
            self._folders.sort(key=lambda one: (len(one.folder or b""), one.id), reverse=True)
        for group in decision.groups:
            known = self._by_group.get(group)
            if known is None or known.id < decision.id:
                self._by_group[group] = decision

    @property
    def decided(self) -> bool:
        """Whether anybody decided anything about this library."""
        return bool(self._by_id)

    async def group(self, read: Read, unit: Unit) -> None:
        """Give every track of `unit` its album key."""
        if self.decided:
            await self._follow(unit.files)
            tracks = [file.stored.track_id for file in unit.files if file.stored and file.stored.track_id]
            if tracks and any(decision.scope != "folder" for decision in self._by_id.values()):
                async with read() as conn:
                    self._pins |= await repository.pins(conn, tracks)
        unit.group(self)

    def keys(self, files: Sequence[FilePlan], grouped: Sequence[GroupedFile], whole: bool) -> list[AlbumKey]:
        """The album of each file; `grouped` are the same files as the rules see them, `whole` whether they are all of
        their folder."""
        neighbours = Neighbours.of(grouped) if whole else Neighbours()
        keys = album_keys(grouped, neighbours, self.rules)
        if not self.decided:
            return keys
        pins = [self._pin(file) for file in files]
        self._learn(keys, files, pins)
        return [self._decide(item, key, pin) for item, key, pin in zip(grouped, keys, pins, strict=True)]

    def _pin(self, file: FilePlan) -> repository.Pin | None:
        number = file.stored.track_id if file.stored else None
        return self._pins.get(number) if number is not None else None

    def _decide(self, file: GroupedFile, usual: AlbumKey, pin: repository.Pin | None) -> AlbumKey:
        key, last = usual, 0
        decision = self._by_id.get(pin.override) if pin else None
        if decision is None:
            near = next((one for one in self._folders if one.covers(file.within)), None)
            if near is not None:
                key = near.key(file, usual)
            decision = self._by_group.get(key.group)
        while decision is not None and decision.id > last:
            key, last = decision.key(file, key), decision.id
            decision = self._by_group.get(key.group)
        return key

    def _learn(
        self, keys: Sequence[AlbumKey], files: Sequence[FilePlan], pins: Sequence[repository.Pin | None]
    ) -> None:
        """An album that a decision is about has another key now (its folder moved, its tags were mended): note it, so that
        what is added to it later belongs to it as well."""
        holders: dict[str, set[int | None]] = {}
        for key, file, pin in zip(keys, files, pins, strict=True):
            if file.stored is not None and file.stored.track_id is not None:
                holders.setdefault(key.group, set()).add(pin.override if pin and pin.whole else None)
        for group, held in holders.items():
            number = next(iter(held)) if len(held) == 1 else None
            decision = self._by_id.get(number) if number is not None else None
            if (
                decision is None
                or (known := self._by_group.get(group)) is decision
                or (known and known.id > decision.id)
            ):
                continue
            self._learned.setdefault(decision.id, set()).add(group)
            self._by_group[group] = decision

    async def _follow(self, files: Sequence[FilePlan]) -> None:
        """A folder that somebody decided about has moved with its files: the decision goes along."""
        for decision in [one for one in self._folders if one.folder]:
            for file in files:
                old = file.stored.path if file.stored else file.path
                if old == file.path or not is_inside(old, decision.folder or b""):
                    continue
                rest = old[len(decision.folder or b"") :]
                if not file.path.endswith(rest) or not (moved := file.path[: -len(rest)]):
                    continue
                if self._root is None or await asyncio.to_thread(_is_there, self._root, decision.folder or b""):
                    break
                self._moved[decision.id] = moved
                self._know(_elsewhere(decision, moved))
                break

    async def keep(self, tx: Transaction) -> None:
        """Write down what was learned, with what the scan writes."""
        if self._moved or self._learned:
            await repository.keep(tx, self._moved, self._learned)
            self._moved, self._learned = {}, {}


def _elsewhere(decision: Decision, folder: bytes) -> Decision:
    return Decision(
        decision.id, decision.library_id, decision.scope, decision.decision, folder, decision.params, decision.by,
        decision.at,
    )  # fmt: skip


def _is_there(root: bytes, folder: bytes) -> bool:
    return os.path.isdir(os.path.join(root, folder))  # noqa: PTH112, PTH118 - bytes


async def load(
    conn: AsyncConnection, library_id: int, rules: Sequence[str] | None = None, root: bytes | None = None
) -> Grouping:
    """The rules (by name, in order; None: those of the library, else of the server) and decisions of a library."""
    chosen = await repository.chosen_rules(conn, library_id) if rules is None else list(rules)
    named = usual_rules.rules_of(chosen) if chosen else None
    return Grouping(named, await repository.decisions(conn, library_id), root)


def sentence(rule: str, params: dict[str, object]) -> str:
    """Why an album is one, in English; an unknown rule is answered by its name."""
    known = usual_rules.BY_NAME.get(rule)
    pattern = known.sentence if known else SENTENCES.get(rule)
    try:
        return pattern.format_map(params) if pattern else rule.replace("_", " ")
    except KeyError:
        return rule.replace("_", " ")
