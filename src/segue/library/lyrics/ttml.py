"""Read TTML as Apple Music and its tools write it: lines and words with times, voices, translations and romanisations.

Of the standard (W3C Timed Text Markup Language 2) what lyrics use: `p` with `begin` and `end`, `span` inside, agents in the
head. A document that declares entities is refused before it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, fromstring

from segue.library.lyrics.lrc import LONGEST_MS, MOST_LINES, MOST_WORDS
from segue.library.lyrics.song_words import UNKNOWN_LANGUAGE, Agent, Kind, Line, Role, SongWords, Word

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?")
_OFFSET = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?(h|m|s|ms)?")
_UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1, None: 1000}
_SPACE = re.compile(r"\s+")
_ROLES: dict[str, Kind] = {"x-translation": "translation", "x-roman": "pronunciation"}
_DEEPEST = 12


class NotTtml(ValueError):
    """The text is no TTML that can be read; says why in a few words."""


def read_ttml(text: str, language: str) -> list[SongWords]:
    """The words, and every translation and romanisation of them, the words first. Raises NotTtml."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotTtml("it declares entities")
    try:
        root = fromstring(text)
    except ParseError as error:
        raise NotTtml(str(error)[:100]) from None
    if _name(root) != "tt":
        raise NotTtml("it is other XML")
    language = root.get(_LANG, "").lower()[:35] or language
    agents = _agents(root)
    lines: list[Line] = []
    others: dict[tuple[Kind, str], dict[int, str]] = {}
    keys: dict[str, int] = {}
    words_left = MOST_WORDS
    for paragraph in _all(root, "p"):
        if len(lines) >= MOST_LINES:
            break
        made = _Paragraph(paragraph, agents)
        if words_left < len(made.words):
            made.words = []
        words_left -= len(made.words)
        place = len(lines)
        if key := _attribute(paragraph, "key"):
            keys[key] = place
        lines.append(made.line())
        lines.extend(made.behind)
        for kind, spoken, said in made.others:
            others.setdefault((kind, spoken or UNKNOWN_LANGUAGE), {})[place] = said
    for kind, spoken, key, said in _head_texts(root):
        if key in keys:
            others.setdefault((kind, spoken or UNKNOWN_LANGUAGE), {})[keys[key]] = said
    if not any(line.text for line in lines):
        raise NotTtml("it holds no words")
    synced = all(line.start_ms is not None for line in lines)
    used = {line.agent for line in lines if line.agent}
    voices = tuple(agent for agent in agents.values() if agent.id in used)
    if voices and not any(agent.role == "main" for agent in voices):
        voices = (Agent(voices[0].id, "main", voices[0].name), *voices[1:])
    found = [SongWords(language, synced, tuple(lines), agents=voices, format="ttml")]
    for (kind, spoken), texts in others.items():
        told = tuple(Line(texts[at], lines[at].start_ms, lines[at].end_ms) for at in sorted(texts))
        found.append(SongWords(spoken, synced, told, kind=kind, format="ttml"))
    return found


class _Paragraph:
    """One `p`: its words, background voices as lines of their own, and translations inside."""

    def __init__(self, element: Element, agents: dict[str, Agent]) -> None:
        self.start = time_ms(element.get("begin"))
        self.end = time_ms(element.get("end"))
        self.agent = _attribute(element, "agent")
        self.agent = self.agent if self.agent in agents else next(iter(agents), None)
        self.text = ""
        self.words: list[Word] = []
        self.behind: list[Line] = []
        self.others: list[tuple[Kind, str, str]] = []
        self._agents = agents
        self._walk(element, 0)

    def line(self) -> Line:
        text = self.text.rstrip()
        start = self.start if self.start is not None else self.words[0].start_ms if self.words else None
        return Line(text, start, self.end, tuple(self.words), self.agent)

    def _walk(self, element: Element, depth: int) -> None:
        self._say(element.text)
        for child in element if depth < _DEEPEST else ():
            role = _attribute(child, "role")
            start = time_ms(child.get("begin"))
            if role in _ROLES:
                said = _flat(child)
                if said:
                    self.others.append((_ROLES[role], child.get(_LANG, "").lower()[:35], said))
            elif role == "x-bg":
                self._behind(child)
            elif _name(child) == "br":
                self._say(" ")
            elif start is not None and not any(time_ms(each.get("begin")) is not None for each in child):
                self._word(_flat(child, strip=False), start, time_ms(child.get("end")))
            else:
                self._walk(child, depth + 1)
            self._say(child.tail)

    def _behind(self, element: Element) -> None:
        self._agents.setdefault("bg", Agent("bg", "bg"))
        if self.agent is None:
            self._agents["main"] = Agent("main", "main")
            self.agent = "main"
        inner = _Paragraph(element, {})
        line = inner.line()
        if line.text:
            start = line.start_ms if line.start_ms is not None else self.start
            self.behind.append(Line(line.text, start, line.end_ms, line.words, "bg"))

    def _word(self, text: str, start: int, end: int | None) -> None:
        self._say(" " if text[:1].isspace() else None)
        if text.strip():
            self.words.append(Word(text.strip(), len(self.text), start, end))
        self._say(text.strip())
        self._say(" " if text[-1:].isspace() else None)

    def _say(self, text: str | None) -> None:
        if not text:
            return
        text = _SPACE.sub(" ", text)
        if text[0] == " " and (not self.text or self.text.endswith(" ")):
            text = text[1:]
        self.text += text


def _agents(root: Element) -> dict[str, Agent]:
    found: dict[str, Agent] = {}
    for element in _all(root, "agent"):
        ident = element.get(_ID)
        if ident and len(found) < 50:
            name = next((_flat(child) for child in element if _name(child) == "name"), None)
            role: Role = "group" if element.get("type") == "group" else "voice" if found else "main"
            found[ident] = Agent(ident, role, name or None)
    return found


def _head_texts(root: Element) -> Iterator[tuple[Kind, str, str, str]]:
    """(kind, language, key of the line, text) of translations and transliterations in the head."""
    kinds: tuple[tuple[str, Kind], ...] = (("translation", "translation"), ("transliteration", "pronunciation"))
    for name, kind in kinds:
        for element in _all(root, name):
            for text in element:
                if _name(text) == "text" and (key := text.get("for")) and (said := _flat(text)):
                    yield kind, element.get(_LANG, "").lower()[:35], key, said


def time_ms(written: str | None) -> int | None:
    """A time of TTML (`1:02.5`, `00:01:02.500`, `62.5s`, `62500ms`) in milliseconds; None for none, or one past a day."""
    if not written:
        return None
    written = written.strip()
    if clock := _CLOCK.fullmatch(written):
        seconds = int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
        found = seconds * 1000 + int((clock[4] or "0").ljust(3, "0")[:3])
    elif offset := _OFFSET.fullmatch(written):
        unit = _UNITS[offset[3]]
        found = int(offset[1]) * unit + round(float(f"0.{offset[2] or 0}") * unit)
    else:
        return None
    return found if found <= LONGEST_MS else None


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _name(element) == name)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _attribute(element: Element, name: str) -> str | None:
    """An attribute by its name alone, in whatever namespace a tool put it."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def _flat(element: Element, *, strip: bool = True) -> str:
    text = _SPACE.sub(" ", "".join(element.itertext()))
    return text.strip() if strip else text
