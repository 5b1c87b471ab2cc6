"""What came back, before anybody has judged it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from segue.core.outside.faults import SAID, ProviderBug


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and body of one answer. `at` is when it came, or was kept."""

    service: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def data(self) -> Any:
        """The body as JSON. Raises ProviderBug (`empty`, `html`, `not_json`)."""
        body = self.body.strip()
        if not body:
            raise ProviderBug(self.service, reason="empty", status_code=self.status)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            is_page = body[:1] == b"<"
            raise ProviderBug(
                self.service, reason="html" if is_page else "not_json", said=self.said, status_code=self.status
            ) from None

    @property
    def members(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one where it is none."""
        try:
            return self.data if isinstance(self.data, dict) else {}
        except ProviderBug:
            return {}

    @property
    def said(self) -> str:
        """The beginning of the body, for people."""
        return self.body[: 4 * SAID].decode("utf-8", "replace")[:SAID].strip()

    def seconds_in(self, *names: str) -> float | None:
        """The wait that the first of these headers tells: seconds, or a date (RFC 9110 §10.2.3)."""
        for name in names:
            value = self.headers.get(name, "").strip()
            try:
                return max(0.0, float(value))
            except ValueError:
                pass
            try:
                moment = parsedate_to_datetime(value)
            except ValueError:
                continue
            return max(0.0, (moment.astimezone(UTC) - self._service_time()).total_seconds())
        return None

    def moment_in(self, seconds: float) -> datetime:
        """So long after this answer came."""
        return self.at + timedelta(seconds=seconds)

    def _service_time(self) -> datetime:
        """What the service's own clock says, which its dates go by."""
        try:
            return parsedate_to_datetime(self.headers.get("date", "")).astimezone(UTC)
        except ValueError:
            return self.at
