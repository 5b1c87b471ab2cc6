"""What is stored as a code and parameters, as an English sentence: for the terminal. Web and apps have their own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segue.analysis.records import Finding

_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "damaged": lambda p: f"Passed over, as damaged: {p['packets']} {_some(p['packets'], 'packet')}.",
    "gaps": lambda p: (
        f"{p['ms'] / 1000:.1f} s are missing at {p['count']} {_some(p['count'], 'place')}, the first at {clock(p['at_ms'])}."
    ),
    "not_finite": lambda p: (
        f"Taken for silence, as they are no numbers: {p['samples']} {_some(p['samples'], 'sample')}."
    ),
    "rate_changed": lambda p: f"The sample rate changes on the way, from {p['from']} to {p['to']} Hz.",
    "channels_changed": lambda p: f"The channels change on the way, from {p['from']} to {p['to']}.",
    "cut_short": lambda p: (
        f"It was cut off: it says it is {clock(p['stated_ms'])} long and ends at {clock(p['heard_ms'])}."
        if "stated_ms" in p
        else f"It was cut off at {clock(p['heard_ms'])}."
    ),
    "loudness_unsure": lambda p: (
        f"It is damaged, and what was decoded peaks at {p['true_peak']:+.0f} dBTP: nothing is said of its loudness."
    ),
    "too_long": lambda p: f"Only the first {clock(p['heard_ms'])} were heard.",
    "heard_in_part": lambda p: f"Only the first {clock(p['heard_ms'])} were heard.",
    "clipped": lambda p: (
        f"It runs into full scale at {p['runs']} {_some(p['runs'], 'place')}, for {p['ms']:.0f} ms in all."
    ),
    "dc_offset": lambda p: f"Channel {p['channel'] + 1} is off centre by {abs(p['offset']):.1%} of full scale.",
    "silent_channel": lambda p: f"Channel {p['channel'] + 1} is silent.",
    "mono_as_stereo": lambda p: "Both channels are the same: it is mono.",
    "phase_inverted": lambda p: "One channel is upside down: on a single loudspeaker it cancels the other.",
    "mostly_silence": lambda p: f"{p['share']:.0%} of it is silence.",
    "edge": lambda p: f"There is nothing above {p['hz'] / 1000:.1f} kHz.",
    "lossy_source": lambda p: (
        f"It looks like a lossless copy of a lossy file: it ends sharply at {p['cutoff_hz'] / 1000:.1f} kHz, as an MP3 of"
        f" {p['kbps']} kbit/s does."
    ),
    "upsampled": lambda p: (
        f"It has {p['sample_rate']} samples a second, yet nothing above {p['cutoff_hz'] / 1000:.1f} kHz: it may come from"
        f" {p['likely_rate']}."
    ),
    "truncated": lambda p: "Its end is missing.",
    "tempo_in_part": lambda p: f"Tempo and beats are those of the first {clock(p['heard_ms'])}.",
    "key_in_part": lambda p: f"The key is that of the first {clock(p['heard_ms'])}.",
    "part_failed": lambda p: f"Hearing its {p['part']} failed ({p['error']}); that is an error of Segue's.",
}


def sentence(finding: Finding) -> str:
    """What a finding or doubt says; of a code that is not known here, the code and its parameters."""
    told = _SENTENCES.get(finding.code)
    try:
        if told is not None:
            return told(finding.params)
    except (KeyError, TypeError, ValueError):
        pass
    params = ", ".join(f"{name} {value}" for name, value in finding.params.items())
    return finding.code.replace("_", " ").capitalize() + (f" ({params})." if params else ".")


def clock(ms: float) -> str:
    """3:07, 1:02:03."""
    seconds = int(ms // 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _some(count: int, what: str) -> str:
    return what if count == 1 else what + "s"
