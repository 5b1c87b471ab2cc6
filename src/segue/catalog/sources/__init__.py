"""Where records come from: one module a kind of source, all giving the records of `segue.catalog.records`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from segue.catalog.records import Source


@runtime_checkable
class Prepared(Protocol):
    """A source that has to read all of its dump before it gives the first record (`sources.gathering`).

    `prepare` may be called before the first record is asked for, to see how far it is (`told(done, total, what)`, in bytes of the
    dump's files); otherwise the first record takes that long. `close` forgets what was kept of it.
    """

    def prepare(self, told: Callable[[int, int, str], None] = ...) -> None: ...

    def close(self) -> None: ...


@runtime_checkable
class Beside(Protocol):
    """A source whose documents make files of the snapshot by themselves, `beside` what is built of its records.

    `write_beside` writes them into `folder`, and is called again from the start where it was interrupted.
    """

    beside: tuple[str, ...]

    def write_beside(self, folder: Path, told: Callable[[int, int, str], None]) -> None: ...


def open_source(
    *,
    main: Path | None = None,
    files: Path | None = None,
    features: Path | None = None,
    musicbrainz: Path | None = None,
    discogs: Path | None = None,
    derived: bool = False,
    scratch: Path | None = None,
    rest: bool = False,
) -> Source:
    """The source that was named: `main` (with `files` and `features`) of the two-file layout, or a folder of dumps of MusicBrainz
    or Discogs. `scratch` is a folder of its own for what is gathered on the way, kept between two starts of one build. With
    `rest`, files of the two-file layout that are cut off give what there is of them.

    Raises NoSource where the folder holds no such dumps, and what the two-file layout raises.
    """
    if musicbrainz is not None:
        from segue.catalog.sources.musicbrainz import open_dumps

        return open_dumps(musicbrainz, scratch, derived=derived)
    if discogs is not None:
        from segue.catalog.sources.discogs import DiscogsDumps

        return DiscogsDumps(discogs, scratch)
    if main is None:
        raise ValueError("no source is named")
    from segue.catalog.sources.two_file import TwoFileSource

    return TwoFileSource(main, files, features, rest=rest, scratch=scratch)
