"""Every statement about linked accounts and what they are still to be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.listening.models import Annotation, Play, PlayChange, PlayHour
from segue.listening.scrobbling.models import ReportKey, Scrobble, ScrobbleAccount

ACCOUNT: Any = ScrobbleAccount.__table__
SCROBBLE: Any = Scrobble.__table__
PLAY: Any = Play.__table__
LOVES = ("love", "unlove", "hate")


async def accounts_of(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    """One person's accounts, the first linked first."""
    return (await conn.execute(select(ACCOUNT).where(ACCOUNT.c.user_id == user_id).order_by(ACCOUNT.c.id))).all()


async def account(conn: AsyncConnection, account_id: int) -> Any | None:
    return (await conn.execute(select(ACCOUNT).where(ACCOUNT.c.id == account_id))).first()


async def account_for_update(tx: Transaction, account_id: int) -> Any | None:
    """The account, held so that nothing is put in its queue until `tx` ends."""
    return (await tx.execute(select(ACCOUNT).where(ACCOUNT.c.id == account_id).with_for_update())).first()


async def account_to_put(tx: Transaction, account_id: int) -> Any | None:
    """The account, held so that nobody has it for update until `tx` ends; others may put something in its queue as well."""
    statement = select(ACCOUNT).where(ACCOUNT.c.id == account_id)
    return (await tx.execute(statement.with_for_update(read=True, key_share=True))).first()


async def link(tx: Transaction, values: Mapping[str, Any]) -> tuple[int, bool]:
    """Make an account, or give the same one (person, kind, address, name) its new key; its number, and whether it is new."""
    same = [ACCOUNT.c[name] == values[name] for name in ("user_id", "kind", "base_url", "name")]
    there = await tx.scalar(select(ACCOUNT.c.id).where(*same).with_for_update())
    if there is None:
        return int(await tx.scalar(insert(ACCOUNT).values(**values).returning(ACCOUNT.c.id))), True
    fresh = {name: values[name] for name in ("secret", "state", "may_reach_private")}
    if values["label"]:
        fresh["label"] = values["label"]
    await change(tx, int(there), {**fresh, "attempts": 0, "next_try_at": None, "error": None})
    return int(there), False


async def change(tx: Transaction, account_id: int, values: Mapping[str, Any]) -> None:
    await tx.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(**values))


async def unlink(tx: Transaction, account_id: int) -> None:
    """Forget an account and what it was still to be told."""
    await tx.execute(delete(SCROBBLE).where(SCROBBLE.c.account_id == account_id))
    await tx.execute(delete(ACCOUNT).where(ACCOUNT.c.id == account_id))


async def erase_person(tx: Transaction, user_id: int) -> None:
    await tx.execute(delete(SCROBBLE).where(SCROBBLE.c.user_id == user_id))
    await tx.execute(delete(ACCOUNT).where(ACCOUNT.c.user_id == user_id))
    await tx.execute(delete(ReportKey).where(ReportKey.user_id == user_id))


async def is_hated(conn: AsyncConnection, user_id: int, track_id: int | None) -> bool:
    """Whether this person does not want to hear this track."""
    if track_id is None:
        return False
    mine = and_(Annotation.user_id == user_id, Annotation.kind == "track", Annotation.entity_id == track_id)
    return bool(await conn.scalar(select(exists().where(mine, Annotation.hated_at.is_not(None)))))


async def starred(conn: AsyncConnection, user_id: int, tracks: Collection[int]) -> set[int]:
    """Which of these tracks this person has starred."""
    mine = and_(Annotation.user_id == user_id, Annotation.kind == "track", Annotation.starred_at.is_not(None))
    return set(await conn.scalars(select(Annotation.entity_id).where(mine, Annotation.entity_id.in_(tracks))))


