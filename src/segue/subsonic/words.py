"""Sets of words as `structuredLyrics` has them: lines, and with `enhanced` the times of words, voices and the kind.

Offsets of words are bytes of UTF-8 in the text of their line, both ends included (the extension songLyrics, version 2).
"""

from __future__ import annotations

from segue.library.lyrics.song_words import Line, SongWords, Word
from segue.subsonic.spelled import Spelled


def structured(words: SongWords, enhanced: bool) -> Spelled:
    """One set of words, as version 1 of the extension has it, or version 2."""
    spelled: Spelled = {
        "lang": words.language,
        "synced": words.synced,
        "offset": words.offset_ms,
        "line": [{"start": line.start_ms, "value": line.text} for line in words.lines],
    }
    if not enhanced:
        return spelled
    spelled["kind"] = words.kind
    if words.synced and words.word_timed:
        spelled["cueLine"] = [_cue_line(words, at, line) for at, line in enumerate(words.lines) if line.words]
        if words.agents:
            spelled["agents"] = [{"id": agent.id, "role": agent.role, "name": agent.name} for agent in words.agents]
    return spelled


def _cue_line(words: SongWords, index: int, line: Line) -> Spelled:
    main = next((agent.id for agent in words.agents if agent.role == "main"), None)
    return {
        "index": index,
        "start": line.words[0].start_ms if line.start_ms is None else line.start_ms,
        "end": line.end_ms,
        "agentId": (line.agent or main) if words.agents else None,
        "value": line.text,
        "cue": _cues(line),
    }


def _cues(line: Line) -> list[Spelled]:
    """Ends are said of all words of a line or of none: one that is not known is the beginning of the next word."""
    ends: list[int | None] = [word.end_ms for word in line.words]
    if any(end is not None for end in ends):
        following = [*(word.start_ms for word in line.words[1:]), line.end_ms]
        ends = [end if end is not None else after for end, after in zip(ends, following, strict=True)]
        if any(end is None for end in ends):
            ends = [None] * len(ends)
    return [_cue(line.text, word, end) for word, end in zip(line.words, ends, strict=True)]


def _cue(text: str, word: Word, end: int | None) -> Spelled:
    first = len(text[: word.at].encode())
    return {
        "start": word.start_ms,
        "end": end,
        "byteStart": first,
        "byteEnd": first + max(1, len(word.text.encode())) - 1,
        "value": word.text,
    }
