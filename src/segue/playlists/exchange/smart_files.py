"""Smart lists of Navidrome (`.nsp`) as queries of ours, and back."""

from __future__ import annotations

from typing import Any

from segue.playlists.exchange.events import ListHead


def query_of(head: ListHead) -> tuple[str | None, list[list[Any]]]:
    """The query for a smart list's document, and what is to be told of it as [[code, params], …]."""
    return None, [["smart_not_understood", {"message": "its rules are not read yet"}]]
