"""Who acts. An Actor travels through every service instead of accounts' User, so that no domain needs to know accounts."""

from __future__ import annotations

from dataclasses import dataclass

SCROBBLE = "scrobble"
ONLY_REPORTS = frozenset({SCROBBLE})
"""Scopes of an app password that other players report listens with."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the program on a person's behalf, behind a call.

    `libraries` are the ids of the libraries whose music may be seen; None means every one. `scopes` narrow what a
    token may do; empty means whatever the roles allow.
    """

    user_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    libraries: frozenset[int] | None = frozenset()
    time_zone: str = "UTC"

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles and not self.only_reports

    @property
    def only_reports(self) -> bool:
        """Whether the credential is one for other players to report listens with, and good for nothing else."""
        return self.scopes == ONLY_REPORTS

    @property
    def person(self) -> int:
        """The id of the user; 0 for the system itself, which has no annotations, queues or playlists of its own."""
        return self.user_id or 0

    def may_see_library(self, library_id: int) -> bool:
        return self.libraries is None or library_id in self.libraries


SYSTEM = Actor(user_id=None, name="system", roles=frozenset({"admin"}), libraries=None)
"""Segue itself: jobs, the command line on the server's own machine, start-up."""
