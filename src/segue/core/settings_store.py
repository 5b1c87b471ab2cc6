"""Settings that a person changes while Segue runs: one table, one layer among the others.

What is written here counts below the environment and the file: a value set there is refused here, with its place, rather
than stored without effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar

import structlog
from sqlalchemy import Text, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.clock import utc_now
from segue.core.db import Base, Database, JsonB, Transaction, UtcDateTime
from segue.core.errors import FieldProblem, Invalid
from segue.core.layers import SettingsError, UnknownSetting, WrongValue

log = structlog.get_logger("segue.settings")


class SettingRow(Base):
    """One setting that differs from its default. `value` is JSON, wrapped in a list so that null can be told from absent."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[list[Any]] = mapped_column(JsonB)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Description(Protocol):
    """What the store needs to know of one setting."""

    @property
    def key(self) -> str: ...
    @property
    def layer(self) -> str: ...
    @property
    def editable(self) -> bool: ...


class LayeredSettings(Protocol):
    """What the store needs of the settings model; segue.settings.Settings is one."""

    @property
    def complaints(self) -> Sequence[SettingsError]: ...
    def with_table(self, rows: Mapping[str, Any]) -> Self: ...
    def describe(self) -> Sequence[Description]: ...
    def check(self, key: str, value: Any) -> Any: ...


S = TypeVar("S", bound=LayeredSettings)


class SettingsRefused(Invalid):
    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("settings_refused", problems[0].message, fields=problems)


async def stored_settings(conn: AsyncConnection) -> dict[str, Any]:
    """What the settings table holds."""
    rows = await conn.execute(select(SettingRow.key, SettingRow.value))
    return {row.key: row.value[0] if row.value else None for row in rows}


async def store_setting(tx: Transaction, key: str, value: Any) -> None:
    await forget_setting(tx, key)
    await tx.execute(insert(SettingRow).values(key=key, value=[value], updated_at=utc_now()))
    tx.changed("setting", key)


async def forget_setting(tx: Transaction, key: str) -> None:
    await tx.execute(delete(SettingRow).where(SettingRow.key == key))
    tx.changed("setting", key, "delete")


@dataclass(frozen=True, slots=True)
class Reset:
    """In place of a value: back to what the other layers say."""


RESET = Reset()


class SettingsService(Generic[S]):
    """The settings of this process, with the table's layer; `load` before use."""

    def __init__(self, db: Database, settings: S) -> None:
        self._db = db
        self._current = settings
        self._listeners: list[Callable[[S], None]] = []
        self._rows: dict[str, Any] = {}

    @property
    def current(self) -> S:
        return self._current

    def on_change(self, listener: Callable[[S], None]) -> None:
        """Call `listener` with the new settings whenever they are loaded anew."""
        self._listeners.append(listener)

    async def load(self) -> S:
        """Read the table; what is wrong in it (after a downgrade, say) is logged and passed over."""
        async with self._db.read() as conn:
            rows = await stored_settings(conn)
        self._rows = rows
        self._current = self._current.with_table(rows)
        for complaint in self._current.complaints:
            log.warning("stored_setting_ignored", problem=complaint.message)
        for listener in self._listeners:
            listener(self._current)
        return self._current

    async def follow(self) -> S:
        """`load`, where another process has changed the table since."""
        async with self._db.read() as conn:
            rows = await stored_settings(conn)
        return self._current if rows == self._rows else await self.load()

    async def patch(self, changes: Mapping[str, Any]) -> S:
        """Store `changes` (RESET for the default), all or none, and use them. Raises SettingsRefused, naming each wrong one."""
        described = {description.key: description for description in self._current.describe()}
        problems: list[FieldProblem] = []
        checked: dict[str, Any] = {}
        for key, value in changes.items():
            try:
                checked[key] = RESET if value is RESET else self._current.check(key, value)
            except WrongValue as error:
                problems.append(FieldProblem(key, "wrong_value", error.message))
                continue
            except UnknownSetting as error:
                problems.append(FieldProblem(key[:200], "unknown_setting", error.message))
                continue
            if key not in described:
                problems.append(FieldProblem(key[:200], "unknown_setting", f"There is no setting {key[:200]}."))
            elif not described[key].editable:
                problems.append(FieldProblem(key, "not_editable", _why_fixed(described[key])))
        if problems:
            raise SettingsRefused(problems)
        async with self._db.write() as tx:
            for key, value in checked.items():
                if value is RESET:
                    await forget_setting(tx, key)
                else:
                    await store_setting(tx, key, value)
        return await self.load()


def _why_fixed(described: Description) -> str:
    if described.layer in ("default", "settings table"):
        return f"{described.key} can only be set in the settings file, the environment or by a flag."
    return f"{described.key} is set by the {described.layer}, which counts more than the settings page."
