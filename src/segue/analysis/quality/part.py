"""Quality of what goes by in blocks."""

from __future__ import annotations

from segue.analysis.parts import Block
from segue.analysis.quality.channels import Channels, Stereo
from segue.analysis.quality.clipping import Clipping
from segue.analysis.quality.cutoff import Spectrum
from segue.analysis.quality.stillness import Stillness
from segue.analysis.records import Finding, Quality

CLIPPED_RUNS = 10
"""A few such runs are one loud moment, and nothing to be told."""
OFFSET_TOLD = 0.002
"""- 54 dBFS: above this a cut can be heard as a click."""
SILENT_CHANNEL = 1e-6
"""A channel 60 dB under the loudest is not used."""
MONO_DIFFERENCE = 1e-6
"""- 60 dB: two channels that differ less are one."""
INVERTED = -0.9
HEARD_POWER = 1e-7
"""- 70 dBFS."""
SILENCE_SHARE = 0.5


class QualityPart:
    """Found are: clipped {runs, ms}, dc_offset {offset, channel}, silent_channel {channel}, mono_as_stereo,
    phase_inverted {correlation}, mostly_silence {share}, and `edge` {hz, fall_db, share}, for `conclude` to read.
    Channels are counted from 0.
    """

    def __init__(self) -> None:
        self._rate = 0
        self._layout = ""
        self._clipping = Clipping()
        self._channels = Channels()
        self._spectrum: Spectrum | None = None
        self._stillness = Stillness()

    def hear(self, block: Block) -> None:
        if self._spectrum is None:
            self._rate, self._layout = block.rate, block.layout
            self._spectrum = Spectrum(block.rate)
        self._clipping.hear(block.samples)
        self._channels.hear(block.samples)
        self._spectrum.hear(block.samples)
        self._stillness.hear(block.samples, block.rate)

    def found(self) -> Quality:
        if self._spectrum is None:
            return Quality()
        self._clipping.end()
        clipped_ms = round(self._clipping.samples * 1000 / self._rate, 3)
        stereo = self._channels.found()
        edge = self._spectrum.edge()
        offset, channel = max(
            ((mean, number) for number, mean in enumerate(stereo.means)), key=lambda each: abs(each[0])
        )
        findings: list[Finding] = []
        if self._clipping.runs >= CLIPPED_RUNS:
            findings.append(Finding("clipped", {"runs": self._clipping.runs, "ms": clipped_ms}))
        if abs(offset) >= OFFSET_TOLD:
            findings.append(Finding("dc_offset", {"offset": round(offset, 5), "channel": channel}))
        findings += _of_channels(stereo)
        share = self._stillness.share()
        if share >= SILENCE_SHARE:
            findings.append(Finding("mostly_silence", {"share": round(share, 3)}))
        if edge is not None:
            findings.append(Finding("edge", {"hz": edge.hz, "fall_db": edge.fall_db, "share": edge.share}))
        return Quality(
            self._clipping.runs, clipped_ms, round(offset, 6), None if edge is None else edge.hz, tuple(findings)
        )


def _of_channels(stereo: Stereo) -> list[Finding]:
    loudest = max(stereo.powers)
    if loudest < HEARD_POWER or len(stereo.powers) < 2:
        return []
    silent = [number for number, power in enumerate(stereo.powers) if power < loudest * SILENT_CHANNEL]
    if silent and len(stereo.powers) == 2:
        return [Finding("silent_channel", {"channel": silent[0]})]
    if stereo.difference is None:
        return []
    if stereo.difference < MONO_DIFFERENCE:
        return [Finding("mono_as_stereo")]
    if stereo.correlation < INVERTED:
        return [Finding("phase_inverted", {"correlation": round(stereo.correlation, 3)})]
    return []
