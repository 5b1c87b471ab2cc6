"""Small real music with what a collector wants to put right, and a server over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.house import PASSWORD, USERNAME
from tests.e2e.running import Running, serving, wait_until
from tests.library.media import jpeg, make_audio, png

WORDS = "[00:00.00]The first line\n[00:06.00]The second line\n[00:12.00]The third line\n"


def album(
    folder: Path,
    title: str,
    artist: str,
    songs: Sequence[str],
    *,
    seed: int,
    genre: str = "Rock",
    fmt: str = "flac",
    **more: str,
) -> None:
    """An album in a folder: one short file for each song."""
    for at, song in enumerate(songs, 1):
        tags = {
            "title": song, "artist": artist, "albumartist": artist, "album": title, "tracknumber": str(at), "genre": genre,
            "date": "1999", **more,
        }  # fmt: skip
        make_audio(folder / f"{at:02} {song}.{fmt}", tags=tags, seed=seed + at)


def make_collection(music: Path) -> None:
    """Albums to edit, spellings to merge, names to part, pictures to choose, copies to find, words to sing."""
    album(music / "Home Tapes", "Home Tapse", "The Walkers", ["Kitchen", "Attic", "Cellar"], seed=100)
    album(music / "Loose", "Loose Ends", "The Walkers", ["One", "Two", "Three", "Four"], seed=200)
    album(music / "Cold One", "Cold One", "Björk Gud", ["Ice"], seed=300)
    album(music / "Cold Two", "Cold Two", "Bjørk Gudd", ["Snow"], seed=310)
    album(music / "Nova Jazz", "Quiet Nova", "Nova", ["Blue"], seed=400, genre="Jazz")
    album(music / "Nova Metal", "Loud Nova", "Nova", ["Iron"], seed=410, genre="Metal")
    album(music / "Pictured", "Pictured", "The Painters", ["Canvas"], seed=500, genre="Bebop")
    (music / "Pictured" / "cover.jpg").write_bytes(jpeg(200, 200))
    (music / "Pictured" / "back.png").write_bytes(png(120, 120))
    for disc in (1, 2):
        album(
            music / "Pair" / f"CD{disc}",
            "Pair",
            "The Twins",
            [f"Disc {disc} Song"],
            seed=600 + 10 * disc,
            discnumber=str(disc),
        )
    tags = {"title": "Sung", "artist": "The Voices", "album": "Sung Aloud", "tracknumber": "1"}
    make_audio(music / "Sung" / "sung.flac", tags=tags, seconds=30, seed=700)
    (music / "Sung" / "sung.lrc").write_text(WORDS)
    for folder, more in (("Best Of", {}), ("Best Of (copy)", {"comment": "the same again", "composer": "Somebody"})):
        tags = {"title": "Twice", "artist": "The Doubles", "album": folder, "tracknumber": "1", **more}
        make_audio(music / folder / "twice.flac", tags=tags, seed=800, seconds=2)


@contextmanager
def collecting(folder: Path, **env: str) -> Iterator[Running]:
    """A server over the collection in `folder`, everything read; signed in as its administrator."""
    music = folder / "music"
    make_collection(music)
    chosen = {
        "SEGUE_ADMIN__USERNAME": USERNAME, "SEGUE_ADMIN__PASSWORD": PASSWORD, "SEGUE_SCAN__BATCH_WINDOW_S": "0.3",
        "SEGUE_SCAN__WORKERS": "1", **env,
    }  # fmt: skip
    with serving(folder / "run", [str(music), "--data-dir", str(folder / "data")], **chosen) as running:
        running.sign_in()
        wait_until(lambda: scanned(running))
        yield running


def scanned(running: Running) -> bool:
    """Whether the first scan is through and nothing is being read."""
    libraries = running.client.get("/api/v1/libraries").json()["items"]
    return bool(libraries and libraries[0]["track_count"]) and not running.client.get("/api/v1/scan").json()["scanning"]
