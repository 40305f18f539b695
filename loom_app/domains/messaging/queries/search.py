"""Finding messages by their words, and conversations by the people in them.

The database function `loom_search` judges membership, the start of one's history, deleted and
hidden messages. Where nothing begins as typed, near words of the vocabulary are tried: typing is
forgiven.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA
from sqlalchemy import text

from loom_app.domains.messaging.queries.words import (
    Piece,
    fold,
    found_words,
    snippet,
    split,
    tsquery,
)
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t

EACH, MOST = 20, 50
IN_ONE = 200
NEAR_MOST = 12
NEAR_LENGTH = 5
SLICE = 4000

_SEARCH = text("SELECT * FROM loom_search(:query, :conversation, :each, :most)")
_NEW_WORDS = text("SELECT id, word FROM message_words WHERE id > :known ORDER BY id")
_NAMES = text(
    """
    SELECT c.id, CASE WHEN c.kind = 'pair' THEN coalesce(max(u.name), '') ELSE c.title END,
        string_agg(u.name, ' ')
    FROM conversation_members m
    JOIN conversations c ON c.id = m.conversation_id
    LEFT JOIN conversation_members o ON o.conversation_id = c.id AND o.user_id <> m.user_id
    LEFT JOIN users u ON u.id = o.user_id
    WHERE m.user_id = :me AND c.last_message_at IS NOT NULL
    GROUP BY c.id ORDER BY max(c.last_message_at) DESC LIMIT 3000
    """
)


@dataclass(frozen=True)
class Hit:
    """A message that was found; `who` is its sender and `where` its conversation, in words."""

    id: int
    number: int
    conversation_id: int
    who: str
    where: str
    time: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, newest first (or oldest first within one conversation); `more` says that there are
    others. `sought` are the beginnings of words that count as hits."""

    hits: list[Hit]
    more: bool
    sought: list[str]


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    conversation_id: int
    number: int
    sender_id: int | None
    body: str
    sent_at: datetime


async def search(tx: Tx, me: Actor, words: str, conversation_id: int = 0) -> Found:
    """Messages that hold every word, as a beginning, in the caller's conversations or in one.

    Nothing is found in a conversation that is not the caller's.
    """
    me.require_person()
    typed = split(words)
    if not typed:
        return Found([], more=False, sought=[])
    groups: list[Sequence[str]] = [[word] for word in typed]
    rows, sought = await _rows(tx, groups, conversation_id), typed
    most = IN_ONE if conversation_id else MOST
    if not rows and (near := await _nearby(tx, typed)) != groups:
        rows = await _rows(tx, near, conversation_id)
        # the vocabulary is everybody's: only words that the caller reads in the hits leave here
        sought = [*typed, *_read_in(rows[:most], [word for group in near for word in group])]
    names = await _names(tx, me, rows[:most])
    hits = [_hit(row, me, names, sought) for row in rows[:most]]
    return Found(hits, more=len(rows) > most, sought=sought)


async def _rows(tx: Tx, groups: list[Sequence[str]], conversation_id: int) -> list[_Row]:
    values = {
        "query": tsquery(groups),
        "conversation": conversation_id,
        "each": (IN_ONE if conversation_id else EACH) + 1,
        "most": (IN_ONE if conversation_id else MOST) + 1,
    }
    return [_Row(*row) for row in await tx.db.execute(_SEARCH, values)]


def _read_in(rows: list[_Row], tried: list[str]) -> list[str]:
    """The words of these messages that begin with what was tried, whole and each once."""
    return list(
        dict.fromkeys(
            fold(row.body[start:end]) for row in rows for start, end in found_words(row.body, tried)
        )
    )


@dataclass(frozen=True, slots=True)
class _Names:
    people: dict[int, str]
    conversations: dict[int, str]


