"""Finding coaches by what people type, typos forgiven. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

EXACT, PREFIX = 100.0, 95.0
# a third of a short word may be wrong; below that, words only look alike by chance
CLOSE_ENOUGH = 72.0


@dataclass(frozen=True, slots=True)
class Searchable:
    """What can be found: words of the name weigh most."""

    name: str
    specialties: Sequence[str]
    headline: str


def plain(words: str) -> list[str]:
    """Lower case, without accents, cut at everything that is no letter or digit."""
    flat = unicodedata.normalize("NFKD", words.casefold())
    flat = "".join(" " if not c.isalnum() else c for c in flat if not unicodedata.combining(c))
    return flat.split()


def scores(query: str, things: Sequence[Searchable]) -> list[float]:
    """How well each fits; 0 where a word of the query fits nothing of it."""
    asked = plain(query)[:8]
    if not asked:
        return [1.0] * len(things)
    fields = [_weighted(thing) for thing in things]
    vocabulary = {word for words in fields for word in words}
    near = [_near(word, vocabulary) for word in asked]
    return [_score(words, near) for words in fields]


def _weighted(thing: Searchable) -> dict[str, float]:
    words: dict[str, float] = {}
    for weight, texts in ((0.6, [thing.headline]), (0.9, thing.specialties), (1.0, [thing.name])):
        for text in texts:
            words.update(dict.fromkeys(plain(text), weight))
    return words


def _near(word: str, vocabulary: Iterable[str]) -> dict[str, float]:
    """The known words that this may mean, with how sure that is."""
    found: dict[str, float] = {}
    words = list(vocabulary)
    for known in words:
        if known.startswith(word):
            found[known] = EXACT if known == word else PREFIX
    if len(word) >= 3:
        close = process.extract(word, words, scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH, limit=50)
        for known, score, _ in close:
            found.setdefault(known, score * 0.9)
    return found


def _score(words: dict[str, float], near: list[dict[str, float]]) -> float:
    total = 0.0
    for one in near:
        hits = [sure * words[known] for known, sure in one.items() if known in words]
        if not hits:
            return 0.0
        total += max(hits)
    return total
