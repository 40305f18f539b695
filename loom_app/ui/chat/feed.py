"""What the server tells a browser of a conversation: only what changed.

The browser keeps the window of messages (`ui/design/browser/window.py`). It knows which change it
has, sees from `after` whether it missed one, and then asks for everything after its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import Changes, Eyes, MessageRow, MessageView


@dataclass(frozen=True)
class Feed:
    """Messages that changed after `after`, up to `change`; `gone` are ids to show no more.

    `whole` rows are the newest page; with `reset` nothing else may stay. `start` says that the
    first row is the conversation's first.
    """

    conversation: int = 0
    after: int = 0
    change: int = 0
    rows: list[MessageView] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    whole: bool = False
    reset: bool = False
    start: bool = False


@dataclass(frozen=True)
class Page:
    """Messages that were asked for: before, after or around the number `asked`; `at` is where to
    look, `turn` makes each answer a new one."""

    conversation: int = 0
    edge: str = ""
    rows: list[MessageView] = field(default_factory=list)
    start: bool = False
    end: bool = False
    asked: int = 0
    at: int = 0
    turn: int = 0


def newest(conversation_id: int, rows: list[MessageRow], eyes: Eyes, change: int) -> Feed:
    """The newest page, as of a change read before it."""
    return Feed(
        conversation=conversation_id,
        change=change,
        rows=queries.views(rows, eyes),
        whole=True,
        start=len(rows) < queries.PAGE,
    )


def replacing(feed: Feed) -> Feed:
    """The same, and nothing else may stay: more was missed than is told."""
    return replace(feed, reset=True)


def following(feed: Feed, changes: Changes, eyes: Eyes, *, gapless: bool) -> Feed:
    """What a tab is told next, given what it was told last; `gapless` says that nothing lies
    between the two."""
    rows, gone = shaped(changes.messages, eyes)
    after = feed.change if gapless else changes.after
    return Feed(feed.conversation, after, max(feed.change, changes.change), rows, gone)


def joined(first: Feed, second: Feed) -> Feed:
    """Two that go out as one answer."""
    if second.whole or first.conversation != second.conversation:
        return second
    told = {view.id for view in second.rows} | set(second.gone)
    return replace(
        first,
        after=second.after if second.after > first.change else first.after,
        change=second.change,
        rows=[*(view for view in first.rows if view.id not in told), *second.rows],
        gone=[*first.gone, *second.gone],
    )


def shaped(found: Iterable[MessageRow], eyes: Eyes) -> tuple[list[MessageView], list[int]]:
    """What the viewer sees of them, and what they may no longer."""
    found = list(found)
    gone = [row.id for row in found if not queries.visible(row, eyes)]
    return queries.views(found, eyes), gone
