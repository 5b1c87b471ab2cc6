"""The table of the protocol's methods: one handler for each of the 87 in the specification."""

from __future__ import annotations

from types import MappingProxyType

from segue.subsonic.call import Method
from segue.subsonic.handlers import (
    absent,
    annotation,
    bookmarks,
    browsing,
    covers,
    lists,
    playlists,
    retrieval,
    scan,
    searching,
    similar,
    sonic,
    system,
    users,
)

_MODULES = (
    *(
        system,
        browsing,
        lists,
        searching,
        similar,
        sonic,
        playlists,
        retrieval,
        covers,
        annotation,
        bookmarks,
        users,
        scan,
    ),
    absent,
)


def _table() -> dict[str, Method]:
    table: dict[str, Method] = {}
    for module in _MODULES:
        twice = table.keys() & module.METHODS.keys()
        if twice:
            raise ValueError(f"{module.__name__} declares {sorted(twice)} a second time")
        table.update(module.METHODS)
    return table


METHODS = MappingProxyType(_table())
"""Every method by its name in the protocol, without `.view`."""
