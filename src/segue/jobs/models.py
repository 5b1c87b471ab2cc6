"""Tables of background work: jobs, the queues they wait in, the schedules that make them, the workers that do them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime

RowId = BigInteger().with_variant(Integer, "sqlite")

IS_QUEUED = text("state = 'queued'")
IS_RUNNING = text("state = 'running'")
IS_ACTIVE = text("state IN ('queued', 'running')")
IS_ENDED = text("state IN ('done', 'failed', 'cancelled')")
IS_FINISHED = text("finished_at IS NOT NULL")
"""Conditions of the partial indexes. A query that wants one must say it in the same words, without parameters. There is
no index of the state alone: a planner could prefer it to the ones that say where the next job is."""


class Job(Base):
    """One piece of work. Whoever holds the newest `lease_token` of a running job may write for it; nobody else can."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "ix_jobs_ready",
            "queue",
            text("priority DESC"),
            "run_at",
            "id",
            sqlite_where=IS_QUEUED,
            postgresql_where=IS_QUEUED,
        ),
        Index("ix_jobs_running", "queue", "leased_until", sqlite_where=IS_RUNNING, postgresql_where=IS_RUNNING),
        Index("uq_jobs_dedup_key", "dedup_key", unique=True, sqlite_where=IS_ACTIVE, postgresql_where=IS_ACTIVE),
        Index("ix_jobs_due", "run_at", sqlite_where=IS_QUEUED, postgresql_where=IS_QUEUED),
        Index("ix_jobs_ended", "state", "id", sqlite_where=IS_ENDED, postgresql_where=IS_ENDED),
        Index("ix_jobs_kind", "kind", "id"),
        Index("ix_jobs_created_by", "created_by", "id"),
        Index("ix_jobs_finished", "state", "finished_at", sqlite_where=IS_FINISHED, postgresql_where=IS_FINISHED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(100))
    queue: Mapped[str] = mapped_column(String(64))
    priority: Mapped[int] = mapped_column(Integer)
    """Higher goes first; 0 is usual."""
    state: Mapped[str] = mapped_column(String(16))
    """queued | running | done | failed | cancelled"""
    params: Mapped[dict[str, Any]] = mapped_column(JsonB)
    dedup_key: Mapped[str | None] = mapped_column(String(255))
    """At most one queued or running job has it."""

    progress: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{done, total, unit, phase, rate, eta_s, message: {code, params}}"""
    checkpoint: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """What the next start goes on from."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    waiting: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{code, params}: why a queued job waits for its `run_at`."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{code, message, params}: why the last start did not end well."""
    traceback: Mapped[str | None] = mapped_column(Text)

    attempts: Mapped[int] = mapped_column(Integer)
    """Starts that failed or died. A start that was asked to stop, or that asked to wait, does not count."""
    deaths: Mapped[int] = mapped_column(Integer)
    """How many of the attempts ended because their worker vanished."""
    max_attempts: Mapped[int] = mapped_column(Integer)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Not before."""

    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_token: Mapped[int] = mapped_column(BigInteger)
    """Grows by one with every lease: the fence."""
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    created_by: Mapped[int | None] = mapped_column(BigInteger)
    """User who asked; None for Segue itself."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The latest start."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobQueue(Base):
    """How many jobs of a queue run at once, over all processes, and how often one may start."""

    __tablename__ = "job_queues"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    concurrency: Mapped[int | None] = mapped_column(Integer)
    """At most so many at once, over all workers; None is as many as the workers have slots."""
    rate_limit: Mapped[int | None] = mapped_column(Integer)
    """At most so many starts in any `rate_period_s` seconds; None is no limit."""
    rate_period_s: Mapped[float | None] = mapped_column(Float)
    paused: Mapped[bool] = mapped_column(Boolean)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a person changed it; until then it follows what the program declares."""


class JobStart(Base):
    """A start in a queue with a rate limit, kept for one period: the sliding window that the limit counts."""

    __tablename__ = "job_starts"
    __table_args__ = (Index("ix_job_starts_queue", "queue", "started_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    queue: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)


class JobSchedule(Base):
    """A cron line that enqueues a job. Declared by the program; a person may change when and whether."""

    __tablename__ = "job_schedules"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(100))
    params: Mapped[dict[str, Any]] = mapped_column(JsonB)
    cron: Mapped[str] = mapped_column(String(100))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    """IANA name; None follows the server's zone."""
    enabled: Mapped[bool] = mapped_column(Boolean)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_job_id: Mapped[int | None] = mapped_column(BigInteger)
    next_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobWorker(Base):
    """A worker process that is at work, or was when its heart last beat."""

    __tablename__ = "job_workers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    queues: Mapped[list[str]] = mapped_column(JsonB)
    slots: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime)


class JobTotal(Base):
    """How many jobs of a kind ended in a state since this database exists, and the seconds they took: for /metrics."""

    __tablename__ = "job_totals"

    kind: Mapped[str] = mapped_column(String(100), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    """done | failed | cancelled | retried | died"""
    count: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
