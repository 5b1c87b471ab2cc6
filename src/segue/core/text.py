"""Text as people search and sort it.

A person types `bjork`, `acdc`, `!!!` or `愛` and expects Björk, AC/DC, the band called !!! and every title with 愛 in it,
whichever database is underneath. So words are made here, once, and both SQLite's FTS5 (`unicode61`) and PostgreSQL's
text search only ever see finished tokens: lower-case letters and digits that both keep exactly as they are. Everything
else is either dropped (marks, case), turned into words (scripts without spaces become pairs of characters) or spelled
out (`!!!` is stored as `qx21qx21qx21`).

Sort keys are made here as well: plain text that sorts rightly byte by byte, so an index can serve the order.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from segue.core import articles

MAX_TEXT = 4_000
"""Characters of one text that are looked at; a lyric pasted into a title must not fill the index."""

MAX_TOKEN = 64
"""Characters of one token; longer words are cut, in the index and in the query alike."""

MAX_SORT_KEY = 160
"""Characters of a sort key: at most 640 bytes, so that several fit the 2,704 bytes of a PostgreSQL index row."""

DEFAULT_ARTICLES: tuple[str, ...] = articles.parsed(articles.DEFAULT_LISTS)[articles.ANY]
"""Leading words that do not count where titles are compared, whatever the settings say of sorting."""


# --- cleaning -------------------------------------------------------------------------------------------------------

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` as it may be shown and stored: NFC, trimmed, without NUL and other characters that XML 1.0 cannot carry.

    Half surrogates (from names in broken UTF-8) become U+FFFD. What the file really said is kept elsewhere, raw.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _SURROGATES.sub("\ufffd", text))
    return _NOT_XML.sub("", text).strip()


# --- folding --------------------------------------------------------------------------------------------------------

_KANA_VOICING = "\u3099\u309a"
_APOSTROPHES = dict.fromkeys(map(ord, "`´‘’‛ʻʼʾʿ′＇"), "'")
_LATIN = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)


class _MarksAndDigits(dict[int, str | None]):
    """A translation table filled as characters are met: marks and invisible characters vanish, digits become ASCII."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        category = unicodedata.category(char)
        result: str | None = char
        if category in ("Mn", "Mc", "Me", "Cf", "Cs", "Cn"):
            result = char if char in _KANA_VOICING else None
        elif category == "Cc":
            result = " "
        elif category == "Nd":
            result = str(unicodedata.decimal(char))
        self[code] = result
        return result


_marks_and_digits = _MarksAndDigits()


def fold(text: str) -> str:
    """`text` with case folded and marks stripped (`Ænima Déjà` is `aenima deja`); kana keep their voicing (が is not か)."""
    text = text[:MAX_TEXT]
    if text.isascii():
        return text.lower().replace("`", "'")
    folded = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold().translate(_LATIN)
    folded = unicodedata.normalize("NFKD", folded).translate(_marks_and_digits)
    folded = unicodedata.normalize("NFC", folded)
    return folded.translate(dict.fromkeys(map(ord, _KANA_VOICING)))


# --- words to search ------------------------------------------------------------------------------------------------

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, jamo, kana, Han, Hangul.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff"
    "\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)


@lru_cache(maxsize=1)
def _unspaced_run() -> re.Pattern[str]:
    """Characters of such scripts, or of others, that follow one another. Compiled when first needed, which takes longer than
    most of what else a reader's process does to begin."""
    return re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")


@lru_cache(maxsize=1)
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}]")


_WORD = re.compile(r"[^\W_]+")
_CONTRACTION = re.compile(r"^[\W_]*[^\W_]+'(?:s|t|d|m|re|ve|ll)[\W_]*$")
_ONLY_QUOTES = re.compile("""^["'“”„«»\\s]*$""")


class SearchTerm(NamedTuple):
    """One word a result must contain; with `prefix`, a word that begins so is enough."""

    token: str
    prefix: bool = False


@lru_cache(maxsize=16_384)
def _search_tokens(text: str) -> tuple[str, ...]:
    tokens: list[str] = []
    for chunk in fold(text).split():
        words = _WORD.findall(chunk)
        if not words:
            tokens.append(_spell_out(chunk))
            continue
        for word in words:
            if word.isascii():
                tokens.append(word[:MAX_TOKEN])
                continue
            for run in _unspaced_run().findall(word):
                if _unspaced().match(run):
                    tokens.extend(_safe(run[i : i + 2]) for i in range(len(run)))
                else:
                    tokens.append(_safe(run))
        joined = _joined(words)
        if joined is not None:
            tokens.append(joined)
        spoken = _spoken(chunk)
        if spoken is not None:
            tokens.append(spoken)
    return tuple(dict.fromkeys(tokens))


