"""Mails that hold several things: unread messages of a conversation, and summaries."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.messaging import queries as messaging
from loom_app.domains.notifications import digests, wishes
from loom_app.domains.notifications.catalogue import topic_of
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn

LENGTH = 160  # of a line that is quoted


async def unread(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """NotFound where it was read meanwhile."""
    number = facts["conversation_id"]
    async with tx.acting_as_system("messaging.unread"):
        found = await messaging.last_lines(tx, person.id, number)
    if not found.many:
        raise NotFound
    who = found.group or found.lines[-1][0] or t("somebody")
    rest = found.many - len(found.lines)
    return Letter(
        subject=tn(
            "{n} new message from {name}", "{n} new messages from {name}", found.many, name=who
        ),
        lines=[
            tn(
                "a message has been waiting for you since {when}.",
                "{n} messages have been waiting for you since {when}.",
                found.many,
                when=times.when(found.lines[0][2], person.zone),
            )
            if not rest
            else tn(
                "{n} message waits for you; these came last.",
                "{n} messages wait for you; these came last.",
                found.many,
            )
        ],
        facts=[(name or t("Somebody"), _short(words)) for name, words, _ in found.lines],
        action=t("Read and answer"),
        path=f"/messages/{number}",
    ), None


async def test(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("This is a test"),
        lines=[t("this is how word of Loom reaches you here. You asked for it in the settings.")],
        action=t("Your notifications"),
        path="/settings/notifications",
    ), None


def _short(words: str) -> str:
    return words if len(words) <= LENGTH else f"{words[: LENGTH - 1].rstrip()}…"


def summary(writers: Mapping[str, Callable[..., Awaitable[Any]]]) -> Callable[..., Any]:
    """The writer of summaries, out of the writers of what they hold."""

    async def write(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
        subjects: list[str] = []
        wanted = await wishes.of(tx, person.id)
        for event, about in await digests.gathered(tx, facts["ids"], person):
            if not wanted.wants(topic_of(event), "mail"):  # switched off while it waited
                continue
            try:
                letter, _ = await writers[event](tx, about, person)
            except NotFound:  # not so any more
                continue
            subjects.append(letter.subject)
        if not subjects:
            raise NotFound
        shown, rest = subjects[: digests.SHOWN], len(subjects) - digests.SHOWN
        many = len(subjects)
        weekly = facts.get("digest") == "weekly"
        return Letter(
            subject=tn("Your week in Loom: {n} thing", "Your week in Loom: {n} things", many)
            if weekly
            else tn("Your day in Loom: {n} thing", "Your day in Loom: {n} things", many),
            lines=[
                t("this is what happened since the last summary."),
                *([t("And {n} more.", n=rest)] if rest > 0 else []),
            ],
            facts=[(str(number), words) for number, words in enumerate(shown, 1)],
            action=t("See all of it"),
            path="/notifications",
        ), None

    return write
