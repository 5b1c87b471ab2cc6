"""The tree of genres, as somebody who keeps it in order would come to ask."""

from __future__ import annotations

from typing import Any


def steps(ask: Any) -> None:
    """See the tree, add a genre, move one below it, and put everything back."""
    tree = ask("genres_tree_list")["items"]
    ask("genres_place_get", id=tree[0]["id"])
    mine = ask("genres_create", {"name": "Late night"})["id"]
    ask("genres_parent_set", {"parent": mine}, id=tree[0]["id"])
    ask("genres_tree_seed", {"everything": True})
    ask("genres_delete", id=mine)
