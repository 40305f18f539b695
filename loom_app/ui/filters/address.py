"""What a list is asked for, as its address says it."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

Asked = Mapping[str, tuple[str, ...]]
MOST = 20


def asked_of(query: str, keys: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Known words of an address; the rest, and what is too long or too much, asks for nothing."""
    asked: dict[str, tuple[str, ...]] = {}
    for key, value in parse_qsl(query[:4000]):
        word = value.strip()[:100]
        before = asked.get(key, ())
        if key in keys and word and word not in before and len(before) < MOST:
            asked[key] = (*before, word)
    return asked


def one(asked: Asked, key: str, default: str = "") -> str:
    return asked.get(key, (default,))[0]


def query_of(asked: Asked) -> str:
    """In the order of the keys, so that equal questions have equal addresses."""
    return urlencode([(key, word) for key in sorted(asked) for word in asked[key]])


def changed(asked: Asked, key: str, words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """With other words of one key, and back on the first page."""
    left = {name: known for name, known in asked.items() if name not in {key, "page"}}
    words = tuple(word.strip()[:100] for word in words if word.strip())
    return left | ({key: words} if words else {})


def href(path: str, asked: Asked) -> str:
    query = query_of(asked)
    return f"{path}?{query}" if query else path
