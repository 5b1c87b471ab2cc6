"""Paths inside a library, which are bytes, and the times of files, as rows take them. Needs nothing: readers import it."""

from __future__ import annotations


def join(folder: bytes, name: bytes) -> bytes:
    """`name` inside the relative `folder`; the root is empty."""
    return folder + b"/" + name if folder else name


def parent_of(path: bytes) -> bytes:
    """The relative folder that holds `path`; empty for what lies in the root."""
    return path.rpartition(b"/")[0]


def name_of(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]


def displayed(path: bytes) -> str:
    """A path as text for people: UTF-8, with U+FFFD for bytes that are none."""
    return path.decode("utf-8", "replace").replace("\x00", "\ufffd")


def is_inside(path: bytes, folder: bytes) -> bool:
    """Whether `path` is `folder` or lies below it."""
    return not folder or path == folder or path.startswith(folder + b"/")


def moment(ns: int) -> int:
    """A file's time as databases take it: nanoseconds in 64 bits, which end in 2262. Some file systems count further."""
    return min(max(ns, -(1 << 63)), (1 << 63) - 1)
