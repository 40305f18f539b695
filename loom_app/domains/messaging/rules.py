"""What a message may be, and how its text reads. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
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
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"`]+", re.IGNORECASE)
_SCHEME = re.compile(r"https?\Z", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w./@])(?:www\.[^\s<>\"`]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})", re.IGNORECASE
)
_SAFE_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)

# CommonMark without HTML, images, headings, tables: what people expect in a chat, and no more
_parser = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["emphasis", "backticks", "fence", "list", "blockquote", "link", "escape", "newline"]
)


def _address(state: StateInline, silent: bool) -> bool:
    """An address is a link before any sign in it is looked at: `__init__.py` is no bold word."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending)
    if scheme is None:
        return False
    start = state.pos - len(scheme.group())
    found = _ADDRESS.match(state.src, start, state.posMax)
    address = _trimmed(found.group()) if found else ""
    if len(address) <= len(scheme.group()) + len("://"):
        return False
    if not silent:
        state.pending = state.pending[: scheme.start()]
        state.push("link_open", "a", 1).attrs = {"href": address}
        state.push("text", "", 0).content = address
        state.push("link_close", "a", -1)
    state.pos = start + len(address)
    return True


def _trimmed(address: str) -> str:
    """Without what belongs to the sentence around it; a bracket it opened itself is its own."""
    while address:
        last = address[-1]
        opening = {")": "(", "]": "["}.get(last)
        if last in ".,;:!?'*" or (opening and address.count(last) > address.count(opening)):
            address = address[:-1]
        else:
            break
    return address


def _inner_star(state: StateInline, silent: bool) -> bool:
    """Stars between letters or digits are a sum, not a style: 2*3*4. Not so in scripts that put
    no spaces between words."""
    start = end = state.pos
    while end < state.posMax and state.src[end] == "*":
        end += 1
    beside = state.src[max(0, start - 1) : start] + state.src[end : end + 1]
    if end == start or len(beside) < 2 or not all(c.isalnum() and c < "\u0e00" for c in beside):
        return False
    if not silent:
        state.pending += state.src[start:end]
    state.pos = end
    return True


_parser.inline.ruler.before("emphasis", "address", _address)
_parser.inline.ruler.before("emphasis", "inner_star", _inner_star)
_parser.enable(["address", "inner_star"])


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
    if not re.search(r"[*_`>\[\\]|^\s*([-+]|\d+[.)])\s|://|www\.|@|\n", body, re.IGNORECASE):
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
    """Split what is an address without saying so out of a run of text: `www.`, and mail."""
    found: list[Span] = []
    end = 0
    for match in _BARE.finditer(text):
        words = _trimmed(match.group())
        if match.start() > end:
            found.append(Span(style, text[end : match.start()]))
        found.append(Span("link", words, ("mailto:" if "@" in words else "https://") + words))
        end = match.start() + len(words)
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
