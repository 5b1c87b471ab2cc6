"""What was asked and answered, made fit to be read by strangers: no secrets, no moments of one afternoon, no long lists."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from segue.api.examples import Example, Examples
from tests.api.journey import Asked

SHOWN = 2
"""How many items of a list are kept."""
AN_EVENING = datetime(2026, 5, 8, 19, 30, tzinfo=UTC)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")

SECRETS = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1cy0xIn0.…",
    "refresh_token": "segue_r_…",
    "secret": "tomarek-bivusan-kodifep-lurapos",
    "ticket": "gAAAAABq…",
    "token": "3f0c0a4e-…",
    "suggested_app_password": "tomarek-bivusan-kodifep-lurapos",
}
"""Members whose values are secret, and what is shown instead."""

CHANGING: dict[str, Any] = {
    "epoch": "37f96f400804fa5b",
    "host": "music-box",
    "pid": 4242,
    "uptime_s": 86_412.5,
    "user_agent": "Mozilla/5.0",
    "approval_url": "https://www.last.fm/api/auth/?api_key=…&token=…",
    "enter_url": "https://music.example/compat/…",
    "base_url": "https://api.listenbrainz.org",
    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
    "files_per_second": 512.0,
    "rate": 512.0,
    "eta_s": 12.5,
    "seconds": 1.5,
    "next_run_at": "2026-05-09T04:15:00.000Z",
}
"""Members that differ from run to run, or tell of the machine; null stays null."""

WORDS = ((re.compile(r"answers in [\d.]+ ms"), "answers in 0.4 ms"), (re.compile(r"[\d.]+ GiB"), "512.0 GiB"))
RANDOM_IDS = re.compile(r"^[\w-]{16}$")
"""Ids of sessions and workers, which are random."""
METRICS_SHOWN = 12


def recorded(asked: dict[str, Asked], places: dict[Path, str]) -> Examples:
    """The examples of `asked`; `places` are folders of this machine, and what is to be shown for them."""
    earliest = min(_moments(asked), default=AN_EVENING)
    tidy = _Tidy(earliest, {str(path): shown for path, shown in places.items()})
    return {id: _example(asked[id], tidy) for id in sorted(asked)}


def _example(asked: Asked, tidy: _Tidy) -> Example:
    made: Example = {"status": asked.status}
    if asked.parameters:
        made["parameters"] = tidy(asked.parameters)
    if asked.body is not None:
        made["body"] = tidy(asked.body)
    if asked.headers:
        made["headers"] = asked.headers
    if asked.operation.id == "metrics_get":
        ours = [line for line in asked.answer.splitlines() if "segue_" in line]
        made["answer"] = re.sub(r"(\.\d\d)\d+", r"\1", "\n".join(ours[:METRICS_SHOWN]))
    elif asked.answer is not None and asked.answer != "":
        made["answer"] = tidy(asked.answer)
    return made


def _moments(asked: dict[str, Asked]) -> list[datetime]:
    texts = json.dumps([one.answer for one in asked.values()])
    return [datetime.fromisoformat(found.group()) for found in MOMENT.finditer(texts)]


class _Tidy:
    """Makes one value readable, and everything in it."""

    def __init__(self, earliest: datetime, places: dict[str, str]) -> None:
        self._earliest = earliest
        self._places = places

    def __call__(self, value: Any, name: str = "") -> Any:
        if name in SECRETS and isinstance(value, str):
            return SECRETS[name]
        if name in CHANGING and value is not None:
            return CHANGING[name]
        if isinstance(value, dict):
            return {key: self(member, key) for key, member in value.items()}
        if isinstance(value, list):
            return [self(one) for one in value[:SHOWN]]
        return self._text(value, name) if isinstance(value, str) else value

    def _text(self, text: str, name: str) -> str:
        if name == "id" and RANDOM_IDS.match(text):
            return "moESbG8_PuwMfwMQ"
        for path, shown in self._places.items():
            text = text.replace(path, shown)
        for pattern, word in WORDS:
            text = pattern.sub(word, text)
        return MOMENT.sub(self._moment, text)

    def _moment(self, found: re.Match[str]) -> str:
        since = datetime.fromisoformat(found.group()) - self._earliest
        minutes = timedelta(minutes=round(since.total_seconds() / 60))
        return (AN_EVENING + minutes).strftime("%Y-%m-%dT%H:%M:%S.000Z")