def search_tokens(text: str) -> list[str]:
    """The tokens to index for `text`, each once, in order of appearance.

    `AC/DC` gives `ac`, `dc` and `acdc`; `Ke$ha` also gives `kesha`; `!!!` is one token. Scripts without spaces give every
    pair of neighbours and the last character alone, so that one character finds every text which has it.
    """
    return list(_search_tokens(text))


def search_query(text: str) -> list[SearchTerm]:
    """The terms a result must all contain for what a person typed so far; the last one is a prefix.

    Symbols count only where nothing else was typed (`foo - bar` must find `Foo Bar`). Quotes alone ask for everything
    and give no terms: Subsonic clients send `""` for that.
    """
    if _ONLY_QUOTES.match(text[:MAX_TEXT]):
        return []
    terms: list[SearchTerm] = []
    symbols: list[SearchTerm] = []
    for chunk in fold(text).split():
        words = _WORD.findall(chunk)
        if not words:
            symbols.append(SearchTerm(_spell_out(chunk)))
            continue
        joined = _joined(words)
        if joined is not None and (_CONTRACTION.match(chunk) or all(len(word) == 1 for word in words)):
            terms.append(SearchTerm(joined))
            continue
        for word in words:
            if word.isascii():
                terms.append(SearchTerm(word[:MAX_TOKEN]))
                continue
            for run in _unspaced_run().findall(word):
                if not _unspaced().match(run):
                    terms.append(SearchTerm(_safe(run)))
                elif len(run) == 1:
                    terms.append(SearchTerm(_safe(run), prefix=True))
                else:
                    terms.extend(SearchTerm(_safe(run[i : i + 2])) for i in range(len(run) - 1))
    found = terms or symbols
    if found:
        found[-1] = SearchTerm(found[-1].token, prefix=True)
    return list(dict.fromkeys(found))


def _joined(words: Sequence[str]) -> str | None:
    """`ac`, `dc` as one word, where the parts are of a script that joins letters into words."""
    if len(words) < 2:
        return None
    whole = "".join(words)
    if len(whole) > MAX_TOKEN or (not whole.isascii() and _unspaced().search(whole)):
        return None
    return _safe(whole)


_SPOKEN = re.compile(r"\$|(?<=[a-z])!(?=[a-z])|(?<=[a-z])@(?=[a-z])")


def _spoken(chunk: str) -> str | None:
    """Names that use a symbol as a letter, as they are said: `p!nk` is pink, `$uicideboy$` is suicideboys."""
    said, count = _SPOKEN.subn(lambda m: {"$": "s", "!": "i", "@": "a"}[m[0]], chunk)
    if not count or not said.isascii() or not re.search("[a-z]", chunk):
        return None
    return "".join(_WORD.findall(said))[:MAX_TOKEN] or None


class _SafeLetters(dict[int, str]):
    """Letters and digits that both full-text engines keep unchanged stay; any other character is spelled out as `qx…`.

    Unicode 3.2 is the measure because its letters are letters in FTS5's tables (Unicode 6.1) and in every PostgreSQL.
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        known = unicodedata.ucd_3_2_0.category(char) in ("Ll", "Lo", "Lm")
        safe = char in "0123456789" or (known and char.casefold() == char.lower() == char)
        self[code] = char if safe else f"qx{code:x}"
        return self[code]


_safe_letters = _SafeLetters()


def _safe(word: str) -> str:
    return word[:MAX_TOKEN] if word.isascii() else word.translate(_safe_letters)[:MAX_TOKEN]


def _spell_out(symbols: str) -> str:
    return "".join(f"qx{ord(char):x}" for char in symbols)[:MAX_TOKEN]


def fts5_match(terms: Iterable[SearchTerm]) -> str:
    """`terms` as the right side of FTS5's MATCH; empty for no terms (which FTS5 refuses: ask without MATCH then)."""
    return " AND ".join(f'"{term.token}"{"*" if term.prefix else ""}' for term in terms)


