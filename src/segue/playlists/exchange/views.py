"""Imports as faces are given them, and what a person chooses about one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from segue.playlists.views import Visibility

Action = Literal["new", "update", "skip"]


@dataclass(frozen=True, slots=True)
class ListChoice:
    """What is to become of one list: a new one, an old one brought up to date (`playlist_id`), or nothing."""

    action: Action | None = None
    name: str | None = None
    playlist_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What is to become of an import. `again` is for lists that came from the same file before; `take_unsure` links rows
    whose track is not sure as well; only `lists` that are named are chosen otherwise."""

    again: Literal["update", "new", "skip"] = "update"
    take_unsure: bool = False
    visibility: Visibility = "private"
    folders: bool = True
    """Whether the folders that lists lay in are made here as well."""
    lists: Mapping[int, ListChoice] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        chosen = {
            str(number): {"action": one.action, "name": one.name, "playlist_id": one.playlist_id}
            for number, one in self.lists.items()
        }
        return {
            "again": self.again,
            "take_unsure": self.take_unsure,
            "visibility": self.visibility,
            "folders": self.folders,
            "lists": chosen,
        }

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> ImportChoices:
        lists = {int(number): ListChoice(**one) for number, one in said.get("lists", {}).items()}
        return cls(**{**said, "lists": lists})


@dataclass(frozen=True, slots=True)
class ListView:
    """A list of an import. `existing_id` is the list that came from the same before; `playlist_id` what became of it."""

    number: int
    name: str
    comment: str
    kind: str
    query: str | None
    folder: tuple[str, ...]
    counts: Mapping[str, int]
    existing_id: int | None
    playlist_id: int | None


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import: its state, its lists, and what is to be told of its file."""

    id: int
    file_name: str
    format: str | None
    size_bytes: int
    state: str
    job_id: int | None
    doubts: list[Any]
    lists: list[ListView]
    created_at: datetime
    finished_at: datetime | None
