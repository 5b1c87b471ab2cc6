"""Words, sort keys and index letters: what a person types finds what they meant, in the same order everywhere."""

import sqlite3
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from segue.core.db import Database
from segue.core.text import (
    MAX_SORT_KEY,
    MAX_TOKEN,
    clean_text,
    fts5_match,
    letter_of,
    search_query,
    search_tokens,
    sort_key,
    tsquery_literal,
    tsvector_literal,
)

any_text = st.text(max_size=60)
wordy_text = st.text(alphabet=st.sampled_from("abcßéøЖйñ恋愛がカーァ한국 'тş1٣0"), max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text)
)


def finds(query: str, title: str) -> bool:
    tokens = search_tokens(title)
    return all(
        any(token.startswith(term.token) if term.prefix else token == term.token for token in tokens)
        for term in search_query(query)
    )


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("bjork", "Björk"),
        ("BJÖ", "Björk"),
        ("acdc", "AC/DC"),
        ("ac dc", "AC/DC"),
        ("ac/dc", "AC/DC"),
        ("rem", "R.E.M."),
        ("R.E.M.", "REM"),
        ("dont stop", "Don’t Stop"),
        ("don´t", "Dont Look Back"),
        ("amour", "L'amour"),
        ("hip-hop", "Hip Hop"),
        ("foo - bar", "Foo Bar"),
        ("simon & garf", "Simon and Garfunkel"),
        ("!!!", "!!!"),
        ("!!", "!!!"),
        ("+/-", "+/-"),
        ("( )", "( )"),
        ("kesha", "Ke$ha"),
        ("p!nk", "P!nk"),
        ("pink", "P!nk"),
        ("asap", "A$AP Rocky"),
        ("愛", "恋愛サーキュレーション"),
        ("恋愛", "恋愛サーキュレーション"),
        ("愛サーキュ", "恋愛サーキュレーション"),
        ("ｱｲﾄﾞﾙ", "アイドル"),
        ("소년단", "방탄소년단"),
        ("тролл", "Мумий Тролль"),
        ("елка", "Ёлка"),
        ("sigur ros", "Sigur Rós"),
        ("mo", "MØ"),
        ("aenima", "Ænima"),
        ("strasse", "Straße"),
        ("34", "٣٤"),
    ],
)
def test_what_a_person_types_finds_the_title_they_meant(query: str, title: str) -> None:
    assert finds(query, title)


@pytest.mark.parametrize(
    ("query", "title"), [("か", "が"), ("!!!", "Wham!"), ("愛恋", "恋愛"), ("cd", "AC/DC"), ("ork", "Björk")]
)
def test_what_was_not_meant_is_not_found(query: str, title: str) -> None:
    assert not finds(query, title)


@pytest.mark.parametrize("query", ["", "   ", '""', "''", "“”"])
def test_nothing_or_a_pair_of_quotes_asks_for_everything(query: str) -> None:
    assert search_query(query) == []


@given(any_text)
def test_every_text_finds_itself(text: str) -> None:
    assert finds(text, text)


@given(wordy_text, st.integers(0, 20))
def test_every_beginning_of_a_text_finds_it_as_one_types(text: str, typed: int) -> None:
    assert finds(text[:typed], text)


@given(any_text)
def test_tokens_are_short_and_hold_only_what_both_engines_keep(text: str) -> None:
    for token in search_tokens(text):
        assert 0 < len(token) <= MAX_TOKEN
        assert all(c in "0123456789" or unicodedata.category(c) in ("Ll", "Lo", "Lm") for c in token)
        assert not set(token) & set("'\"\\:*&|!() ")


@pytest.mark.parametrize("tokenizer", ["unicode61", "unicode61 remove_diacritics 0", "unicode61 remove_diacritics 2"])
def test_fts5_keeps_every_letter_we_hand_it_as_it_is(tokenizer: str) -> None:
    letters = [chr(c) for c in range(0x80, sys.maxunicode + 1) if chr(c).isalpha()]
    kept = {token for letter in letters for token in search_tokens(letter)}
    with sqlite3.connect(":memory:") as connection:
        connection.execute(f'CREATE VIRTUAL TABLE words USING fts5(tokens, tokenize="{tokenizer}")')
        connection.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row')")
        connection.executemany("INSERT INTO words VALUES (?)", ((token,) for token in sorted(kept)))
        assert {row[0] for row in connection.execute("SELECT term FROM vocabulary")} == kept


@given(st.lists(wordy_text, max_size=4), st.one_of(wordy_text, any_text))
def test_fts5_answers_as_the_tokens_say(titles: list[str], query: str) -> None:
    terms = search_query(query)
    if not terms:
        return
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(tokens, tokenize='unicode61 remove_diacritics 0')")
        connection.executemany("INSERT INTO words VALUES (?)", ((" ".join(search_tokens(t)),) for t in titles))
        found = connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (fts5_match(terms),)).fetchall()
    assert sorted(row[0] for row in found) == [n for n, title in enumerate(titles, 1) if finds(query, title)]


def test_postgresql_gets_finished_words_and_no_parser() -> None:
    assert tsvector_literal(search_tokens("AC/DC live")) == "'ac':1 'dc':2 'acdc':3 'live':4"
    assert tsquery_literal(search_query("ac/dc li")) == "'ac' & 'dc' & 'li':*"


