"""What an edge in the spectrum means, once it is known what kind of file it is in.

In an MP3 an edge is as it should be. In a lossless file it says that the music had been through a lossy encoder, or that
a low rate was made a high one. No signal can tell a careful encoder's work from a recording that ends there by itself: it
is a finding to look into, with what speaks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from segue.analysis.records import Finding, Quality

LOW_PASSES = (
    (11_000, 64), (13_500, 80), (15_100, 96), (15_600, 112), (17_000, 128), (17_500, 160), (18_600, 192), (19_400, 224),
    (19_700, 256), (20_500, 320),
)  # fmt: skip
"""Where LAME 3.100 ends at which bit rate in kbit/s, as it is set by itself (`optimum_bandwidth` in lame.c). At 16 kHz older
encoders end at 128, and so do most others."""
OLD_128_HZ = 16_000
NEAR_HZ = 350
LOWEST_LOSSY_HZ, HIGHEST_LOSSY_HZ = 10_500, 20_700
CD_RATES = (44_100, 48_000)
HIGH_RATE = 64_000
UPSAMPLED_UP_TO_HZ = 24_300
TRUNCATED = "cut_short"
"""The decoder's doubt of that meaning."""


def conclude(quality: Quality, *, lossless: bool | None, sample_rate: int, doubts: Sequence[Finding] = ()) -> Quality:
    """`quality` as `QualityPart` found it, its `edge` read in the light of the file.

    `lossless` is whether its codec is (None: not known, then nothing is said of a lossy source); `doubts` are those of the
    decoder. Findings: lossy_source {cutoff_hz, fall_db, kbps}, upsampled {sample_rate, cutoff_hz, likely_rate}, truncated.
    The bit rate is the nearest of what an MP3 encoder would have been set to. Concluded again it stays the same.
    """
    edge = next((finding for finding in quality.findings if finding.code == "edge"), None)
    findings = [finding for finding in quality.findings if finding.code not in CONCLUDED]
    if edge is not None and lossless:
        findings += _meaning(int(edge.params["hz"]), float(edge.params["fall_db"]), sample_rate)
    findings += [Finding("truncated", dict(doubt.params)) for doubt in doubts if doubt.code == TRUNCATED][:1]
    return replace(quality, findings=tuple(findings))


CONCLUDED = frozenset({"lossy_source", "upsampled", "truncated"})


LOSSLESS = frozenset(
    {"alac", "als", "ape", "flac", "mlp", "mp4als", "shorten", "tak", "truehd", "tta", "wavpack", "wmalossless"}
)
LOSSLESS_FAMILIES = ("pcm_", "dsd_", "dst")


def lossless(codec: str) -> bool:
    """Whether FFmpeg's codec of this name keeps every sample. (A hybrid WavPack that lacks its correction file does not; it
    cannot be told by its name.)"""
    return codec in LOSSLESS or (codec.startswith(LOSSLESS_FAMILIES) and codec not in ("pcm_alaw", "pcm_mulaw"))


def _meaning(hz: int, fall_db: float, sample_rate: int) -> list[Finding]:
    if sample_rate >= HIGH_RATE and hz <= UPSAMPLED_UP_TO_HZ and hz > HIGHEST_LOSSY_HZ:
        likely = next((rate for rate in CD_RATES if hz <= rate / 2 + NEAR_HZ), CD_RATES[-1])
        return [Finding("upsampled", {"sample_rate": sample_rate, "cutoff_hz": hz, "likely_rate": likely})]
    if LOWEST_LOSSY_HZ <= hz <= HIGHEST_LOSSY_HZ:
        return [Finding("lossy_source", {"cutoff_hz": hz, "fall_db": fall_db, "kbps": likely_kbps(hz)})]
    return []


def likely_kbps(hz: int) -> int:
    """The bit rate of the MP3 that would end there."""
    if abs(hz - OLD_128_HZ) <= NEAR_HZ / 2:
        return 128
    return min(LOW_PASSES, key=lambda low_pass: abs(low_pass[0] - hz))[1]
