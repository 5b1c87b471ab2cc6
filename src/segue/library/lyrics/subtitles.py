"""Read SubRip and WebVTT: blocks of text with a beginning and an end."""

from __future__ import annotations

import re

from segue.library.lyrics.lrc import LONGEST_MS, MOST_LINES
from segue.library.lyrics.song_words import Line, SongWords

_SPAN = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
)
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|<[\d:.]+>|\{\\[^}]*\}")


def read_subtitles(text: str, language: str, format: str) -> SongWords:
    """The lines of `.srt` or `.vtt`; none where it holds no times."""
    lines: list[Line] = []
    for block in re.split(r"\n\s*\n", text)[:MOST_LINES]:
        span = _SPAN.search(block)
        if span is None:
            continue
        start, end = _milliseconds(span, 1), _milliseconds(span, 5)
        said = [_MARKUP.sub("", line).strip() for line in block[span.end() :].split("\n")[1:]]
        words = " ".join(line for line in said if line)
        if words and start <= LONGEST_MS:
            lines.append(Line(words, start, end if start <= end <= LONGEST_MS else None))
    lines.sort(key=lambda line: line.start_ms or 0)
    return SongWords(language, True, tuple(lines), format=format)


def _milliseconds(span: re.Match[str], first: int) -> int:
    hours, minutes, seconds, fraction = (span[first + place] or "0" for place in range(4))
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))
