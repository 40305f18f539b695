"""What a message may be, and how its text reads. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from markdown_it.token import Token

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

BODY_MAX = 4000
FILES_MAX = 10
WAKES, SLEEPS = 8, 21  # hours of the day
REACTIONS_MAX = 20
EDITABLE = timedelta(minutes=5)
PREVIEW_MAX = 120
CLIENT_ID = re.compile(r"[A-Za-z0-9-]{8,64}\Z")
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
_SAFE_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)

# CommonMark without HTML, images, headings, tables: what people expect in a chat, and no more
_parser = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["emphasis", "backticks", "fence", "list", "blockquote", "link", "escape", "newline"]
)


@dataclass(frozen=True)
class Span:
    """A run of text: kind is text, strong, em, code, link or break."""

    kind: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph of spans: kind is p, li, quote or code; `mark` is a list item's bullet."""

    kind: str
    spans: list[Span]
    mark: str = ""


def clean_body(body: str, *, empty: bool = False) -> str:
    """Trimmed, without control characters. Raises Invalid when over 4,000 characters, or empty
    where that is not allowed."""
    kept = "".join(
        c for c in body.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) != "Cc"
    ).strip()
    if not kept.strip("\u200b\u200c\u200d\u2060\ufeff \n\t"):
        if empty:
            return ""
        raise Invalid(t("Write something first."), field="body")
    if len(kept) > BODY_MAX:
        raise Invalid(
            t("A message holds {n} characters; this one has {m}.", n=BODY_MAX, m=len(kept)),
            field="body",
        )
    return kept


def clean_draft(words: str) -> str:
    """Without control characters, cut to the length of a message."""
    return "".join(c for c in words if c == "\n" or unicodedata.category(c) != "Cc")[:BODY_MAX]


def is_client_id(client_id: str) -> bool:
    return CLIENT_ID.match(client_id) is not None


def check_client_id(client_id: str) -> str:
    if not is_client_id(client_id):
        raise Invalid(t("This message could not be sent. Write it again."))
    return client_id


def preview(body: str) -> str:
    """One line for the list."""
    line = " ".join(re.sub(r"(?m)[*_`]+|^\s*>+", "", body).split())
    return line if len(line) <= PREVIEW_MAX else line[: PREVIEW_MAX - 1] + "…"


@lru_cache(maxsize=2048)
def blocks(body: str) -> list[Block]:
    """The text as paragraphs of spans: data, never markup, so that nothing in it can run.

    Read once for all who look.
    """
    if not re.search(r"[*_`>\[\\]|^\s*([-+]|\d+[.)])\s|://|\n", body):
        return [Block("p", [Span("text", body)])]
    try:
        return _Reader().read(_parser.parse(body)) or [Block("p", [Span("text", body)])]
    except RecursionError:
        return [Block("p", [Span("text", body)])]


class _Reader:
    """Walks a parser's tokens and keeps what they open: lists, quotes, styles, a link."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._lists: list[int] = []
        self._quotes = 0
        self._mark = ""

    def read(self, tokens: list[Token]) -> list[Block]:
        for token in tokens:
            if token.type == "inline":
                self._paragraph(token.children or [])
            elif token.type == "fence":
                self.found.append(Block("code", [Span("text", token.content.rstrip("\n"))]))
            elif token.type in {"blockquote_open", "blockquote_close"}:
                self._quotes += token.nesting
            elif token.type.endswith(("list_open", "list_close", "item_open")):
                self._list(token)
        return self.found

    def _list(self, token: Token) -> None:
        if token.type.endswith("list_close"):
            self._lists.pop()
        elif token.type == "list_item_open":
            self._mark = f"{self._lists[-1]}." if self._lists[-1] else "•"
            self._lists[-1] += 1 if self._lists[-1] else 0
        else:
            ordered = token.type == "ordered_list_open"
            self._lists.append(int(token.attrGet("start") or 1) if ordered else 0)

    def _paragraph(self, children: list[Token]) -> None:
        kind = "quote" if self._quotes else "li" if self._lists else "p"
        spans: list[Span] = []
        style, href = ["text"], ""
        for token in children:
            if token.type in {"link_open", "link_close"}:
                target = str(token.attrGet("href") or "")
                href = target if _SAFE_LINK.match(target) else ""
            elif token.type in {"strong_open", "em_open"}:
                style.append(token.type.removesuffix("_open"))
            elif token.type in {"strong_close", "em_close"}:
                style.pop()
            else:
                spans += _run(token, style[-1], href)
        self.found.append(Block(kind, spans, self._mark if self._lists else ""))
        self._mark = ""


def _run(token: Token, style: str, href: str) -> list[Span]:
    if token.type in {"softbreak", "hardbreak"}:
        return [Span("break", "")]
    if token.type == "code_inline":
        return [Span("code", token.content)]
    if token.type == "text" and token.content:
        return [Span("link", token.content, href)] if href else _linked(token.content, style)
    return []


def _linked(text: str, style: str) -> list[Span]:
    """Split bare addresses out of a run of text."""
    found: list[Span] = []
    end = 0
    for match in _LINK.finditer(text):
        if match.start() > end:
            found.append(Span(style, text[end : match.start()]))
        found.append(Span("link", match.group(), match.group()))
        end = match.end()
    if end < len(text):
        found.append(Span(style, text[end:]))
    return found


def next_waking(now: datetime, zone: str) -> datetime:
    """Now between 8 and 21 o'clock there, else the next 8 o'clock."""
    there = now.astimezone(ZoneInfo(zone))
    if WAKES <= there.hour < SLEEPS:
        return now
    day = there if there.hour < WAKES else there + timedelta(days=1)
    return day.replace(hour=WAKES, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)
