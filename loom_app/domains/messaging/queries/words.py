"""Texts as words to search by, and the part of a message that shows why it was found. Pure.

The folding is the same as that of the index (`loom_split`, migration 0012): lower case, no accents,
signs of Chinese and Japanese one by one.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from loom_app.kit.text import t

WORDS_MAX = 8
LENGTH_MAX = 40
SNIPPET_BEFORE, SNIPPET_AFTER = 40, 120

_MARKS = re.compile("[\u0300-\u036f]")
_SIGNS = re.compile("([\u3040-\u30ff\u3400-\u9fff])")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Piece:
    """A run of a snippet; `hit` is what was searched for."""

    text: str
    hit: bool


def fold(text: str) -> str:
    """Lower case without accents; may be longer or shorter than the text."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower().replace("ß", "ss")


def split(text: str) -> list[str]:
    """The words of a search, folded, each once, at most eight."""
    spaced = _SIGNS.sub(r" \1 ", fold(text))
    found = (word[:LENGTH_MAX] for word in _WORD.findall(spaced))
    return list(dict.fromkeys(found))[:WORDS_MAX]


def tsquery(groups: Iterable[Sequence[str]]) -> str:
    """For `loom_search`: every group must occur, by any of its words. Each is a beginning, but for
    single letters and signs, which begin half of everything and stand for themselves."""
    return " & ".join(
        "(" + " | ".join(map(_asked, filter(_WORD.fullmatch, words))) + ")" for words in groups
    )


def _asked(word: str) -> str:
    return f"'@:{word}'" + (":*" if len(word) > 1 else "")


def _meant(word: str, sought: Iterable[str]) -> bool:
    return any(word == one or (len(one) > 1 and word.startswith(one)) for one in sought)


def found_words(body: str, sought: Iterable[str]) -> list[tuple[int, int]]:
    """Where in a text words begin with what was sought: (start, end) in order."""
    wanted = tuple(sought)
    if not wanted:
        return []
    spans = []
    for match in re.finditer(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*", body):
        word = match.group()
        parts = _SIGNS.split(word) if _SIGNS.search(word) else [word]
        at = match.start()
        for part in parts:
            if part and _meant(fold(part), wanted):
                spans.append((at, at + len(part)))
            at += len(part)
    return spans


def snippet(body: str, sought: Iterable[str]) -> list[Piece]:
    """One line around the first hit, as pieces."""
    flat = " ".join(body.split())
    spans = found_words(flat, sought)
    start = max(0, (spans[0][0] if spans else 0) - SNIPPET_BEFORE)
    if start:  # begin at a word
        start = flat.find(" ", start) + 1 or start
    end = min(len(flat), start + SNIPPET_BEFORE + SNIPPET_AFTER)
    pieces, at = ([Piece("…", False)] if start else []), start
    for first, last in spans:
        if first < at or last > end:
            continue
        if first > at:
            pieces.append(Piece(flat[at:first], False))
        pieces.append(Piece(flat[first:last], True))
        at = last
    if at < end:
        pieces.append(Piece(flat[at:end], False))
    if end < len(flat):
        pieces.append(Piece("…", False))
    return pieces


def group_words(facts: dict[str, Any]) -> str:
    """What a line of a group says, in the reader's language."""
    by, who, title = (str(facts.get(name, "")) for name in ("by", "who", "title"))
    if "people" in facts:  # older lines have the names alone, as `who`
        who = ", ".join(str(one["name"]) for one in facts["people"])
    match facts.get("event"):
        case "group.made":
            return t("{by} started the group “{title}”", by=by, title=title)
        case "group.named":
            return t("{by} named the group “{title}”", by=by, title=title)
        case "group.joined":
            return t("{by} added {who}", by=by, who=who)
        case "group.removed":
            return t("{by} removed {who}", by=by, who=who)
        case "group.left":
            return t("{by} left", by=by)
        case _:
            return t("{who} looks after the group now", who=who)
