"""By which few keys a text may be found one day: kept with what matched nothing, and compared with what arrives.

Somebody who keeps texts without a track stores `keys_of` each; when tracks arrive, only the texts that share a key with
one of them (`FindingService.keys_arrived`) are looked at again, so that the cost follows what arrived.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from segue.library.finding.paths import folded, parts_of, stem, titles_in
from segue.library.finding.wanted import MUSICBRAINZ_RECORDING, MUSICBRAINZ_TRACK, Wanted
from segue.library.found_by import title_key
from segue.match import take_apart

MOST_KEYS = 24
_CONTRACTED = re.compile(
    r"\b(ain|aren|can|couldn|didn|doesn|don|hadn|hasn|haven|isn|shouldn|wasn|weren|won|wouldn)(t)\b"
    r"|\b(i|you|we|they|he|she|it|that|there|what|let)(m|re|ve|ll|d|s)\b(?<!\bits)(?<!\bwell)(?<!\bill)(?<!\bshed)"
    r"(?<!\bshell)(?<!\bhell)(?<!\bwed)(?<!\bid)(?<!\bwere)"
)
MAX_KEY = 200
"""Characters of a key."""


def keys_of(wanted: Wanted) -> frozenset[str]:
    """The keys of a text, at most MOST_KEYS: of its title, its ids and the name of its file."""
    keys = [f"i:{namespace}:{value}" for namespace, value in wanted.ids()]
    if wanted.title:
        keys += [f"t:{key}" for key in title_keys(wanted.title)]
    if parts := parts_of(wanted.path) if wanted.path else ():
        if name := folded(stem(parts[-1])):
            keys.append(f"f:{name}")
        if not wanted.title:
            keys += [f"t:{key}" for guess in titles_in(parts[-1]) for key in title_keys(guess)]
    return frozenset(key[:MAX_KEY] for key in list(dict.fromkeys(keys))[:MOST_KEYS])


def keys_of_track(
    title: str, display_path: str, recording: str | None, release_track: str | None, ids: Iterable[tuple[str, str]]
) -> frozenset[str]:
    """The keys of a track that texts without one may share."""
    keys = [f"t:{key}" for key in title_keys(title)]
    keys += [f"i:{namespace}:{value}" for namespace, value in ids]
    keys += [f"i:{MUSICBRAINZ_RECORDING}:{recording}"] if recording else []
    keys += [f"i:{MUSICBRAINZ_TRACK}:{release_track}"] if release_track else []
    if name := folded(stem(display_path.rpartition("/")[2])):
        keys.append(f"f:{name}")
    return frozenset(key[:MAX_KEY] for key in keys)


def _apart(found: re.Match[str]) -> str:
    return " ".join(group for group in found.groups() if group)


def title_keys(title: str) -> list[str]:
    """A title as search compares it, without its guests, and without its version as well; each also with the apostrophes
    that people leave out (`dont`)."""
    apart = take_apart(title)
    keys = [title_key(one) for one in (title, apart.unguested, apart.plain)]
    keys += [_CONTRACTED.sub(_apart, key) for key in keys]
    return [key for key in dict.fromkeys(keys) if key]
