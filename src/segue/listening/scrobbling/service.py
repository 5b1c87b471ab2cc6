"""The one door to scrobbling: linked accounts, their queues, loves both ways, and reports of other players.

Parts: `speaking` (keys and services), `outbox` (the hooks), `sending` (the job), `linking` (accounts), `queue` (what waits
and what was refused), `loves`, `receiving`.
"""

from __future__ import annotations

from segue.listening.scrobbling.choices import Choices
from segue.listening.scrobbling.linking import AccountView, Login
from segue.listening.scrobbling.queue import Queued
from segue.listening.scrobbling.receiving import Receiving, Report


class ScrobblingService(Receiving):
    """Every verb of scrobbling; see the parts. Make one a process, and `close` it."""


__all__ = ["AccountView", "Choices", "Login", "Queued", "Report", "ScrobblingService"]
