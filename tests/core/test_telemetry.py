"""The log: one form for our lines and the libraries', and no secret in it."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from segue.core.telemetry import set_level, set_up_logging


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_lines_and_the_libraries_have_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")
    structlog.get_logger("segue.scan").info("scan_done", files=3, name="Björk")
    logging.getLogger("uvicorn.error").warning("late by %d s", 3)
    ours, theirs = lines(capsys)
    assert (ours["event"], ours["level"], ours["logger"], ours["files"]) == ("scan_done", "info", "segue.scan", 3)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("late by 3 s", "warning", "uvicorn.error")
    assert str(ours["timestamp"]).endswith("Z")


def test_the_level_can_change_while_running(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("warning", "json")
    log = structlog.get_logger("segue.scan")
    log.info("unheard")
    set_level("debug")
    log.debug("heard")
    assert [line["event"] for line in lines(capsys)] == ["heard"]


def test_no_secret_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")
    log = structlog.get_logger("segue.test")
    log.info("a", password="hunter2", api_key="hunter2", Authorization="hunter2", metrics_token="hunter2")
    log.info(
        "b", url="/rest/ping?u=ana&p=hunter2&t=hunter2&s=hunter2&apiKey=hunter2&v=1", headers={"cookie": "hunter2"}
    )
    logging.getLogger("some.library").info("GET /rest/stream?id=1&token=hunter2 HTTP/1.1")
    written = capsys.readouterr().err
    assert "hunter2" not in written
    assert "u=ana" in written
    assert "id=1" in written


def test_an_error_carries_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")
    try:
        raise ValueError("oh")
    except ValueError:
        structlog.get_logger("segue.test").exception("failed")
    (line,) = lines(capsys)
    assert "ValueError: oh" in str(line["exception"])


def test_requests_that_were_cut_off_at_the_end_leave_no_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "json")
    server = logging.getLogger("uvicorn.error")
    server.error("Exception in ASGI application", exc_info=asyncio.CancelledError())
    server.error("Exception in ASGI application", exc_info=ValueError("ours"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "ours" in lines[0]


def test_people_get_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info", "human")
    structlog.get_logger("segue.scan").info("scan_done", files=3)
    assert "scan_done" in (written := capsys.readouterr().err)
    assert not written.startswith("{")
