"""The JSON dumps of MusicBrainz, line by line: one document a line, in the shape that ws/2 answers with.

The dump of an entity is looked for, in this order, as `ENTITY.tar.xz` (or .zst, .bz2, .gz, or plain .tar), as the
unpacked `mbdump/ENTITY` or `ENTITY/mbdump/ENTITY`, and as plain lines `ENTITY`, `ENTITY.json` or `ENTITY.jsonl`, each of
the three also compressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from segue.catalog.records import Damage
from segue.catalog.sources.archives import Lines, tell
from segue.catalog.sources.compressed import Broken, Compressed
from segue.catalog.sources.errors import NoSource

ENTITIES = (
    "area", "artist", "event", "instrument", "label", "place", "recording", "release", "release-group", "series", "work",
)  # fmt: skip
_ARCHIVES = (".tar.xz", ".tar.zst", ".tar.bz2", ".tar.gz", ".tar")
_COMPRESSED = ("", ".xz", ".zst", ".gz", ".bz2")
_T = TypeVar("_T")


class Documents:
    """The documents of one entity, in the dump's order, once; begins behind `after`, a `position` that was kept.

    A line that is no JSON is passed over and appended to `damage`; a truncated file ends the stream with a damage. Going
    on behind a position unpacks what lies before it again, without parsing: about a second for 100 MB of text.
    """

    def __init__(self, folder: Path, entity: str, after: str = "") -> None:
        found = dump_of(folder, entity)
        if found is None:
            raise NoSource(folder, f"dump of {entity}", hint=f"Such as {entity}.tar.xz from MusicBrainz's JSON dumps.")
        path, member = found
        self.lines = Lines(path, member, int(after or 0))
        self._documents = self._read()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._documents

    def __next__(self) -> dict[str, Any]:
        return next(self._documents)

    @property
    def position(self) -> str:
        """Behind the document that was given last."""
        return str(self.lines.position)

    @property
    def damage(self) -> list[Damage]:
        return self.lines.damage

    @property
    def done(self) -> int:
        """Bytes of the dump's file that were read, of `size`."""
        return self.lines.done

    @property
    def size(self) -> int:
        return self.lines.size

    def _read(self) -> Iterator[dict[str, Any]]:
        return decoded(self.lines, msgspec.json.Decoder(dict[str, Any]))


def documents(folder: Path, entity: str, after: str = "") -> Documents:
    """Every document of an entity's dump (`release`, `release-group`, `artist` …). Raises NoSource where there is none."""
    return Documents(folder, entity, after)


def decoded(lines: Lines, decoder: msgspec.json.Decoder[_T]) -> Iterator[_T]:
    """Each line as what the decoder makes of it; one that it cannot make anything of is a damage."""
    decode = decoder.decode
    for line in lines:
        try:
            try:
                document = decode(line)
            except msgspec.ValidationError:  # null where nothing is meant, most likely
                document = msgspec.convert(_without_nulls(msgspec.json.decode(line)), decoder.type, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if line.strip():
                tell(lines.damage, Damage(str(lines.path), lines.place, f"not a document: {error}"))
            continue
        yield document


def dump_of(folder: Path, entity: str) -> tuple[Path, str | None] | None:
    """The file with an entity's documents, and the member of it where it is an archive; None where there is none."""
    inside = f"mbdump/{entity}"
    for ending in _ARCHIVES:
        if (path := folder / f"{entity}{ending}").is_file():
            return path, inside
    for name in (inside, f"{entity}/{inside}", entity, f"{entity}.json", f"{entity}.jsonl"):
        for ending in _COMPRESSED:
            if (path := folder / f"{name}{ending}").is_file() and _begins_as_documents(path):
                return path, None
    return None


def _begins_as_documents(path: Path) -> bool:
    """Whether the first thing in a file is a JSON object; a table of the other kind of dump has the same name."""
    with Compressed(path) as file:
        try:
            return file.read().lstrip().startswith(b"{")
        except Broken:
            return True  # whoever reads it says what is wrong


def _without_nulls(value: Any) -> Any:
    """A document without the members that are null."""
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(member) for member in value] if isinstance(value, list) else value