async def _names(tx: Tx, me: Actor, rows: list[_Row]) -> _Names:
    if not rows:
        return _Names({}, {})
    people = await tx.db.execute(
        text("SELECT id, name FROM users WHERE id = ANY(CAST(:ids AS bigint[]))"),
        {"ids": list({row.sender_id for row in rows if row.sender_id})},
    )
    talks = await tx.db.execute(
        text(
            "SELECT c.id, CASE WHEN c.kind = 'pair' THEN (SELECT u.name FROM conversation_members o"
            " JOIN users u ON u.id = o.user_id WHERE o.conversation_id = c.id AND o.user_id <> :me"
            " LIMIT 1) ELSE c.title END FROM conversations c"
            " WHERE c.id = ANY(CAST(:ids AS bigint[]))"
        ),
        {"ids": list({row.conversation_id for row in rows}), "me": me.require_person()},
    )
    return _Names({row[0]: row[1] for row in people}, {row[0]: row[1] or "" for row in talks})


def _hit(row: _Row, me: Actor, names: _Names, sought: list[str]) -> Hit:
    mine = row.sender_id == me.person_id
    return Hit(
        id=row.id,
        number=row.number,
        conversation_id=row.conversation_id,
        who=t("You") if mine else names.people.get(row.sender_id or 0, t("Former member")),
        where=names.conversations.get(row.conversation_id, "") or t("Conversation"),
        time=times.short(row.sent_at, me.zone),
        pieces=snippet(row.body, sought),
    )


async def conversations_named(tx: Tx, me: Actor, words: str, limit: int = 20) -> list[int]:
    """Conversations by a name in them or their title, the best match first; typos are forgiven."""
    sought = fold(" ".join(words.split()))
    if not sought:
        return []
    rows = (await tx.db.execute(_NAMES, {"me": me.require_person()})).all()
    names = {row[0]: fold(f"{row[1]} {row[2] or ''}") for row in rows}
    direct = [one for one, name in names.items() if _begins(name, sought)]
    if direct or len(sought) < 4:
        return direct[:limit]
    near = process.extract(sought, names, scorer=fuzz.partial_ratio, score_cutoff=80, limit=limit)
    return [one for _, _, one in near]


def _begins(name: str, sought: str) -> bool:
    """Every typed word begins a word of the name."""
    parts = name.split()
    return all(any(part.startswith(word) for part in parts) for word in sought.split())


class _Vocabulary:
    """The words that occur in messages, as this process knows them: for neighbours, never shown."""

    def __init__(self) -> None:
        self.known = 0
        self.by_length: dict[int, list[str]] = {}

    async def refresh(self, tx: Tx) -> None:
        async with tx.acting_as_system("messaging.words"):
            for number, word in await tx.db.execute(_NEW_WORDS, {"known": self.known}):
                self.known = number
                self.by_length.setdefault(len(word), []).append(word)

    def near(self, word: str) -> list[str]:
        """Words at most one slip away, two for long ones; swapped letters are one slip."""
        slips = 1 if len(word) < 6 else 2
        found: list[tuple[int, str]] = []
        for length in range(len(word) - slips, len(word) + slips + 1):
            words = self.by_length.get(length, [])
            for start in range(0, len(words), SLICE):  # the loop breathes between slices
                part = process.extract(
                    word,
                    words[start : start + SLICE],
                    scorer=OSA.distance,
                    score_cutoff=slips,
                    limit=NEAR_MOST,
                )
                found += [(int(distance), near) for near, distance, _ in part]
        return [near for _, near in sorted(found)[:NEAR_MOST]]


_vocabulary = _Vocabulary()


def _is_forgiven(word: str) -> bool:
    """Shorter words are near to too many others."""
    return len(word) >= NEAR_LENGTH and word.isalpha()


async def _nearby(tx: Tx, typed: list[str]) -> list[Sequence[str]]:
    """Each word with its neighbours; short ones and numbers stay alone."""
    if not any(map(_is_forgiven, typed)):
        return [[word] for word in typed]
    await _vocabulary.refresh(tx)
    return [
        [word, *await asyncio.to_thread(_vocabulary.near, word)] if _is_forgiven(word) else [word]
        for word in typed
    ]


def forget_words() -> None:
    """Empty the memory of words: for tests, whose databases are emptied."""
    _vocabulary.known = 0
    _vocabulary.by_length.clear()
