"""Declaring kinds, queues and schedules."""

from __future__ import annotations

import types
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, Field

from segue.jobs import JobContext, Queue, Registry, Schedule, job
from segue.jobs.errors import BadCron, BadJobParams, UnknownJobKind, UnknownQueue


class ScanParams(BaseModel):
    library: int = Field(ge=1)
    full: bool = False


@job("library.scan", queue="scan", params=ScanParams, timeout=timedelta(hours=1))
async def scan(job: JobContext, params: ScanParams) -> None: ...


@job("mail.send")
async def send(job: JobContext, params: dict[str, Any]) -> None: ...


def test_a_module_gives_all_that_it_declares() -> None:
    module = types.ModuleType("tasks")
    vars(module).update(
        scan=scan, send=send, queue=Queue("scan", concurrency=1), nightly=Schedule("n", "mail.send", "0 4 * * *")
    )
    registry = Registry().add(module)
    assert sorted(registry.kinds) == ["library.scan", "mail.send"]
    assert registry.queue("scan").concurrency == 1
    assert registry.schedule("n").cron == "0 4 * * *"
    assert registry.kind("library.scan").timeout_s == 3600


def test_a_queue_that_only_a_kind_names_exists_without_limits() -> None:
    assert Registry().add(scan).queue("scan") == Queue("scan")


def test_params_are_checked_and_filled_in() -> None:
    assert scan.check_params({"library": 3}) == {"library": 3, "full": False}
    assert scan.read_params({"library": 3}) == ScanParams(library=3)
    assert send.check_params(None) == {}


def test_wrong_params_name_each_wrong_member() -> None:
    with pytest.raises(BadJobParams) as caught:
        scan.check_params({"library": 0, "full": "perhaps"})
    assert [field.field for field in caught.value.fields] == ["library", "full"]


def test_what_is_not_declared_is_named() -> None:
    with pytest.raises(UnknownJobKind, match=r"library[.]scam"):
        Registry().kind("library.scam")
    with pytest.raises(UnknownQueue):
        Registry().queue("slow")


def test_two_functions_cannot_have_one_name() -> None:
    @job("mail.send")
    async def other(job: JobContext, params: dict[str, Any]) -> None: ...

    with pytest.raises(ValueError, match="two jobs"):
        Registry().add(send, other)


def test_a_function_that_is_not_async_is_refused() -> None:
    with pytest.raises(TypeError, match="async"):

        @job("wrong")
        def wrong(job: JobContext, params: dict[str, Any]) -> None: ...  # type: ignore[arg-type]


def test_a_schedule_with_a_bad_line_is_refused_where_it_is_declared() -> None:
    with pytest.raises(BadCron):
        Registry().add(Schedule("n", "mail.send", "0 25 * * *"))


def test_a_rate_needs_a_period() -> None:
    with pytest.raises(ValueError, match="period"):
        Queue("web", rate_limit=5)
