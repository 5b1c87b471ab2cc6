"""Where the files of an album would go: the path template with what their tags and the person's edits say."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from segue.core.path_templates import PathTemplate, Value
from segue.core.safe_names import NameRules, comparable, free_name, safe_component
from segue.library.scan.facts import TrackTags
from segue.library.scan.paths import displayed, name_of, parent_of


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that is to move: `tags` and `facts` where it is music."""

    id: int
    path: bytes
    tags: TrackTags | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes, relative to the library. `taken` where that name is another file's; `path` is then a free one."""

    id: int
    path: str
    taken: str | None = None


def targets_of(
    files: Sequence[Incoming], template: PathTemplate, rules: NameRules, exists: Callable[[str], bool]
) -> list[Target]:
    """The place of every file. What is no music goes with the music beside it: `song.lrc` is called as its song, all else
    keeps its name in the folder that most of the songs go to."""
    music = [file for file in files if file.tags is not None]
    context = _album_values(music)
    given: set[str] = set()
    out: list[Target] = []

    def taken(path: str) -> bool:
        return comparable(path) in given or exists(path)

    def settle(file: Incoming, path: str) -> str:
        free = free_name(path, taken)
        given.add(comparable(free))
        out.append(Target(file.id, free, path if free != path else None))
        return free

    stems: dict[bytes, str] = {}
    folders: dict[bytes, dict[str, int]] = {}
    for file in music:
        assert file.tags is not None
        ending = os.fsdecode(name_of(file.path)).rpartition(".")[2]
        place = settle(file, template.render(values_of(file, context), ending, rules))
        stems[_stem(file.path)] = place.rpartition(".")[0]
        counts = folders.setdefault(parent_of(file.path), {})
        folder = place.rpartition("/")[0]
        counts[folder] = counts.get(folder, 0) + 1
    everywhere: dict[str, int] = {}
    for counts in folders.values():
        for folder, count in counts.items():
            everywhere[folder] = everywhere.get(folder, 0) + count
    usual = max(sorted(everywhere), key=everywhere.__getitem__, default="")
    base = min((parent_of(file.path) for file in music), key=len, default=b"")
    for file in files:
        if file.tags is None:
            settle(file, _beside(file.path, stems, folders, usual, base, rules))
    return out


def values_of(file: Incoming, album: dict[str, Value]) -> dict[str, Value]:
    """The fields of a path template for one track."""
    tags, facts = file.tags or TrackTags(), file.facts
    date, original = tags.date, tags.original_date or tags.date
    composers = [credit.name for credit in tags.credits if credit.role == "composer"]
    rate = facts.get("sample_rate_hz")
    album_artist = tags.album_artist_display or ("Various Artists" if tags.compilation else tags.artist_display)
    return album | {
        "title": tags.title,
        "artist": tags.artist_display,
        "album": tags.album,
        "album_artist": album_artist,
        "artist_sort": _sort(tags.artists) or tags.artist_display,
        "album_artist_sort": _sort(tags.album_artists) or album_artist,
        "year": (date or original or "")[:4] or None,
        "date": date,
        "original_year": (original or "")[:4] or None,
        "disc": tags.disc_number,
        "disc_subtitle": tags.disc_subtitle,
        "track": tags.track_position or tags.track_number,
        "genre": tags.genres[0] if tags.genres else None,
        "composer": composers[0] if composers else None,
        "label": tags.labels[0] if tags.labels else None,
        "catalog_number": tags.catalog_numbers[0] if tags.catalog_numbers else None,
        "country": tags.release_country,
        "media": tags.media,
        "release_type": tags.release_types[0] if tags.release_types else None,
        "compilation": tags.compilation,
        "format": facts.get("format"),
        "codec": facts.get("codec"),
        "lossless": bool(facts.get("lossless")),
        "bit_depth": facts.get("bit_depth") or None,
        "sample_rate": f"{rate / 1000:g}" if rate else None,
        "name": displayed(_stem(name_of(file.path))),
        "folder": displayed(name_of(parent_of(file.path))),
        "tracks": tags.track_total or album.get("tracks"),
        "discs": tags.disc_total or album.get("discs"),
        "multidisc": (tags.disc_total or 1) > 1 or bool(album.get("multidisc")),
    }


def _album_values(music: Iterable[Incoming]) -> dict[str, Value]:
    discs = {file.tags.disc_number or 1 for file in music if file.tags is not None}
    return {"discs": len(discs) or None, "multidisc": len(discs) > 1}


def _sort(credits: Any) -> str | None:
    if credits and all(credit.sort for credit in credits):
        return "".join(f"{credit.sort}{credit.join_phrase}" for credit in credits)
    return None


def _beside(
    path: bytes,
    stems: dict[bytes, str],
    folders: dict[bytes, dict[str, int]],
    usual: str,
    base: bytes,
    rules: NameRules,
) -> str:
    name = os.fsencode(name_of(path)).decode("utf-8", "replace")
    stem = _stem(path)
    if stem in stems:
        ending = name[len(displayed(name_of(stem))) :]
        folder, _, song = stems[stem].rpartition("/")
        own = safe_component(song, rules, suffix=ending) + ending
        return f"{folder}/{own}" if folder else own
    own = safe_component(name, rules) or "_"
    folder_path = parent_of(path)
    counts = folders.get(folder_path)
    folder = max(sorted(counts), key=counts.__getitem__) if counts else usual
    if not counts:
        inner = displayed(folder_path[len(base) + 1 if base else 0 :]) if folder_path.startswith(base) else ""
        below = [part for piece in inner.split("/") if (part := safe_component(piece, rules))]
        folder = "/".join([folder, *below] if folder else below)
    return f"{folder}/{own}" if folder else own


def _stem(path: bytes) -> bytes:
    folder, slash, name = path.rpartition(b"/")
    stem, dot, _ = name.rpartition(b".")
    return folder + slash + (stem if dot and stem else name)
