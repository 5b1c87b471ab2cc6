"""What a person wants to be sent to an account. Pure: a play and the choices in, yes or no out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from segue.listening.plays import PlayRow


@dataclass(frozen=True, slots=True)
class Choices:
    """Which of plays, now playing and loves are sent, and which plays are not.

    `without_sources` and `without_clients` name where plays are told from (`subsonic`, `listenbrainz` …) and by which program
    (case does not matter). `hated`: whether what the person hates is sent all the same. `minimum_s`: tracks shorter than
    that are not sent. `import_loves`: whether loves at the service become stars here, every night.
    """

    plays: bool = True
    now_playing: bool = True
    loves: bool = True
    import_loves: bool = False
    hated: bool = False
    minimum_s: int = 30
    without_sources: tuple[str, ...] = ()
    without_clients: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Choices:
        """As they were kept; what is missing is as usual."""
        known = {one.name for one in fields(cls)}
        given: dict[str, Any] = {name: value for name, value in (kept or {}).items() if name in known}
        for name in ("without_sources", "without_clients"):
            given[name] = tuple(given.get(name, ()))
        return cls(**given)

    def with_changes(self, changes: Mapping[str, Any]) -> Choices:
        return Choices.of({**self.as_json(), **changes})

    def takes(self, play: PlayRow, is_hated: bool) -> bool:
        """Whether this play is to be sent."""
        if not self.plays or not play.title or not play.artist or (is_hated and not self.hated):
            return False
        if play.duration_ms is not None and play.duration_ms < self.minimum_s * 1000:
            return False
        return not (_among(play.source, self.without_sources) or _among(play.client, self.without_clients))

    def takes_client(self, client: str) -> bool:
        """Whether what this program plays now is to be told."""
        return self.now_playing and not _among(client, self.without_clients)


def _among(name: str, names: tuple[str, ...]) -> bool:
    return name.casefold() in {one.casefold() for one in names}