def tsvector_literal(tokens: Iterable[str]) -> str:
    """`tokens` as text for `CAST(… AS tsvector)`: no parser of PostgreSQL's touches them, positions count from 1."""
    return " ".join(f"'{token}':{min(place, 16_383)}" for place, token in enumerate(tokens, 1))


def tsquery_literal(terms: Iterable[SearchTerm]) -> str:
    """`terms` as text for `CAST(… AS tsquery)`."""
    return " & ".join(f"'{term.token}'{':*' if term.prefix else ''}" for term in terms)


# --- order ----------------------------------------------------------------------------------------------------------

_DIGITS = re.compile("[0-9]+")
_UNHEARD = re.compile(r"['ー]|(?<=[^\W\d_])\.(?=[^\W\d_])")
_SEPARATORS = re.compile(r"[\W_]+")
_SMALL_KANA = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_KATAKANA_TO_HIRAGANA = {code: chr(code - 0x60) for code in range(0x30A1, 0x30F7)}
_KANA = re.compile("[\u3041-\u30ff]")


def sort_key(text: str, without: tuple[str, ...] | None = None, *, language: str | None = None) -> str:
    """A key that puts titles and names in the order of a good record shop when compared byte by byte (`COLLATE "C"`).

    Case, marks and a leading article do not count (one of `without`, else of those of its language, see
    `core.articles`); apostrophes and the dots of `R.E.M.` vanish, other punctuation separates words (`New York` before
    `Newark`); numbers go by size (`2` before `10`). Order of the first character: nothing, symbols alone, digits, Latin,
    Greek, Cyrillic, other alphabets, kana (both kinds together), Han, Hangul.
    """
    return _sort_key(text, articles.in_use(language) if without is None else without)


@lru_cache(maxsize=16_384)
def _sort_key(text: str, without: tuple[str, ...]) -> str:
    bare = fold(_without_article(text[:MAX_TEXT].strip(), without))
    if _KANA.search(bare):
        bare = _plain_kana(bare)
    words = _SEPARATORS.sub(" ", _UNHEARD.sub("", bare)).strip()
    if not words:
        symbols = "".join(bare.split())
        return f"!{symbols}"[:MAX_SORT_KEY] if symbols else ""
    return _DIGITS.sub(_number_key, words)[:MAX_SORT_KEY]


def _without_article(text: str, without: tuple[str, ...]) -> str:
    start = text[:24].translate(_APOSTROPHES).lower()
    if not start.startswith(without):
        return text
    for article in without:
        elided = article.endswith("'")
        if start.startswith(article) and (elided or start[len(article) : len(article) + 1].isspace()):
            rest = text[len(article) :].lstrip()
            if _WORD.search(rest):
                return rest
    return text


def _number_key(digits: re.Match[str]) -> str:
    """A number led by how long it is, so that longer (larger) ones come later: 2 is `12`, 10 is `210`."""
    number = digits[0].lstrip("0") or "0"
    return f"{len(number)}{number}" if len(number) < 9 else f"9{min(len(number), 999):03d}{number}"


def _plain_kana(text: str) -> str:
    """Kana as a dictionary orders them first: hiragana, full-sized, without voicing (パ, ば and は are one letter)."""
    hiragana = text.translate(_KATAKANA_TO_HIRAGANA).translate(_SMALL_KANA)
    unvoiced = unicodedata.normalize("NFD", hiragana).translate(dict.fromkeys(map(ord, _KANA_VOICING)))
    return unicodedata.normalize("NFC", unvoiced)


_KANA_ROWS = "あかさたなはまやらわ"
_HANGUL_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"


def letter_of(key: str) -> str:
    """The index letter under which a sort key is filed: `A`…`Z`, the capital of another alphabet, a kana row (`か`), a
    Hangul initial (`ㄱ`), `漢` for Han characters, and `#` for digits, symbols and nothing.
    """
    first = key[:1]
    if not first or not first.isalpha():
        return "#"
    if "\u3041" <= first <= "\u309f":
        return max((row for row in _KANA_ROWS if row <= first), default="あ")
    if "\uac00" <= first <= "\ud7a3":
        return _HANGUL_INITIALS[(ord(first) - 0xAC00) // 588]
    if first >= "\u2e80" and _unspaced().match(first):
        return "漢"
    return first.upper()[:1]
