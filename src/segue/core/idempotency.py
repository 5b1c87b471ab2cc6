"""Writes that may be sent twice: with an `Idempotency-Key`, the second gets the first one's answer, for a day.

The key is reserved before the work begins, so that of two equal requests at once one works and the other is told to wait.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from sqlalchemy import BigInteger, Text, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.clock import utc_now
from segue.core.db import Base, Database, UtcDateTime
from segue.core.errors import Conflict, FieldProblem, Invalid

KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=5)
MAX_BODY = 1 << 20


class IdempotentAnswer(Base):
    """The answer to one keyed write; `status` 0 while it is being worked on."""

    __tablename__ = "idempotent_answers"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    status: Mapped[int] = mapped_column(BigInteger, default=0)
    media_type: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeyReused(Invalid):
    def __init__(self) -> None:
        super().__init__("idempotency_key_reused", "This Idempotency-Key was used for a different request.")


class KeyTooLong(Invalid):
    def __init__(self) -> None:
        message = "An Idempotency-Key may have 200 characters."
        problem = FieldProblem("Idempotency-Key", "idempotency_key_too_long", message)
        super().__init__("idempotency_key_too_long", message, fields=[problem])


class StillWorking(Conflict):
    def __init__(self) -> None:
        super().__init__("still_working", "The same request is still being worked on.", hint="Ask again in a moment.")


async def replay_or_run(request: Request, run: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer a write: from the stored answer where its Idempotency-Key was seen before, else by `run`.

    Raises KeyReused when the key came with another request, StillWorking when the first is not finished.
    """
    key = request.headers.get("idempotency-key")
    services = getattr(request.app.state, "segue", None)
    if not key or services is None:
        return await run(request)
    if len(key) > 200:
        raise KeyTooLong
    actor = await services.authenticate(request)
    if actor is None:
        return await run(request)
    db: Database = services.get(Database)
    body = await request.body()
    said = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    fingerprint = hashlib.sha256(said).hexdigest()
    kept = await _reserve(db, key, actor.person, fingerprint)
    if kept is not None:
        return kept
    try:
        response = await run(request)
    except BaseException:
        await _forget(db, key, actor.person)
        raise
    answer = getattr(response, "body", None)
    if response.status_code >= 500 or not isinstance(answer, bytes) or len(answer) > MAX_BODY:
        await _forget(db, key, actor.person)
        return response
    async with db.write() as tx:
        await tx.execute(
            update(IdempotentAnswer)
            .where(IdempotentAnswer.key == key, IdempotentAnswer.user_id == actor.person)
            .values(
                status=response.status_code,
                media_type=response.headers.get("content-type"),
                body=base64.b64encode(answer).decode(),
            )
        )
    return response


async def forget_old_answers(db: Database) -> int:
    """Drop answers older than a day; how many."""
    async with db.write() as tx:
        old = delete(IdempotentAnswer).where(IdempotentAnswer.created_at < utc_now() - KEPT_FOR)
        return (await tx.execute(old)).rowcount


async def _reserve(db: Database, key: str, user_id: int, fingerprint: str) -> Response | None:
    mine: Any = (IdempotentAnswer.key == key) & (IdempotentAnswer.user_id == user_id)
    row = {"key": key, "user_id": user_id, "fingerprint": fingerprint, "status": 0, "created_at": utc_now()}
    try:
        async with db.write() as tx:
            found = (await tx.execute(select(IdempotentAnswer.__table__).where(mine))).mappings().first()
            if found is None or _is_over(found):
                await tx.execute(delete(IdempotentAnswer).where(mine))
                await tx.execute(insert(IdempotentAnswer).values(row))
                return None
    except IntegrityError:
        raise StillWorking from None
    if found["fingerprint"] != fingerprint:
        raise KeyReused
    if found["status"] == 0:
        raise StillWorking
    headers = {"Idempotency-Replayed": "true"}
    if found["media_type"]:
        headers["content-type"] = found["media_type"]
    return Response(base64.b64decode(found["body"] or ""), found["status"], headers)


def _is_over(found: Any) -> bool:
    age = utc_now() - found["created_at"]
    return bool(age > KEPT_FOR or (found["status"] == 0 and age > ABANDONED_AFTER))


async def _forget(db: Database, key: str, user_id: int) -> None:
    async with db.write() as tx:
        await tx.execute(
            delete(IdempotentAnswer).where(IdempotentAnswer.key == key, IdempotentAnswer.user_id == user_id)
        )
