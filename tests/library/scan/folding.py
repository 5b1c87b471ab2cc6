"""Folders that take `a` for `A`: a real one where this machine can have one, and this one made to behave so."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import needs


def takes_a_for_b(folder: Path) -> bool:
    """Whether `folder` lies on a file system that folds case."""
    probe = folder / "Probe"
    probe.touch()
    folds = (folder / "pROBE").exists()
    probe.unlink()
    return folds


@contextmanager
def folding(folder: Path) -> Iterator[Path]:
    """A new folder below `folder` whose file system folds case. Skips the test where there is none."""
    if takes_a_for_b(folder):
        yield folder / "music"
        return
    image, place = folder / "disk.img", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(48 << 20)
    steps = (
        ["mkfs.ext4", "-q", "-O", "casefold", "-E", "encoding=utf8", str(image)],
        ["mount", "-o", "loop", str(image), str(place)],
    )
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no file system here folds case, and none can be mounted (ext4 with casefold, as root)")
    try:
        inside = place / "folds"
        inside.mkdir()
        subprocess.run(["chattr", "+F", str(inside)], check=True, capture_output=True, timeout=60)
        needs("case folding", takes_a_for_b(inside), "the mounted folder does not fold case")
        yield inside / "music"
    finally:
        subprocess.run(["umount", str(place)], check=False, capture_output=True, timeout=60)


def fold_case(monkeypatch: pytest.MonkeyPatch, music: Path) -> None:
    """From now on asking for a path below `music` finds what is called so but for its case; listings tell true names."""
    root = bytes(music) + b"/"

    def true_path(path: Any) -> Any:
        given = os.fsencode(path) if isinstance(path, str | bytes | os.PathLike) else b""
        if not given.startswith(root):
            return path
        found = root[:-1]
        for name in given[len(root) :].split(b"/"):
            same = [each for each in os.listdir(found) if each.lower() == name.lower()] if os.path.isdir(found) else []
            if not same:
                return path
            found += b"/" + (name if name in same else same[0])
        return found

    def folded(ask: Any) -> Any:
        def asked(path: Any, *args: Any, **options: Any) -> Any:
            try:
                return ask(path, *args, **options)
            except FileNotFoundError:
                true = true_path(path)
                if true is path:
                    raise
                return ask(true, *args, **options)

        return asked

    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, folded(getattr(os, name)))