TITLES = [
    "Björk",
    "AC/DC",
    "R.E.M.",
    "!!!",
    "+/-",
    "恋愛サーキュレーション",
    "Мумий Тролль",
    "방탄소년단",
    "Don’t Stop",
    "1e5 2.5x",
]
QUERIES = [
    "bj",
    "acdc",
    "dc",
    "rem",
    "!!",
    "+/-",
    "愛",
    "愛サ",
    "тро",
    "소년",
    "dont st",
    "1e",
    "2.5",
    "don' s",
    "'",
    "\\ :*",
]


@pytest.mark.anyio
async def test_both_databases_find_the_same(db: Database) -> None:
    async with db.write() as tx:
        if db.dialect == "sqlite":
            await tx.execute(sql("CREATE VIRTUAL TABLE words USING fts5(tokens)"))
            insert, match = "INSERT INTO words (rowid, tokens) VALUES (:n, :doc)", "words MATCH :query"
        else:
            await tx.execute(sql("CREATE TABLE words (rowid int, tokens tsvector)"))
            insert = "INSERT INTO words VALUES (:n, CAST(:doc AS tsvector))"
            match = "tokens @@ CAST(:query AS tsquery)"
        for n, title in enumerate(TITLES):
            tokens = search_tokens(title)
            doc = " ".join(tokens) if db.dialect == "sqlite" else tsvector_literal(tokens)
            await tx.execute(sql(insert), {"n": n, "doc": doc})
        for query in QUERIES:
            terms = search_query(query)
            if not terms:
                continue
            asked = fts5_match(terms) if db.dialect == "sqlite" else tsquery_literal(terms)
            rows = await tx.execute(sql(f"SELECT rowid FROM words WHERE {match} ORDER BY rowid"), {"query": asked})
            assert [row.rowid for row in rows] == [n for n, title in enumerate(TITLES) if finds(query, title)], query


@pytest.mark.anyio
async def test_both_databases_order_sort_keys_byte_by_byte(db: Database) -> None:
    keys = [sort_key(title) for title in TITLES]
    values = " UNION ALL ".join(f"SELECT CAST(:k{n} AS text) AS k" for n in range(len(keys)))
    collation = "C" if db.dialect == "postgresql" else "BINARY"
    async with db.read() as conn:
        rows = await conn.execute(
            sql(f'SELECT k FROM ({values}) AS keys ORDER BY k COLLATE "{collation}"'),
            {f"k{n}": key for n, key in enumerate(keys)},
        )
        assert [row.k for row in rows] == sorted(keys, key=str.encode)


def test_titles_sort_as_in_a_good_record_shop() -> None:
    shelf = [
        "",
        "!!!",
        "+/-",
        "2 Unlimited",
        "10cc",
        "100 gecs",
        "A",
        "À la vie",
        "The Beatles",
        "Björk",
        "bjork two",
        "L'Impératrice",
        "Los Lobos",
        "New York Dolls",
        "Newark",
        "R.E.M.",
        "Rembrandts",
        "Vol. 2",
        "Vol. 10",
        "Ωmega",
        "Мумий Тролль",
        "アイドル",
        "かな",
        "ガラス",
        "サザン",
        "恋",
        "방탄소년단",
    ]
    assert sorted(set(shelf), key=lambda title: sort_key(title).encode()) == shelf


def test_a_leading_article_counts_when_it_is_all_there_is() -> None:
    assert sort_key("The") == "the"
    assert sort_key("The The") == "the"
    assert sort_key("A-ha") == "a ha"
    assert sort_key("La La Land") == "la land"
    assert sort_key("The Cure", without=()) == "the cure"


@pytest.mark.parametrize(
    ("title", "letter"),
    [
        ("The Beatles", "B"),
        ("Édith Piaf", "E"),
        ("2Pac", "#"),
        ("!!!", "#"),
        ("", "#"),
        ("Ωmega", "Ω"),
        ("Ёлка", "Е"),
        ("ガラス", "か"),
        ("ん", "わ"),
        ("恋愛", "漢"),
        ("방탄소년단", "ㅂ"),
        ("한국", "ㅎ"),
    ],
)
def test_a_title_is_filed_under_its_index_letter(title: str, letter: str) -> None:
    assert letter_of(sort_key(title)) == letter


@given(any_text)
def test_a_sort_key_fits_an_index_and_has_one_letter(text: str) -> None:
    key = sort_key(text)
    assert len(key) <= MAX_SORT_KEY
    assert "\x00" not in key
    assert len(letter_of(key)) == 1
    key.encode()


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_by_size_whatever_their_length(a: int, b: int) -> None:
    assert (sort_key(f"Symphony {a}").encode() < sort_key(f"Symphony {b}").encode()) == (a < b)


def test_shown_text_has_no_nul_no_control_characters_and_is_composed() -> None:
    assert clean_text(" Caf\u0065\u0301\x00\x01 ") == "Café"
    assert clean_text("broken \udcff name") == "broken \ufffd name"
    assert clean_text("two\nlines") == "two\nlines"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    once.encode()
