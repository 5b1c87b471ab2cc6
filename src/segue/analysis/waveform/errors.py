"""What is no waveform."""

from __future__ import annotations

from segue.core.errors import Invalid


class NotAWaveform(Invalid):
    """`reason` is a code: short, version, channels, length, zoom, bits."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "not_a_waveform",
            f"This is no waveform that audiowaveform would have written ({reason}).",
            hint="Versions 1 and 2 of its binary format are read.",
            reason=reason,
        )
