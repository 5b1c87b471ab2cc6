"""How far a job is, how fast it goes and when it will be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SMOOTHING_S = 10.0
"""Time constant of the rate: after so many seconds a change of speed shows to 63 %."""


@dataclass(slots=True)
class Progress:
    """What a person sees of a running job. `done` and `total` count `unit`s; `message` is a code with its facts."""

    done: int | None = None
    total: int | None = None
    unit: str | None = None
    phase: str | None = None
    message: dict[str, Any] | None = None
    rate: float | None = None
    eta_s: float | None = None
    _since: float | None = field(default=None, repr=False)
    _counted: int = field(default=0, repr=False)

    def update(self, now: float, changes: dict[str, Any]) -> None:
        """Take over what changed at `now` (monotonic seconds) and work out `rate` (units a second) and `eta_s`.

        The rate is smoothed exponentially over SMOOTHING_S; a new phase or unit starts it afresh, since files walked
        and files read do not go at one speed.
        """
        for name in ("phase", "unit"):
            if name in changes and changes[name] != getattr(self, name):
                self.rate = self.eta_s = self._since = None
                if "done" not in changes:
                    self.done = None
                if "total" not in changes:
                    self.total = None
        for name, value in changes.items():
            setattr(self, name, value)
        self._measure(now)

    def _measure(self, now: float) -> None:
        if self.done is None:
            return
        if self._since is None or self.done < self._counted:
            self._since, self._counted, self.rate = now, self.done, None
        elif now - self._since >= 0.1:
            elapsed = now - self._since
            speed = (self.done - self._counted) / elapsed
            weight = elapsed / (elapsed + SMOOTHING_S)
            self.rate = speed if self.rate is None else self.rate + weight * (speed - self.rate)
            self._since, self._counted = now, self.done
        self.eta_s = None
        if self.total is not None and self.rate:
            self.eta_s = max(0.0, (self.total - self.done) / self.rate)

    def as_json(self) -> dict[str, Any]:
        """The form kept in the table and shown by the API."""
        return {
            "done": self.done,
            "total": self.total,
            "unit": self.unit,
            "phase": self.phase,
            "rate": None if self.rate is None else round(self.rate, 3),
            "eta_s": None if self.eta_s is None else round(self.eta_s, 1),
            "message": self.message,
        }
