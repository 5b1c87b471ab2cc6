"""How a vocabulary comes to be: from setlists, from recordings alone, and short names from recordings beside their setlists."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from segue.live.records import Setlist
from segue.live.titles.index import SongIndex
from segue.live.titles.keys import soft_key, soft_words, song_key, without_footnotes, words_of
from segue.live.titles.marks import take_apart, without_number
from segue.live.titles.nonsongs import ALWAYS, FILL, NAMELESS, QUALIFIERS, STRONG, is_all_nonsong, is_speech

if TYPE_CHECKING:
    from segue.live.titles.vocabulary import Night, Vocabulary

_NO_SONG = re.compile(
    r"wordpress|https?:|www\.|javascript|\b(?:learn|read) more\b|click here"
    r"|\bunknown (?:title|song|track)s?\b|\A(?:unknown|untitled|\?+)\Z",
    re.IGNORECASE,
)
"""What stands in setlists that were copied from pages: remarks of the page, and words for a song nobody knows."""
_SEEN = 2
"""Recordings that must have a title for it to be a song, where no setlist says so."""
_MORE = 4
"""How many times as frequent a name must be to be the usual one of another."""
_DATES = 2
"""Dates on which a short name must have stood in a song's place."""
_AGREE = 0.75
"""Of the dates of a short name, the share on which it stood in that place."""


def index_of(
    setlists: Sequence[Setlist],
    titles: Iterable[Sequence[str]],
    aliases: Mapping[str, str | None],
    songs: Mapping[str, int],
) -> SongIndex:
    """The songs of `setlists` by their usual names, those of `titles` where the setlists have none, and `songs`."""
    counts, spellings, followers = _from_setlists(setlists)
    if not counts:
        counts, spellings = _from_titles(titles, songs)
    there = {soft_key(name) for name in (*counts, *spellings)}
    counts |= {name: count for name, count in songs.items() if song_key(name) and soft_key(name) not in there}
    known = {song_key(name) for name in (*counts, *spellings)}
    for name in aliases.values():
        if name and song_key(name) not in known:
            counts[name] = 1
    index = SongIndex(counts, spellings, followers)
    for raw, name in aliases.items():
        if key := soft_key(raw):
            index.given[key] = next((one.name for one in index.known((name,))), name) if name else None
    return index


# --- from setlists ---------------------------------------------------------------------------------------------------


def _from_setlists(setlists: Sequence[Setlist]) -> tuple[dict[str, int], dict[str, str], dict[str, Counter[str]]]:
    written: Counter[str] = Counter()
    shows: dict[str, set[int]] = defaultdict(set)
    cleaned: dict[str, str] = {}
    for number, setlist in enumerate(setlists):
        for song in setlist.songs:
            name = cleaned.get(song.name)
            if name is None:
                name = without_footnotes(song.name)
                name = cleaned[song.name] = "" if _NO_SONG.search(name) or not song_key(name) else name
            if name:
                written[name] += 1
                shows[name].add(number)
    usual = _folded(written, shows)
    counts: Counter[str] = Counter()
    for name, times in written.items():
        counts[usual[name]] += times
    followers: dict[str, Counter[str]] = defaultdict(Counter)
    for setlist in setlists:
        for one in setlist.sets:
            names = [usual[name] for song in one.songs if (name := cleaned[song.name])]
            for before, after in pairwise(names):
                followers[before][after] += 1
    return dict(counts), {name: of for name, of in usual.items() if name != of}, followers


