"""What is told about a smart playlist that came from, or goes to, Navidrome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from segue.core.errors import FieldProblem, Invalid

SENTENCES = {
    "unknown_field": "There is nothing here like the field {field}; its condition was left out.",
    "unknown_operator": "There is no operator {operator}; its condition was left out.",
    "bad_value": "{value} is no value for {field}; its condition was left out.",
    "wrong_operation": "{field} cannot be asked with {operator} here; its condition was left out.",
    "as_tag": "{field} is asked as {as_field}.",
    "id_of_another_server": "{value} is an id of the server this came from; here it may name something else.",
    "playlist_by_name": "The playlist {value} is looked for by its name.",
    "playlist_here": "The playlist {value} is taken for the one of yours that is called so.",
    "playlist_not_here": "No playlist, or more than one, is called {value}; it is asked for by its name.",
    "unknown_sort": "Nothing here sorts by {field}.",
    "unknown_member": "{member} means nothing here.",
    "refreshed_on_change": "{member} is not needed: lists are filled anew whenever they are read.",
    "not_in_nsp": "Navidrome cannot be asked {condition}; it was left out.",
    "limit_not_in_nsp": "Navidrome cannot limit by {unit}; the list is not limited there.",
    "sort_not_in_nsp": "Navidrome cannot sort by {field}.",
    "date_fixed": "{value} became the fixed dates it means today.",
    "about_days": "{value} became {days} days.",
    "name_unknown": "The name of {value} is not known; its condition was left out.",
}
LEFT_OUT = frozenset(
    {
        "unknown_field",
        "unknown_operator",
        "bad_value",
        "wrong_operation",
        "not_in_nsp",
        "limit_not_in_nsp",
        "name_unknown",
    }
)
"""Codes of what is missing in the result, and not only said otherwise."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that could not be taken over as it is. `place` is where, as a path: `all.0.any.1`."""

    code: str
    place: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format_map(self.params)

    @property
    def left_out(self) -> bool:
        """Whether the result lacks it."""
        return self.code in LEFT_OUT


class BadNsp(Invalid):
    """This is no smart playlist of Navidrome. `place` says where it is wrong."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__("bad_nsp", message, fields=(FieldProblem(place or "nsp", "bad_nsp", message),))
        self.place = place
