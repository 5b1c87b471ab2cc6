"""The query language: what people write in the search box, in smart playlists and in `?q=`, and the tree it stands for.

`parse` reads a text, `write` writes a tree; docs/query.md is the manual.
"""

from segue.query.language.checks import Warning
from segue.query.language.limits import Limit, parse_limit
from segue.query.language.parser import MAX_LENGTH, Parsed, parse
from segue.query.language.printer import write

__all__ = ["MAX_LENGTH", "Limit", "Parsed", "Warning", "parse", "parse_limit", "write"]