def _folded(written: Mapping[str, int], shows: Mapping[str, set[int]]) -> dict[str, str]:
    """Every spelling and the usual one of its song: those of one loose key, and long ones that hardly differ and were never
    played on one night."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(written, key=lambda name: (-written[name], name)):
        groups[soft_key(name)].append(name)
    usual = {name: names[0] for names in groups.values() for name in names}
    keys = sorted(groups, key=lambda key: -sum(written[name] for name in groups[key]))
    nights = {key: set().union(*(shows[name] for name in groups[key])) for key in keys}
    kept = _Kept()
    for key in keys:
        twin = next((one for one in kept.like(key, groups[key][0]) if not nights[one] & nights[key]), None)
        if twin is None:
            kept.add(key, groups[key][0])
            continue
        nights[twin] |= nights[key]
        for name in groups[key]:
            usual[name] = usual[groups[twin][0]]
    return usual


class _Kept:
    """Loose keys of songs, to be found by one that may be the same song."""

    def __init__(self) -> None:
        self._beginnings: dict[str, list[str]] = defaultdict(list)
        self._endings: dict[str, str] = {}

    def add(self, key: str, name: str) -> None:
        self._beginnings[key[:3]].append(key)
        for ending in (key, *_endings(name)):
            self._endings.setdefault(ending, key)

    def like(self, key: str, name: str) -> Iterator[str]:
        """Keys that hardly differ, of twelve letters and more; those that only lack `in the` or the like at the start."""
        if len(key) >= 12:
            for one in self._beginnings.get(key[:3], ()):
                if len(one) >= 12 and _digits(one) == _digits(key) and _hardly_differ(one, key):
                    yield one
        for ending in (key, *_endings(name)):
            if (found := self._endings.get(ending)) is not None:
                yield found


def _hardly_differ(a: str, b: str) -> bool:
    from rapidfuzz.distance import OSA

    return bool(OSA.distance(a, b, score_cutoff=2) <= 2)


def _endings(name: str) -> list[str]:
    """The loose keys of `name` without small words at its start, of ten letters and more."""
    words = soft_words(words_of(name))
    found: list[str] = []
    while len(words) > 1 and words[0] in FILL:
        words = words[1:]
        if len(key := "".join(words)) >= 10:
            found.append(key)
    return found


def _digits(key: str) -> str:
    return "" if key.isalpha() else "".join([letter for letter in key if letter.isdigit()])


# --- from recordings alone -------------------------------------------------------------------------------------------


def _from_titles(titles: Iterable[Sequence[str]], songs: Mapping[str, int]) -> tuple[dict[str, int], dict[str, str]]:
    """Songs are titles that several recordings have, and those known already; rare ones close to a frequent one are its
    other spellings."""
    seen: Counter[str] = Counter()
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for name, count in songs.items():
        if key := soft_key(name):
            seen[key] += max(count, _SEEN)
            written[key][name] += max(count, _SEEN)
    for recording in titles:
        here: dict[str, str] = {}
        for raw in recording:
            for piece in take_apart(raw).pieces:
                text = without_number(piece.bare).strip()
                words = words_of(text)
                if is_all_nonsong(words) or is_speech(piece.written) or "/" in text or _begins_or_ends_strongly(words):
                    continue
                key = soft_key(text)
                if len(key) >= 3 and not NAMELESS.fullmatch(key) and len(text) <= 80:
                    here.setdefault(key, text)
        for key, text in here.items():
            seen[key] += 1
            written[key][text] += 1
    often = [key for key, times in seen.most_common() if times >= _SEEN]
    names = {key: _best_spelling(written[key]) for key in often}
    counts: dict[str, int] = {}
    spellings: dict[str, str] = {}
    kept: dict[str, str] = {}
    by_word: dict[str, set[str]] = defaultdict(set)
    for key in often:
        words = soft_words(words_of(names[key]))
        core = words[:]
        while len(core) > 1 and (core[-1] in QUALIFIERS or core[-1].isdigit()):
            core.pop()
        if (core != words and "".join(core) in kept) or (
            len(words) == 1 and (words[0] in ALWAYS or words[0] in QUALIFIERS)
        ):
            continue
        usual = _near_frequent(key, seen, kept) or _part_of_frequent(key, words, seen, kept, by_word)
        if usual is not None:
            spellings[names[key]] = kept[usual]
            counts[kept[usual]] += seen[key]
            continue
        counts[names[key]] = seen[key]
        kept[key] = names[key]
        for word in words:
            by_word[word].add(key)
    return counts, spellings


def _begins_or_ends_strongly(words: Sequence[str]) -> bool:
    """`Bill Graham introduction` and `banter with Bill` are no songs; a word of that kind in between may be in one."""
    return bool(words) and (words[0] in STRONG or words[-1] in STRONG)


def _near_frequent(key: str, seen: Mapping[str, int], kept: Mapping[str, str]) -> str | None:
    """The key of a frequent name of which this is another spelling."""
    if len(key) < 7:
        return None
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    hits = process.extract(key, kept.keys(), scorer=OSA.distance, score_cutoff=1 if len(key) < 12 else 2, limit=3)
    near = [hit[0] for hit in hits if _digits(hit[0]) == _digits(key) and seen[hit[0]] >= _MORE * seen[key]]
    return near[0] if near else None


def _part_of_frequent(
    key: str, words: Sequence[str], seen: Mapping[str, int], kept: Mapping[str, str], by_word: Mapping[str, set[str]]
) -> str | None:
    """The key of the one frequent name of which this is the beginning, or more than half."""
    if len(key) < 4 or (len(words) == 1 and words[0] in FILL):
        return None
    longer = set.intersection(*(by_word.get(word, set()) for word in words))
    usual = [one for one in longer if one.startswith(key) or (key in one and 2 * len(key) > len(one))]
    usual = [one for one in usual if seen[one] >= _MORE * seen[key]]
    if len(usual) > 1:
        usual.sort(key=lambda one: -seen[one])
        usual = usual[:1] if seen[usual[0]] >= _MORE * seen[usual[1]] else []
    return usual[0] if usual else None


def _best_spelling(spellings: Counter[str]) -> str:
    """The most frequent one, those in capitals or small letters alone only for want of others."""
    return max(spellings, key=lambda text: (not (text.isupper() or text.islower()), spellings[text], text))


# --- short names from recordings beside their setlists ---------------------------------------------------------------


def learn_short_names(vocabulary: Vocabulary, nights: Iterable[Night]) -> None:
    """Titles that stand in the place of one song on several dates, between songs that are known, become names of it.

    On one date alone that is enough only where title and name look alike.
    """
    votes: dict[str, dict[str | None, set[str]]] = defaultdict(lambda: defaultdict(set))
    nights = list(nights)
    unknown = vocabulary.unknown_among(title for titles, _ in nights for title in titles)
    for titles, setlist in nights:
        if unknown.isdisjoint(titles):
            continue
        for key, missing in _stand_ins(vocabulary, titles, [vocabulary.name_of(one.name) for one in setlist.songs]):
            votes[key][missing].add(setlist.date)
    learnt: dict[str, str] = {}
    for key, places in votes.items():
        song, dates = max(places.items(), key=lambda one: (len(one[1]), one[0] or ""))
        if song is None or len(dates) < _AGREE * len(set().union(*places.values())):
            continue
        if len(dates) >= _DATES or _alike(key, soft_key(song)):
            learnt[key] = song
    if learnt:
        vocabulary.learn_names(learnt)


def _alike(key: str, name: str) -> bool:
    from rapidfuzz.distance import OSA

    return key[:4] == name[:4] or OSA.normalized_similarity(key, name) >= 0.5


def _stand_ins(vocabulary: Vocabulary, titles: Sequence[str], songs: Sequence[str]) -> list[tuple[str, str | None]]:
    """Titles that are not understood, and the song of the setlist that is missing in their place; None where none is."""
    heard: list[tuple[str, str | None]] = []
    for raw in titles:
        for one, text in vocabulary.pieces(raw):
            if one.kind == "song":
                heard.append(("", one.song))
            elif one.kind == "unknown" and one.how != "empty":
                key = soft_key(text)
                if len(key) >= 3 and not key.isdigit():
                    heard.append((key, None))
    anchors = _aligned([song for _, song in heard], songs)
    held = {song for _, song in heard}
    found: list[tuple[str, str | None]] = []
    bounds = [(-1, -1), *anchors, (len(heard), len(songs))]
    for (at, place), (next_at, next_place) in pairwise(bounds):
        waiting = [heard[i][0] for i in range(at + 1, next_at) if heard[i][1] is None]
        if not waiting:
            continue
        absent = [song for song in songs[place + 1 : next_place] if song not in held]
        if len(absent) == len(waiting):
            found += zip(waiting, absent, strict=True)
        elif not absent:
            found += [(key, None) for key in waiting]
    return found


def _aligned(heard: Sequence[str | None], songs: Sequence[str]) -> list[tuple[int, int]]:
    """The longest run of songs that both have in the same order, as pairs of places."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, song in enumerate(songs):
        places[song].append(place)
    ends: list[int] = []
    chain: list[tuple[int, int, int]] = []
    at_end: list[int] = []
    for at, one in enumerate(heard):
        for place in reversed(places.get(one or "", [])):
            slot = bisect_left(ends, place)
            chain.append((at, place, at_end[slot - 1] if slot else -1))
            if slot == len(ends):
                ends.append(place)
                at_end.append(len(chain) - 1)
            else:
                ends[slot] = place
                at_end[slot] = len(chain) - 1
    found: list[tuple[int, int]] = []
    link = at_end[-1] if at_end else -1
    while link >= 0:
        at, place, link = chain[link]
        found.append((at, place))
    return found[::-1]
