"""The content filter: what in a text staff should look at, and why. Pure and quick.

It never refuses a message: a coach may quote an insult that a client was told. Each hit says its
rule and explains itself, so that a false one is seen at a glance.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from loom_app.domains.moderation.words import ABUSE, LURES, SHORTENERS, THREATS
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t
from loom_app.kit.words import limited

MANY_LINKS = 4
LONG_RUN = 20
SHOUTING_LETTERS = 40
SAMPLE = 400  # the beginning of a text tells whether all of it shouts
WORDS_MAX = 1000
REASONS = ("harassment", "spam", "scam", "unsafe", "other")

_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_RUN = re.compile(rf"(\S)\1{{{LONG_RUN},}}")
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}\Z")
# written around a list: "4$$hole" is meant as it reads
_DISGUISED = re.compile(r"[@$\d]")
_DISGUISE = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s"})


@dataclass(frozen=True, slots=True)
class Hit:
    """What was noticed: the rule's name, and the reason in words for staff."""

    rule: str
    explained: str


def hits(body: str) -> list[Hit]:
    """Everything noticed in a text, each rule at most once."""
    folded = _fold(body)
    plain = re.findall(r"\w+", folded.replace("'", "").replace("’", ""))
    found = [*_words(folded, plain), *_phrases(plain), *_links(body), *_shape(body)]
    return list({hit.rule: hit for hit in found}.values())


def check_reason(reason: str, words: str) -> str:
    """The reporter's own words, trimmed. Raises Invalid."""
    if reason not in REASONS:
        raise Invalid(t("Choose what is wrong."), field="reason")
    return limited(words, WORDS_MAX, "words")


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def _words(folded: str, plain: list[str]) -> list[Hit]:
    said = set(plain)
    if _DISGUISED.search(folded):
        hidden = re.findall(r"[\w@$]+", folded)
        said |= {word.translate(_DISGUISE) for word in hidden if not word.isdecimal()}
    for language, listed in ABUSE.items():
        if bad := sorted(listed & said):
            words = t(
                "“{word}” is on the list of abusive words ({language}).",
                word=bad[0],
                language=language,
            )
            return [Hit("abuse", words)]
    return []


def _phrases(plain: list[str]) -> list[Hit]:
    run = f" {' '.join(plain)} "
    found = []
    for rule, phrases in (("threat", THREATS), ("lure", LURES)):
        said = next((phrase for phrase in phrases if f" {phrase} " in run), "")
        if said:
            found.append(Hit(rule, t("It says “{phrase}”.", phrase=said)))
    return found


def _links(body: str) -> list[Hit]:
    links = _LINK.findall(body)
    found = []
    if len(links) >= MANY_LINKS:
        found.append(Hit("links", t("It holds {n} links.", n=len(links))))
    for link in links:
        try:
            host = (urlsplit(link).hostname or "").removeprefix("www.")
        except ValueError:
            host = ""
        if host in SHORTENERS:
            found.append(Hit("hidden_link", t("A short link hides its target: {host}", host=host)))
        elif _ADDRESS.match(host) or host.startswith("xn--") or ".xn--" in host:
            found.append(
                Hit("odd_link", t("A link leads to an unusual address: {host}", host=host))
            )
    return found


def _shape(body: str) -> list[Hit]:
    found = []
    if run := _RUN.search(body):
        found.append(Hit("noise", t("One sign is repeated {n} times.", n=len(run.group()))))
    letters = [c for c in body[:SAMPLE] if c.isalpha() and c.upper() != c.lower()]
    if len(letters) >= SHOUTING_LETTERS and sum(c.isupper() for c in letters) > 0.9 * len(letters):
        found.append(Hit("shouting", t("It is written in capitals.")))
    return found
