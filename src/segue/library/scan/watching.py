"""How a library's folders are watched, and why not where they are not: codes with facts, and their sentences."""

from __future__ import annotations

from typing import Any

WATCHING = "watching"
REMOTE = "watching_remote"
OFF = "off"
OFF_FOR_LIBRARY = "off_for_library"
LIMIT_REACHED = "limit_reached"
FAILED = "failed"
ABSENT = "absent"

SENTENCES = {
    WATCHING: "Its folders are watched: changes appear by themselves.",
    REMOTE: "Its folders are watched, but they are on a network drive, which does not tell what other machines change "
    "there. Those changes are found by the scheduled scans.",
    OFF: "Watching is switched off for the whole server (scan.watch). Changes are found by the scheduled scans.",
    OFF_FOR_LIBRARY: "Watching is switched off for this library. Changes are found by the scheduled scans.",
    LIMIT_REACHED: "It has more folders than this machine lets a program watch (fs.inotify.max_user_watches is {limit}). "
    "Changes are found by the scheduled scans, until the limit is raised.",
    FAILED: "Its folders cannot be watched ({reason}). Changes are found by the scheduled scans.",
    ABSENT: "Its folder is not there, so it cannot be watched.",
}


def sentence(code: str, params: dict[str, Any]) -> str:
    """A state in English; an unknown one is answered by its name."""
    try:
        return SENTENCES[code].format_map(params)
    except KeyError:
        return code.replace("_", " ")
