"""What was heard of a file as a page for a terminal, 80 columns wide; colours only where there is one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from segue.analysis.key import names
from segue.analysis.lines import findings
from segue.analysis.loudness import gain_db
from segue.analysis.records import Energy, Heard, Key, Loudness, Shape, Tempo, Waveform
from segue.analysis.sentences import clock, sentence
from segue.cli.analyze_drawing import bar, columns, steps
from segue.cli.analyze_files import Answer
from segue.core.errors import SegueError

WIDTH = 78
DRAWN = 66
"""Columns of a waveform."""
ROWS = 4
HEAD = 11
"""Columns before each line."""

Row = tuple[str, Text]
"""What stands before a line, and the line."""


class Pages:
    """Prints answers, one below the other."""

    def __init__(self) -> None:
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=False, width=WIDTH + 2, emoji=False)

    def show(self, answer: Answer, *, side_by_side: bool) -> None:
        first = answer.first
        self._console.print(Text(answer.name, "bold", overflow="fold"))
        grid = Table.grid(
            Column(width=HEAD - 2, style="bold cyan"), Column(width=DRAWN), padding=(0, 0), pad_edge=False
        )
        for head, body in _unheard(first) if isinstance(first, SegueError) else _page(first):
            grid.add_row(head, body)
        self._console.print(Padding(grid, (0, 0, 0, 2), expand=False))
        if side_by_side and any(isinstance(one, Heard) for one in answer.said.values()):
            self._console.print()
            self._console.print(_table(answer.said))
        self._console.print()


def _unheard(error: SegueError) -> list[Row]:
    rows = [_row("", Text(error.message, "red"))]
    return [*rows, _row("", error.hint)] if error.hint else rows


def _page(heard: Heard) -> list[Row]:
    rows = [_row("", Text(_of_file(heard), "dim"))]
    if heard.waveform is not None:
        rows += [_row(""), *_waveform(heard.waveform, heard)]
    rows.append(_row(""))
    rows += _tempo(heard.tempo)
    rows += _key(heard.key)
    rows += _loudness(heard.loudness)
    rows += _energy(heard.energy, heard.danceability)
    rows += _shape(heard.shape, heard.duration_ms)
    for number, finding in enumerate(findings(heard)):
        rows.append(_row("Findings" if not number else "", Text(sentence(finding), "yellow")))
    return rows


def _of_file(heard: Heard) -> str:
    channels = {1: "mono", 2: "stereo"}.get(heard.channels, f"{heard.channels} channels")
    told = f"{clock(heard.duration_ms)}, {heard.sample_rate / 1000:g} kHz, {channels}, " if heard.channels else ""
    speed = heard.duration_ms / 1000 / heard.seconds if heard.seconds else 0
    return f"{told}heard in {heard.seconds:.2f} s ({speed:.0f}× real time)"


def _row(head: str, *parts: Text | str) -> Row:
    return head, Text.assemble(*parts)


def _waveform(wave: Waveform, heard: Heard) -> list[Row]:
    heights, bands = columns(wave, DRAWN)
    rows = []
    for line in steps(heights, ROWS):
        row = Text()
        for place, block in enumerate(line):
            low, mid, high = bands[place]
            row.append(block, "red" if low >= max(mid, high) else "green" if mid >= high else "blue")
        rows.append(_row("", row))
    axis = [" "] * DRAWN
    for quarter in range(4):
        at = quarter * DRAWN // 4
        for offset, sign in enumerate("╵" + _moment(heard.duration_ms * quarter / 4, heard.duration_ms)):
            axis[at + offset] = sign
    rows.append(_row("", Text("".join(axis), "dim")))
    return rows


def _moment(ms: float, whole_ms: int) -> str:
    return clock(ms) if whole_ms >= 60_000 else f"{ms / 1000:.1f} s"


def _tempo(tempo: Tempo | None) -> list[Row]:
    if tempo is None or tempo.bpm is None:
        return [_row("Tempo", "no pulse was heard")]
    rows = [_row("Tempo", Text(f"{tempo.bpm:.2f} BPM", "bold"), "  ", *_sure(tempo.confidence))]
    others = [one for one in tempo.candidates if one.score >= 0.005 and abs(one.bpm - tempo.bpm) > 0.01][:4]
    if others:
        rows.append(_row("", "or " + ", ".join(f"{one.bpm:.2f} ({one.score:.0%})" for one in others)))
    about = [f"{len(tempo.beats_ms)} beats"]
    if tempo.beats_ms:
        about[0] += f" from {tempo.beats_ms[0] / 1000:.2f} s on"
    if tempo.grid is not None:
        bar_of = f", {tempo.grid.beats_a_bar} a bar" if tempo.grid.beats_a_bar else ""
        about.append("an even grid" + bar_of)
    if tempo.curve:
        slow, fast = min(bpm for _, bpm in tempo.curve), max(bpm for _, bpm in tempo.curve)
        about.append(f"moving between {slow:.1f} and {fast:.1f}")
    about.append(f"steadiness {tempo.steadiness:.0%}")
    rows.append(_row("", ", ".join(about)))
    return rows


def _key(key: Key | None) -> list[Row]:
    if key is None:
        return [_row("Key", "none was heard")]
    told = names(key.tonic, key.mode)
    spellings = " · ".join(dict.fromkeys((told.camelot, told.open_key, told.flat, told.sharp)))
    name = f"{told.preferred.removesuffix('m')} {key.mode}"
    rows = [_row("Key", Text(name, "bold"), f" ({spellings})  ", *_sure(key.confidence))]
    if len(key.scores) == 24:
        rows += _wheel(key)
    if abs(key.tuning_cents) >= 5:
        rows.append(_row("", f"tuned {key.tuning_cents:+.0f} cents from A = 440 Hz"))
    if len(key.segments) > 1:
        parts = [f"{names(one.tonic, one.mode).preferred} from {clock(one.start_ms)}" for one in key.segments[:8]]
        rows.append(_row("", ", ".join(parts) + (" …" if len(key.segments) > 8 else "")))
    return rows


def _wheel(key: Key) -> list[Row]:
    """The Camelot wheel unrolled, how well each key fits (drawn so that little is seen, too), the chosen one in brackets."""
    low, high = min(key.scores), max(key.scores)
    rows = []
    for letter, first in (("B", 0), ("A", 12)):
        by_hour = {int(names(tonic, "major" if letter == "B" else "minor").camelot[:-1]): tonic for tonic in range(12)}
        row = Text()
        for hour in range(1, 13):
            tonic = by_hour[hour]
            share = ((key.scores[first + tonic] - low) / (high - low)) ** 0.3 if high > low else 0.0
            chosen = key.tonic == tonic and (key.mode == "major") == (letter == "B")
            cell = f"{hour}{letter}"
            drawn = f"[{cell}{bar(share, 1)}]" if chosen else f"{cell:>3}{bar(share, 1)} "
            row.append(f"{drawn:>5}", "bold" if chosen else "dim")
        rows.append(_row("", row))
    return rows


def _loudness(loudness: Loudness | None) -> list[Row]:
    if loudness is None or loudness.integrated is None:
        return [_row("Loudness", "nothing above -70 LUFS")]
    parts = [f"range {loudness.range:.1f} LU"] if loudness.range is not None else []
    if loudness.true_peak is not None:
        parts.append(f"true peak {loudness.true_peak:+.1f} dBTP")
    parts.append(f"ReplayGain {gain_db(loudness.integrated):+.1f} dB")
    return [_row("Loudness", Text(f"{loudness.integrated:.1f} LUFS", "bold"), "  " + ", ".join(parts))]


def _energy(energy: Energy | None, danceability: float | None) -> list[Row]:
    if energy is None:
        return []
    dance = "" if danceability is None else f"   danceability {danceability:.2f} {bar(danceability, 10)}"
    rows = [_row("Energy", Text(f"{energy.value:.2f}", "bold"), f" {bar(energy.value, 10)}{dance}")]
    if energy.parts:
        rows.append(
            _row("", Text(", ".join(f"{name.replace('_', ' ')} {z:+.1f}" for name, z in energy.parts.items()), "dim"))
        )
    return rows


def _shape(shape: Shape | None, duration_ms: int) -> list[Row]:
    if shape is None:
        return []
    parts = []
    if shape.sound_start_ms >= 500 or duration_ms - shape.sound_end_ms >= 500:
        parts.append(f"sound from {clock(shape.sound_start_ms)} to {clock(shape.sound_end_ms)}")
    for value, words in (
        (shape.fade_in_end_ms, "fades in until"),
        (shape.intro_end_ms, "intro until"),
        (shape.outro_start_ms, "outro from"),
        (shape.fade_out_start_ms, "fades out from"),
    ):
        if value is not None:
            parts.append(f"{words} {clock(value)}")
    if shape.silences:
        parts.append(f"{len(shape.silences)} silences within")
    return [_row("Shape", ", ".join(parts))] if parts else []


def _sure(confidence: float) -> tuple[Text, str]:
    colour = "green" if confidence >= 0.8 else "yellow" if confidence >= 0.5 else "red"
    return Text(bar(confidence, 10), colour), f" {confidence:.0%} sure"


def _table(said: Mapping[str, Heard | SegueError]) -> Table:
    table = Table(width=WIDTH, pad_edge=False)
    table.add_column("")
    for name in said:
        table.add_column(name)
    rows: list[tuple[str, Callable[[Heard], str]]] = [
        ("tempo", lambda h: "–" if h.tempo is None or h.tempo.bpm is None else f"{h.tempo.bpm:.2f} BPM"),
        ("sure", lambda h: "–" if h.tempo is None else f"{h.tempo.confidence:.0%}"),
        ("beats", lambda h: "–" if h.tempo is None else str(len(h.tempo.beats_ms))),
        ("key", lambda h: "–" if h.key is None else _short_key(h.key)),
        ("sure", lambda h: "–" if h.key is None else f"{h.key.confidence:.0%}"),
        ("loudness", lambda h: _short_loudness(h.loudness)),
        ("energy", lambda h: "–" if h.energy is None else f"{h.energy.value:.2f}"),
        ("seconds", lambda h: f"{h.seconds:.2f}"),
    ]
    for head, told in rows:
        table.add_row(head, *("" if isinstance(one, SegueError) else told(one) for one in said.values()))
    failures = [one.message if isinstance(one, SegueError) else "" for one in said.values()]
    if any(failures):
        table.add_row("error", *failures)
    return table


def _short_key(key: Key) -> str:
    told = names(key.tonic, key.mode)
    return f"{told.preferred} ({told.camelot})"


def _short_loudness(loudness: Loudness | None) -> str:
    if loudness is None or loudness.integrated is None:
        return "–"
    peak = "" if loudness.true_peak is None else f", {loudness.true_peak:+.1f} dBTP"
    return f"{loudness.integrated:.1f} LUFS{peak}"
