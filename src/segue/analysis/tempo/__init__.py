"""Tempo and beats. Listening (`part.TempoPart`) needs numpy and is for a pool's child; concluding from what was heard does
not, and is for everybody."""

from segue.analysis.tempo.conclusion import again, conclude
from segue.analysis.tempo.pulse import Level, Pulse

__all__ = ["Level", "Pulse", "again", "conclude"]
