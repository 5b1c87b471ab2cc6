"""The log: lines for people on a terminal, JSON lines for machines, on stderr, and never a secret in them."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog
from pydantic_core import to_json

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
MASK = "***"

_SECRET_KEYS = re.compile(r"pass(word|wd)?$|secret|token|api_?key|authorization|cookie", re.IGNORECASE)
_SECRET_PARAMETERS = re.compile(
    r"(?i)([?&](?:p|t|s|apikey|api_key|token|access_token|refresh_token|password|secret|jwt|code|sk|api_sig)=)[^&\s\"']+"
)
_QUIET = ("asyncio", "watchfiles", "multipart", "PIL", "aiosqlite", "alembic", "httpx2", "httpcore")


class _Line:
    """Where our own lines end: one write each. The standard library's way costs three times as much a line (53 against
    17 µs), and every request is one."""

    def __init__(self, name: str = "segue") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    log = debug = info = warn = warning = error = critical = exception = failure = fatal = err = msg


class _NotCutOff(logging.Filter):
    """Leaves out the traceback of each request that was cut off when Segue stopped: one line says how many there were."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def set_up_logging(level: str = "info", format: Literal["auto", "human", "json"] = "auto") -> None:
    """Send every log of this process, ours and the libraries', to stderr in one form.

    `auto` is for people on a terminal and JSON anywhere else. May be called again.
    """
    human = format == "human" or (format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
        structlog.processors.StackInfoRenderer(),
        hide_secrets,
    ]
    ending: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if human
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_json)]
    )
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_Line,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    set_level(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    server = logging.getLogger("uvicorn.error")
    server.filters = [_NotCutOff()]


def set_level(level: str) -> None:
    """How much is logged from now on: debug, info, warning or error. Chatty libraries stay at warnings."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]))
    logging.getLogger().setLevel(LEVELS[level])
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, LEVELS[level]))


def _json(event: Any, **_options: Any) -> str:
    return to_json(event, fallback=str, inf_nan_mode="strings", serialize_unknown=True).decode()


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what is named like a secret, and secret parameters in anything that looks like a URL."""
    for key, value in event.items():
        if isinstance(value, str):
            if _SECRET_KEYS.search(key):
                event[key] = MASK
            elif "=" in value:
                event[key] = _SECRET_PARAMETERS.sub(rf"\1{MASK}", value)
        elif isinstance(value, dict):
            event[key] = {
                k: MASK if isinstance(k, str) and isinstance(v, str) and _SECRET_KEYS.search(k) else v
                for k, v in value.items()
            }
    return event
