"""A plan for going from one track to the next.

Along the beats, where both have beats and their tempos come together: the second track begins on one of its bars at a bar of
the first, as long before the end of its intro as both have room for, and its bass comes in where the first one's goes. Else
the two are faded, or, where one ends in silence of its own, played one after the other.
"""

from __future__ import annotations

from segue.analysis.mixing import scoring
from segue.analysis.mixing.cues import Beats, Points, points
from segue.analysis.mixing.keys import Fit, fit
from segue.analysis.mixing.records import Kind, Manner, Mixable, Reason, Terms, Transition
from segue.analysis.mixing.tempo import Match, match

LENGTHS = (128, 96, 64, 48, 32, 24, 16, 8, 4)
"""Beats that an overlap may last."""
WITHOUT_INTRO = 16
"""Beats of overlap where the second track has no intro: half into its first phrase."""
FADE_MS = 6_000
SHORTEST_FADE_MS = 500
SETTLE_BEATS = 16
ENERGY_TOLD = 0.12


def plan(first: Mixable, second: Mixable, manner: Manner) -> Transition:
    """How to go from the first to the second, with what speaks for and against it."""
    out, into = points(first), points(second)
    tempo = match(first.bpm, second.bpm, manner)
    on_beats = _on_beats(first, second, out, into, tempo, manner) if tempo.fits else None
    rate = tempo.rate if on_beats is not None else 1.0
    key = fit(first.key, second.key, rate, manner)
    terms = Terms(
        round(key.score, 4),
        round(tempo.score, 4),
        round(scoring.energy(first.energy, second.energy), 4),
        round(scoring.room(out, into), 4),
    )
    reasons = tuple(_reasons(first, second, out, into, tempo, key, manner))
    if on_beats is None:
        out_ms, length_ms = _fade(first, second, out)
        placed = _Placed(out_ms, second.sound_start_ms, length_ms, 0, None)
        kind: Kind = "crossfade" if length_ms else "gap"
    else:
        placed, kind = on_beats, "beats"
    settle = SETTLE_BEATS * 60_000 / first.bpm if on_beats is not None and first.bpm and abs(rate - 1) > 1e-3 else 0
    return Transition(
        first.id, second.id, kind, placed.out_ms, placed.in_ms, placed.length_ms, placed.beats, round(rate, 5), round(settle),
        placed.bass_swap_ms, tempo.factor, key.relation, key.cents, scoring.total(terms), terms, reasons,
    )  # fmt: skip


class _Placed:
    """Where a transition lies: in the first track, in the second, and how long."""

    __slots__ = ("bass_swap_ms", "beats", "in_ms", "length_ms", "out_ms")

    def __init__(self, out_ms: int, in_ms: int, length_ms: int, beats: int, bass_swap_ms: int | None) -> None:
        self.out_ms, self.in_ms, self.length_ms, self.beats = out_ms, in_ms, length_ms, beats
        self.bass_swap_ms = bass_swap_ms


def _on_beats(
    first: Mixable, second: Mixable, out: Points, into: Points, tempo: Match, manner: Manner
) -> _Placed | None:
    """Along the beats, on whole bars; None where either has none, or too few."""
    ours, theirs = Beats(first), Beats(second)
    if not ours or not theirs or out.leave_beat is None or into.in_beat is None or into.body_beat is None:
        return None
    wanted = into.beats_in / tempo.factor if into.beats_in else WITHOUT_INTRO
    longest = min(manner.longest_beats, wanted)
    after = len(ours.at) - 1 - out.leave_beat
    beats = next((length for length in LENGTHS if length <= longest and length <= after), 0)
    if not beats:
        return None
    starts = out.leave_beat
    out_ms, ends_ms = ours.at[starts], ours.at[starts + beats]
    if into.beats_in:
        begins = max(into.in_beat, into.body_beat - round(beats * tempo.factor))
    else:
        begins = into.in_beat
    swap = beats // 2 if into.beats_in == 0 else beats
    swap -= swap % ours.bar if swap > ours.bar else 0
    return _Placed(out_ms, theirs.at[begins], ends_ms - out_ms, beats, ours.at[starts + swap] - out_ms)


def _fade(first: Mixable, second: Mixable, out: Points) -> tuple[int, int]:
    """Where a plain fade begins and how long it is."""
    if first.fade_out_start_ms is not None:
        begins = max(out.leave_ms, first.end_ms - 2 * FADE_MS)
    else:
        begins = first.end_ms - FADE_MS
    begins = max(first.sound_start_ms, begins, first.end_ms - second.duration_ms // 2)
    length = first.end_ms - begins
    return (begins, length) if length >= SHORTEST_FADE_MS else (first.end_ms, 0)


def _reasons(
    first: Mixable, second: Mixable, out: Points, into: Points, tempo: Match, key: Fit, manner: Manner
) -> list[Reason]:
    found = [Reason(f"key_{key.relation}")]
    if abs(key.cents) > 12:
        found.append(Reason("out_of_tune", {"cents": key.cents}))
    if not first.bpm or not second.bpm:
        found.append(Reason("tempo_unknown"))
    elif not tempo.fits:
        params = {"from": round(first.bpm, 2), "to": round(second.bpm, 2), "limit": manner.pitch_limit}
        found.append(Reason("tempo_apart", params))
    else:
        params = {"from": round(first.bpm, 2), "to": round(second.bpm, 2), "rate": round(tempo.rate, 4)}
        if tempo.factor != 1:
            params["factor"] = round(tempo.factor, 4)
            found.append(Reason("tempo_octave" if tempo.factor in (2.0, 0.5) else "tempo_three_two", params))
        else:
            found.append(
                Reason("tempo_close" if abs(tempo.rate - 1) <= manner.pitch_limit / 2 else "tempo_far", params)
            )
    if first.energy is not None and second.energy is not None:
        step = round(second.energy - first.energy, 3)
        name = "energy_up" if step > ENERGY_TOLD else "energy_down" if step < -ENERGY_TOLD else "energy_level"
        found.append(Reason(name, {"step": step}))
    if into.beats_in:
        found.append(Reason("intro", {"beats": into.beats_in}))
    if first.outro_start_ms is not None and out.beats_out:
        found.append(Reason("outro", {"beats": out.beats_out}))
    if first.artists & second.artists:
        found.append(Reason("same_artist"))
    return found
