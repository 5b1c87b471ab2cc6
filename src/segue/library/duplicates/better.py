"""Which of several copies is the better one, and why: sound first, then wholeness, then how well it is described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

EFFICIENCY = {"opus": 1.6, "aac": 1.3, "vorbis": 1.3, "musepack": 1.2, "mp3": 1.0, "wma": 0.9, "mp2": 0.6, "mp1": 0.4}
"""How many kbit/s of MP3 one kbit/s of a codec is about worth, from public listening tests at 64 to 192 kbit/s."""
LITTLE = 0.10
"""Bit rates that differ by less than this share are as good as equal."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is known of one copy. `bitrate_kbps` is an average; `tags` counts what its tags say."""

    track_id: int
    codec: str
    lossless: bool
    bitrate_kbps: int
    sample_rate_hz: int
    bit_depth: int
    channels: int
    damaged: bool
    tags: int
    has_artwork: bool
    plays: int = 0


@dataclass(frozen=True, slots=True)
class Better:
    """The copy to keep, and by what it leads the next best: [(code, params), …]; empty where they are as good."""

    track_id: int
    reasons: tuple[tuple[str, dict[str, Any]], ...]


SENTENCES = {
    "not_damaged": "It is whole; the other is damaged.",
    "lossless": "It is lossless ({codec}); the other is {other}.",
    "higher_resolution": "It has the higher resolution: {bits} bit at {rate} Hz instead of {other_bits} bit at {other_rate} Hz.",
    "more_channels": "It has {channels} channels instead of {other}.",
    "higher_bitrate": "It has more to hear: {codec} at {kbps} kbit/s instead of {other} at {other_kbps} kbit/s.",
    "better_tagged": "Its tags say more.",
    "has_artwork": "It has a picture.",
    "more_played": "It is the one that is played.",
    "older": "It was here first.",
}


def sentence(code: str, params: dict[str, Any]) -> str:
    """The reason in English; an unknown one by its code."""
    try:
        return SENTENCES[code].format_map(params)
    except KeyError:
        return code.replace("_", " ")


def better_of(copies: Sequence[Copy]) -> Better:
    """The best of at least one copy, and why it is better than the next best."""
    ranked = sorted(copies, key=_rank, reverse=True)
    best = ranked[0]
    return Better(best.track_id, () if len(ranked) == 1 else tuple(_reasons(best, ranked[1])))


def _rank(copy: Copy) -> tuple[Any, ...]:
    if copy.lossless:
        sound: tuple[float, ...] = (1, copy.bit_depth or 16, copy.sample_rate_hz, copy.channels)
    else:
        sound = (0, copy.channels > 1, round(_worth(copy) / 32), 0)
    return (not copy.damaged, *sound, copy.tags // 3, copy.has_artwork, copy.plays, -copy.track_id)


def _worth(copy: Copy) -> float:
    return copy.bitrate_kbps * EFFICIENCY.get(copy.codec, 1.0)


def _reasons(best: Copy, other: Copy) -> list[tuple[str, dict[str, Any]]]:
    reasons: list[tuple[str, dict[str, Any]]] = []
    if other.damaged and not best.damaged:
        reasons.append(("not_damaged", {}))
    if best.lossless and not other.lossless:
        reasons.append(("lossless", {"codec": best.codec, "other": other.codec}))
    elif best.lossless and (best.bit_depth, best.sample_rate_hz) > (other.bit_depth, other.sample_rate_hz):
        reasons.append(
            (
                "higher_resolution",
                {
                    "bits": best.bit_depth, "rate": best.sample_rate_hz,
                    "other_bits": other.bit_depth, "other_rate": other.sample_rate_hz,
                },
            )
        )  # fmt: skip
    elif not best.lossless and not other.lossless and _worth(best) > _worth(other) * (1 + LITTLE):
        facts = {"codec": best.codec, "kbps": best.bitrate_kbps, "other": other.codec, "other_kbps": other.bitrate_kbps}
        reasons.append(("higher_bitrate", facts))
    if best.channels > other.channels > 0:
        reasons.append(("more_channels", {"channels": best.channels, "other": other.channels}))
    if reasons:
        return reasons
    if best.tags // 3 > other.tags // 3:
        reasons.append(("better_tagged", {}))
    elif best.has_artwork and not other.has_artwork:
        reasons.append(("has_artwork", {}))
    elif best.plays > other.plays:
        reasons.append(("more_played", {}))
    elif best.track_id < other.track_id:
        reasons.append(("older", {}))
    return reasons