async def put(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add to queues; a play that is in an account's queue already stays once."""
    if rows:
        statement = upsert_into(tx.dialect, SCROBBLE)
        keys = ["account_id", "play_id"]
        await tx.execute(statement.on_conflict_do_nothing(index_elements=keys), [dict(row) for row in rows])


async def drop_loves(tx: Transaction, account_id: int, subjects: Collection[str]) -> None:
    """Forget what an account was to be told about these tracks' loves: something newer is to be told."""
    mine = and_(SCROBBLE.c.account_id == account_id, SCROBBLE.c.subject.in_(subjects))
    await tx.execute(delete(SCROBBLE).where(mine))


async def waiting(conn: AsyncConnection, account_id: int, limit: int) -> Sequence[Any]:
    """What an account is to be told next: loves, else listens, the oldest first; all of one kind of act."""
    mine = and_(SCROBBLE.c.account_id == account_id, SCROBBLE.c.state == "waiting")
    oldest = select(SCROBBLE).where(mine).order_by(SCROBBLE.c.at, SCROBBLE.c.id).limit(limit)
    loves = (await conn.execute(oldest.where(SCROBBLE.c.act.in_(LOVES)))).all()
    return loves or (await conn.execute(oldest.where(SCROBBLE.c.act == "listen"))).all()


def _taken_away(account_id: int, user_id: int) -> Any:
    mine = and_(PlayChange.user_id == user_id, PlayChange.op == "delete", PlayChange.undone_at.is_(None))
    gone = select(PlayChange.play_id).where(mine)
    return and_(SCROBBLE.c.account_id == account_id, SCROBBLE.c.play_id.in_(gone))


async def any_taken_away(conn: AsyncConnection, account_id: int, user_id: int) -> bool:
    """Whether a play that the person has taken away since is in the account's queue."""
    return bool(await conn.scalar(select(exists().where(_taken_away(account_id, user_id)))))


async def drop_taken_away(tx: Transaction, account_id: int, user_id: int) -> None:
    """Forget plays that the person has taken away: nobody is to be told of them any more."""
    await tx.execute(delete(SCROBBLE).where(_taken_away(account_id, user_id)))


async def any_waiting(conn: AsyncConnection, account_id: int) -> bool:
    mine = exists().where(SCROBBLE.c.account_id == account_id, SCROBBLE.c.state == "waiting")
    return bool(await conn.scalar(select(mine)))


async def taken(tx: Transaction, ids: Sequence[int]) -> None:
    await tx.execute(delete(SCROBBLE).where(SCROBBLE.c.id.in_(ids)))


async def refuse(tx: Transaction, scrobble_id: int, code: str, said: str) -> None:
    values = {"state": "refused", "code": code, "said": said[:500], "changed_at": utc_now()}
    mine = SCROBBLE.c.id == scrobble_id
    await tx.execute(update(SCROBBLE).where(mine).values(**values, attempts=SCROBBLE.c.attempts + 1))


async def tried(tx: Transaction, ids: Sequence[int]) -> None:
    """Count one more attempt that came to nothing."""
    await tx.execute(update(SCROBBLE).where(SCROBBLE.c.id.in_(ids)).values(attempts=SCROBBLE.c.attempts + 1))


async def scrobble(conn: AsyncConnection, scrobble_id: int) -> Any | None:
    return (await conn.execute(select(SCROBBLE).where(SCROBBLE.c.id == scrobble_id))).first()


async def page(
    conn: AsyncConnection, user_id: int, *, account_id: int | None, state: str, after: tuple[datetime, int] | None,
    limit: int,
) -> Sequence[Any]:  # fmt: skip
    """What waits or was refused, the oldest first."""
    statement = select(SCROBBLE).where(SCROBBLE.c.user_id == user_id, SCROBBLE.c.state == state)
    if account_id is not None:
        statement = statement.where(SCROBBLE.c.account_id == account_id)
    if after is not None:
        at, number = after
        statement = statement.where(or_(SCROBBLE.c.at > at, and_(SCROBBLE.c.at == at, SCROBBLE.c.id > number)))
    return (await conn.execute(statement.order_by(SCROBBLE.c.at, SCROBBLE.c.id).limit(limit))).all()


async def counts(conn: AsyncConnection, account_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """By account: how many rows wait, and how many were refused."""
    found: dict[int, dict[str, int]] = {number: {"waiting": 0, "refused": 0} for number in account_ids}
    mine = SCROBBLE.c.account_id.in_(account_ids)
    statement = select(SCROBBLE.c.account_id, SCROBBLE.c.state, func.count()).where(mine)
    for account_id, state, count in await conn.execute(statement.group_by(SCROBBLE.c.account_id, SCROBBLE.c.state)):
        found[account_id][state] = count
    return found


async def retry(tx: Transaction, account_id: int, scrobble_id: int | None) -> int:
    """Let refused rows wait again: one, or all of the account; how many."""
    mine = and_(SCROBBLE.c.account_id == account_id, SCROBBLE.c.state == "refused")
    if scrobble_id is not None:
        mine = and_(mine, SCROBBLE.c.id == scrobble_id)
    values = {"state": "waiting", "code": None, "said": None, "changed_at": utc_now()}
    return (await tx.execute(update(SCROBBLE).where(mine).values(values))).rowcount


async def dismiss(tx: Transaction, account_id: int, scrobble_id: int | None) -> int:
    """Forget refused rows: one, or all of the account; how many."""
    mine = and_(SCROBBLE.c.account_id == account_id, SCROBBLE.c.state == "refused")
    if scrobble_id is not None:
        mine = and_(mine, SCROBBLE.c.id == scrobble_id)
    return (await tx.execute(delete(SCROBBLE).where(mine))).rowcount


async def due(conn: AsyncConnection, now: datetime) -> list[Any]:
    """Accounts that something waits for and that may be sent to now."""
    waits = exists().where(SCROBBLE.c.account_id == ACCOUNT.c.id, SCROBBLE.c.state == "waiting")
    open_now = and_(ACCOUNT.c.state == "active", or_(ACCOUNT.c.next_try_at.is_(None), ACCOUNT.c.next_try_at <= now))
    return list((await conn.execute(select(ACCOUNT).where(open_now, waits).order_by(ACCOUNT.c.id))).all())


async def active(conn: AsyncConnection) -> Sequence[Any]:
    return (await conn.execute(select(ACCOUNT).where(ACCOUNT.c.state == "active").order_by(ACCOUNT.c.id))).all()


async def pending_subjects(conn: AsyncConnection, account_id: int) -> set[str]:
    """Tracks whose love an account is still to be told about."""
    mine = and_(SCROBBLE.c.account_id == account_id, SCROBBLE.c.subject.is_not(None))
    return set((await conn.scalars(select(SCROBBLE.c.subject).where(mine))).all())


async def keep_report_key(tx: Transaction, values: Mapping[str, Any]) -> None:
    await tx.execute(upsert_into(tx.dialect, ReportKey).values(values).on_conflict_do_nothing())


async def take_report_key(tx: Transaction, token_hash: str) -> Any | None:
    """The key behind a token, which is gone with this; None where there is none."""
    mine = delete(ReportKey).where(ReportKey.token_hash == token_hash)
    return (await tx.execute(mine.returning(ReportKey.user_id, ReportKey.secret, ReportKey.approved_at))).first()


async def forget_report_keys(tx: Transaction, before: datetime) -> None:
    await tx.execute(delete(ReportKey).where(ReportKey.approved_at < before))


async def plays_between(
    conn: AsyncConnection, user_id: int, before: datetime | None, after: datetime | None, count: int
) -> list[Any]:
    """A person's plays newest first, between two moments (neither included): the newest of them, or, where only `after`
    is given, those right after it."""
    mine = PLAY.c.user_id == user_id
    if before is not None:
        mine = and_(mine, PLAY.c.played_at < before)
    if after is not None:
        mine = and_(mine, PLAY.c.played_at > after)
    statement = select(PLAY).where(mine).limit(count)
    if after is not None and before is None:
        rows = (await conn.execute(statement.order_by(PLAY.c.played_at, PLAY.c.id))).all()
        return list(reversed(rows))
    return list((await conn.execute(statement.order_by(PLAY.c.played_at.desc(), PLAY.c.id.desc()))).all())


async def plays_ends(conn: AsyncConnection, user_id: int) -> tuple[datetime | None, datetime | None]:
    """When a person's newest and oldest play began."""
    mine = select(PLAY.c.played_at).where(PLAY.c.user_id == user_id).limit(1)
    newest = await conn.scalar(mine.order_by(PLAY.c.played_at.desc()))
    return newest, await conn.scalar(mine.order_by(PLAY.c.played_at))


async def plays_count(conn: AsyncConnection, user_id: int) -> int:
    """How many plays a person has, added up by the hour."""
    return int(await conn.scalar(select(func.sum(PlayHour.plays)).where(PlayHour.user_id == user_id)) or 0)


async def totals(conn: AsyncConnection) -> tuple[list[Any], list[Any], list[Any]]:
    """For /metrics: accounts by kind and state, rows by kind of account, act and state, listens taken by kind."""
    kinds = (ACCOUNT.c.kind, ACCOUNT.c.state)
    accounts = (await conn.execute(select(*kinds, func.count()).group_by(*kinds).order_by(*kinds))).all()
    queued = (ACCOUNT.c.kind, SCROBBLE.c.act, SCROBBLE.c.state)
    joined = select(*queued, func.count(), func.min(SCROBBLE.c.at)).join_from(
        SCROBBLE, ACCOUNT, SCROBBLE.c.account_id == ACCOUNT.c.id
    )
    rows = (await conn.execute(joined.group_by(*queued).order_by(*queued))).all()
    taken_by = select(ACCOUNT.c.kind, func.sum(ACCOUNT.c.sent)).group_by(ACCOUNT.c.kind).order_by(ACCOUNT.c.kind)
    return list(accounts), list(rows), list((await conn.execute(taken_by)).all())
