"""Search as you type, over titles, names, people, labels and numbers: the same answers from SQLite's FTS5 and PostgreSQL.

Words come finished from `core.text`; the databases only look them up. Whoever writes rows calls `index` (or `index_rows`)
and `remove_rows` in the same transaction, and `played` where a play is counted.
"""

from segue.core.text import search_query
from segue.library.search.find import has_words, row_has_words, rows_with, search, terms_of
from segue.library.search.grams import may_contain
from segue.library.search.index import (
    MODELS,
    SearchRow,
    add_rows,
    ids_after,
    index,
    index_rows,
    move_plays,
    played,
    rebuild,
    remove_rows,
    set_plays,
    tokens_of,
    written,
)
from segue.library.search.keys import MAX_TITLE_KEY, title_key
from segue.library.search.tables import (
    GRAMMED,
    KINDS,
    SPELLINGS,
    TABLES,
    TOPS,
    WORDS,
    Kind,
    create_grams,
    create_statements,
    drop_grams,
    drop_statements,
    fill_grams,
)
from segue.library.search.vocabulary import learn
from segue.library.search.why import why

__all__ = [
    "GRAMMED",
    "KINDS",
    "MAX_TITLE_KEY",
    "MODELS",
    "SPELLINGS",
    "TABLES",
    "TOPS",
    "WORDS",
    "Kind",
    "SearchRow",
    "add_rows",
    "create_grams",
    "create_statements",
    "drop_grams",
    "drop_statements",
    "fill_grams",
    "has_words",
    "ids_after",
    "index",
    "index_rows",
    "learn",
    "may_contain",
    "move_plays",
    "played",
    "rebuild",
    "remove_rows",
    "row_has_words",
    "rows_with",
    "search",
    "search_query",
    "set_plays",
    "terms_of",
    "title_key",
    "tokens_of",
    "why",
    "written",
]
