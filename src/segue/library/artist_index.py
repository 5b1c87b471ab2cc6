"""The index of all artists by letter, kept written: sixty thousand names are too many to read for every app that asks.

The first answer of each kind (whose, of which libraries and role, in which spelling) reads them all. After that, the
change feed says which artists are different since, and only those are written anew. What is kept follows from the tables
and the feed alone, so it may be dropped at any time.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from segue.core.access import Actor
from segue.core.changes import ChangeFeed, CursorTooOld
from segue.core.text import letter_of
from segue.library.views import ArtistView

MOST_KEPT = 8
"""Answers that are kept; the one asked for least recently is dropped. One of 60,000 artists takes about 30 MB."""
MOST_CHANGED = 10_000
"""Changed artists from which on everything is read again."""
AT_ONCE = 1_000

Load = Callable[[Sequence[int]], Awaitable[dict[int, ArtistView]]]
Everyone = Callable[[], Awaitable[list[int]]]
Write = Callable[[ArtistView], str]
Join = Callable[[str, Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an answer is written: `name` tells it from others, `artist` writes one artist, `letter` one letter of them."""

    name: str
    artist: Write
    letter: Join


@dataclass(slots=True)
class Kept:
    """One answer: where it is in the feed, the artists of each letter in order, and what is written of each."""

    cursor: int = -1
    epoch: str = ""
    order: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    written: dict[int, str] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    """Letters that are written to their end."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def put(self, view: ArtistView, text: str) -> None:
        """Write an artist in its place, also where it stands elsewhere so far."""
        self.remove(view.id)
        letter = letter_of(view.sort_key)
        self.keys[view.id] = view.sort_key
        self.written[view.id] = text
        insort(self.order.setdefault(letter, []), (view.sort_key, view.id))
        self.letters.pop(letter, None)

    def remove(self, number: int) -> None:
        """Take an artist out; one that is not there is no error."""
        key = self.keys.pop(number, None)
        if key is None:
            return
        letter = letter_of(key)
        here = self.order[letter]
        del here[bisect_left(here, (key, number))]
        if not here:
            del self.order[letter]
        del self.written[number]
        self.letters.pop(letter, None)

    def sort(self) -> None:
        """Put everything in order at once."""
        self.order = {}
        for number, key in self.keys.items():
            self.order.setdefault(letter_of(key), []).append((key, number))
        for here in self.order.values():
            here.sort()
        self.letters = {}


class ArtistIndexes:
    """The answers this process keeps."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._feed = feed
        self._kept: OrderedDict[tuple[object, ...], Kept] = OrderedDict()

    async def letters(
        self,
        actor: Actor,
        which: tuple[object, ...],
        spelling: Spelling,
        everyone: Everyone,
        load: Load,
        belongs: Callable[[ArtistView], bool],
    ) -> tuple[list[str], str]:
        """Each letter as it is written, `#` first, and a tag that is another one whenever any of it is.

        `which` tells lists of artists apart; `everyone` gives the ids of this one in any order, `load` views by id, and
        `belongs` says whether an artist whose row has changed is still, or now, in it.
        """
        key = (actor.person, which, spelling.name)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = Kept()
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        async with kept.lock:
            if not await self._catch_up(kept, actor, spelling, load, belongs):
                await self._read_all(kept, actor, spelling, everyone, load)
            return self._written(kept, spelling), f"{kept.epoch}-{kept.cursor}"

    async def _catch_up(
        self, kept: Kept, actor: Actor, spelling: Spelling, load: Load, belongs: Callable[[ArtistView], bool]
    ) -> bool:
        """Write anew what has changed; False where all of it must be."""
        if kept.cursor < 0:
            return False
        told = Actor(actor.user_id, actor.name, libraries=None)  # also of artists who have left what one may see
        changed: dict[int, None] = {}
        cursor = kept.cursor
        try:
            while True:
                page = await self._feed.since(cursor, told, kinds=("artist",), limit=AT_ONCE, epoch=kept.epoch)
                changed.update((int(item.id.partition("-")[2]), None) for item in page.items)
                cursor = page.cursor
                if len(changed) > MOST_CHANGED:
                    return False
                if not page.more:
                    break
        except CursorTooOld:
            return False
        numbers = list(changed)
        for start in range(0, len(numbers), AT_ONCE):
            part = numbers[start : start + AT_ONCE]
            views = await load(part)
            for number in part:
                view = views.get(number)
                if view is not None and belongs(view):
                    kept.put(view, spelling.artist(view))
                else:
                    kept.remove(number)
        kept.cursor = cursor
        return True

    async def _read_all(self, kept: Kept, actor: Actor, spelling: Spelling, everyone: Everyone, load: Load) -> None:
        head = await self._feed.head(actor)  # before the rows: what changes meanwhile is written once more
        fresh = Kept(head.cursor, head.epoch)
        numbers = await everyone()
        for start in range(0, len(numbers), AT_ONCE):
            for view in (await load(numbers[start : start + AT_ONCE])).values():
                fresh.keys[view.id] = view.sort_key
                fresh.written[view.id] = spelling.artist(view)
            await asyncio.sleep(0)  # somebody else's turn
        kept.keys, kept.written, kept.cursor, kept.epoch = fresh.keys, fresh.written, fresh.cursor, fresh.epoch
        kept.sort()

    @staticmethod
    def _written(kept: Kept, spelling: Spelling) -> list[str]:
        for letter, here in kept.order.items():
            if letter not in kept.letters:
                kept.letters[letter] = spelling.letter(letter, [kept.written[number] for _, number in here])
        ordered = sorted(kept.order, key=lambda letter: (letter != "#", kept.order[letter][0]))
        return [kept.letters[letter] for letter in ordered]
