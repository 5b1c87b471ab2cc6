"""Read LRC: lines that begin with one or more times (`[01:02.50]`), headers such as `[offset:+250]`, and in its enhanced
form times of words (`<01:02.50>`)."""

from __future__ import annotations

import re

from segue.library.lyrics.song_words import Agent, Line, SongWords, Word

MOST_LINES = 10_000
MOST_WORDS = 100_000
LONGEST_MS = 24 * 3600 * 1000
"""A time beyond a day is no time in a song."""

_TIME = re.compile(r"\[(-?)(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_WORD_TIME = re.compile(r"<(-?)(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?>")
_HEADER = re.compile(r"\[([a-zA-Z#]+):([^\]]*)\]\s*")
_BACKGROUND = re.compile(r"\[bg:\s*(.*)\]\s*")
_VOICE = re.compile(r"(v\d{1,2}):\s*")
_LANGUAGE_HEADERS = ("la", "lang", "language")


def read_lrc(text: str, language: str) -> SongWords:
    """The words in `text`; without times where none of its lines has one. A language it states comes before `language`."""
    timed: list[Line] = []
    plain: list[Line] = []
    offset = 0
    count = 0
    for written in text.split("\n", MOST_LINES)[:MOST_LINES]:
        line = written.strip()
        background = _BACKGROUND.fullmatch(line)
        if background and timed:
            line, agent = background[1], "bg"
            times: list[int] = [timed[-1].start_ms or 0]
        else:
            header = _HEADER.fullmatch(line)
            if header and not _TIME.match(line):
                name, value = header[1].lower(), header[2].strip()
                offset = _whole(value) if name == "offset" else offset
                language = value.lower()[:35] if name in _LANGUAGE_HEADERS and value else language
                continue
            times, agent = [], None
            while stamp := _TIME.match(line):
                times.append(milliseconds(stamp))
                line = line[stamp.end() :].lstrip()
            voice = _VOICE.match(line) if times else None
            if voice:
                agent, line = voice[1], line[voice.end() :]
        if not times:
            plain.append(Line(line))
            continue
        words_text, words = _words(line, times[0]) if count < MOST_WORDS else (_WORD_TIME.sub("", line).strip(), ())
        count += len(words)
        plain.append(Line(words_text))
        for at in times:
            if at <= LONGEST_MS:
                shifted = tuple(_shifted(word, at - times[0]) for word in words)
                start = shifted[0].start_ms if agent == "bg" and shifted else at
                timed.append(Line(words_text, start, None, shifted, agent))
    if timed:
        timed.sort(key=lambda each: each.start_ms or 0)
        kind = "elrc" if any(line.words for line in timed) else "lrc"
        return SongWords(language, True, tuple(timed), offset, agents=_agents(timed), format=kind)
    while plain and not plain[-1].text:
        plain.pop()
    while plain and not plain[0].text:
        plain.pop(0)
    return SongWords(language, False, tuple(plain), format="text")


def _words(line: str, start: int) -> tuple[str, tuple[Word, ...]]:
    """The text of a line, and its words with times; a time with nothing behind it is the end of the word before."""
    if "<" not in line:
        return line, ()
    stamps = list(_WORD_TIME.finditer(line))
    if not stamps:
        return line, ()
    text = ""
    found: list[Word] = []
    pieces = [(start, line[: stamps[0].start()])] if line[: stamps[0].start()].strip() else []
    for stamp, following in zip(stamps, [*stamps[1:], None], strict=True):
        pieces.append((milliseconds(stamp), line[stamp.end() : following.start() if following else None]))
    for at, piece in pieces:
        if found and found[-1].end_ms is None:
            found[-1] = Word(found[-1].text, found[-1].at, found[-1].start_ms, max(at, found[-1].start_ms))
        word = piece.strip()
        if word and at <= LONGEST_MS:
            lead = " " if piece[:1].isspace() and text and not text.endswith(" ") else ""
            text += lead
            found.append(Word(word, len(text), at))
            text += word + (" " if piece[-1:].isspace() else "")
        elif word:
            text += piece if text else piece.lstrip()
    return text.strip(), tuple(found)


def _shifted(word: Word, by: int) -> Word:
    if not by:
        return word
    return Word(
        word.text, word.at, max(0, word.start_ms + by), None if word.end_ms is None else max(0, word.end_ms + by)
    )


def _agents(lines: list[Line]) -> tuple[Agent, ...]:
    """The voices that lines name; the first of them is the main one."""
    named = list(dict.fromkeys(line.agent for line in lines if line.agent and line.agent != "bg"))
    background = any(line.agent == "bg" for line in lines)
    if not named and not background:
        return ()
    main = named[0] if named else "main"
    voices = [Agent(main, "main"), *(Agent(name, "voice") for name in named[1:])]
    return (*voices, Agent("bg", "bg")) if background else tuple(voices)


def milliseconds(stamp: re.Match[str]) -> int:
    """The time of a stamp; a negative one is the beginning."""
    fraction = (stamp[4] or "0").ljust(3, "0")
    at = (int(stamp[2]) * 60 + int(stamp[3])) * 1000 + int(fraction)
    return 0 if stamp[1] else at


def is_lrc(text: str) -> bool:
    """Whether some line of `text` begins with a time."""
    return any(_TIME.match(line.strip()) for line in text.split("\n", 500)[:500])


def _whole(text: str) -> int:
    digits = text.strip().removeprefix("+")
    return int(digits) if re.fullmatch(r"-?\d{1,9}", digits) else 0
