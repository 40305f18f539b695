"""What a viewer sees of a stored message: shaped here, and nowhere else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.messaging import rules
from loom_app.domains.messaging.queries.files import FileView, file_views
from loom_app.domains.messaging.queries.rows import MemberMark, MessageRow
from loom_app.domains.messaging.queries.words import group_words
from loom_app.domains.messaging.rules import Block
from loom_app.domains.messaging.rules import Span as Span  # noqa: PLC0414 - part of a view
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import t

QUOTE_MAX = 120


@dataclass(frozen=True)
class ReactionView:
    """One kind of reaction: how many, whether the viewer is among them, and who."""

    emoji: str
    count: int
    mine: bool
    names: str


@dataclass(frozen=True)
class ReplyView:
    """The message that is answered; number 0 where the viewer may not see it."""

    number: int
    name: str
    text: str


@dataclass(frozen=True)
class MessageView:
    """A message as one viewer sees it.

    `kind` is text, system, proposal or deleted; `cid` the sender's own client id; `source` the
    text to edit, for its sender until `editable_until` (seconds since the epoch, 0 for never);
    `date` and `day` name its day; `link` leads to the thing of a system message.
    """

    id: int
    number: int
    change: int
    cid: str
    mine: bool
    sender_id: int
    name: str
    kind: str
    blocks: list[Block]
    source: str
    editable_until: int
    edited: bool
    time: str
    date: str
    day: str
    at: int
    sent: str
    link: str
    reply: ReplyView
    replies: int
    reactions: list[ReactionView]
    files: list[FileView]
    card: dict[str, str]


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks at a conversation; `names` are of everybody whose name may stand in it."""

    person_id: int
    zone: str
    first_number: int
    names: Mapping[int, str]
    grouped: bool

    @staticmethod
    def of(
        me: Actor, first_number: int, people: Mapping[int, PersonView], *, grouped: bool
    ) -> "Eyes":
        names = {person_id: person.name for person_id, person in people.items()}
        return Eyes(me.require_person(), me.zone, first_number, names, grouped)


NO_REPLY = ReplyView(0, "", "")


def views(rows: Iterable[MessageRow], eyes: Eyes) -> list[MessageView]:
    """Only what the viewer may see of these."""
    return [view(row, eyes) for row in rows if visible(row, eyes)]


def visible(row: MessageRow, eyes: Eyes) -> bool:
    return row.number >= eyes.first_number and eyes.person_id not in (row.hidden_for or ())


def view(row: MessageRow, eyes: Eyes) -> MessageView:
    mine = row.sender_id == eyes.person_id
    deleted = row.deleted_at is not None
    editable = mine and row.kind == "text" and not deleted and bool(row.body)
    now = clock.now()
    today = times.local_day(int(now.timestamp()), eyes.zone)
    moment = _moment(row.sent_at.replace(second=0, microsecond=0), eyes.zone, today)
    until = int((row.sent_at + rules.EDITABLE).timestamp()) if editable else 0
    return MessageView(
        id=row.id,
        number=row.number,
        change=row.change,
        cid=(row.client_id or "") if mine else "",
        mine=mine,
        sender_id=row.sender_id or 0,
        name=_name(row.sender_id, eyes) if eyes.grouped and not mine else "",
        kind="deleted" if deleted else row.kind,
        blocks=_blocks(row, eyes.zone),
        source=row.body if until > now.timestamp() else "",
        editable_until=until,
        edited=row.edited_at is not None and not deleted,
        time=moment.time,
        date=moment.date,
        day=moment.day,
        at=int(row.sent_at.timestamp()),
        sent=moment.sent,
        link=str((row.facts or {}).get("link", "")),
        reply=_reply(row, eyes),
        replies=row.reply_count,
        reactions=[_reaction(one, eyes) for one in row.reactions or ()],
        files=file_views(row.files or ()),
        card=card(row) if row.kind == "proposal" and not deleted else {},
    )


class _Moment(NamedTuple):
    time: str
    date: str
    day: str
    sent: str


@lru_cache(maxsize=4096)
def _moment(minute: datetime, zone: str, _today: int) -> _Moment:
    """How an instant is said in a zone on a day; many messages share a minute, and formatting is
    slow."""
    return _Moment(
        times.clock_time(minute, zone),
        str(times.local_day(int(minute.timestamp()), zone)),
        times.relative_day(minute, zone),
        times.when(minute, zone),
    )


def progress(marks: Iterable[MemberMark], me_id: int) -> tuple[int, int, dict[int, int]]:
    """(delivered to all, read by all, who has read how far) of the others.

    Reading is shown among those who show theirs: whoever hides it sees none either.
    """
    known = list(marks)
    others = [mark for mark in known if mark.user_id != me_id]
    mine = next((mark for mark in known if mark.user_id == me_id), None)
    shown = {mark.user_id: mark.read_number for mark in others if mark.receipts}
    if mine is None or not mine.receipts:
        shown = {}
    delivered = min((mark.delivered_number for mark in others), default=0)
    read = min(shown.values(), default=0) if len(shown) == len(others) else 0
    return delivered, read, shown


def _blocks(row: MessageRow, zone: str) -> list[Block]:
    if row.deleted_at is not None or not row.body:
        return []
    return rules.blocks(system_words(row, zone) if row.kind == "system" else row.body)


def _name(person_id: int | None, eyes: Eyes) -> str:
    return eyes.names.get(person_id or 0, t("Former member"))


def _reaction(stored: list[object], eyes: Eyes) -> ReactionView:
    emoji, people = str(stored[0]), [int(str(one)) for one in stored[1]]  # type: ignore[attr-defined]
    named = [t("You") if one == eyes.person_id else _name(one, eyes) for one in people[:20]]
    return ReactionView(emoji, len(people), eyes.person_id in people, ", ".join(named))


def _reply(row: MessageRow, eyes: Eyes) -> ReplyView:
    quote = row.quote
    if row.reply_to is None:
        return NO_REPLY
    # hidden, from before one joined, or gone: row-level security reads no such quote either
    if (
        quote is None
        or quote.number < eyes.first_number
        or eyes.person_id in (quote.hidden_for or ())
    ):
        return ReplyView(0, "", t("A message that is not here"))
    name = t("You") if quote.sender_id == eyes.person_id else _name(quote.sender_id, eyes)
    if quote.deleted:
        return ReplyView(quote.number, name, t("Message deleted"))
    return ReplyView(quote.number, name, quote_words(quote.body, quote.files))


def quote_words(body: str, files: Iterable[Mapping[str, object]]) -> str:
    """One line that stands for a message: its text, or what it brings."""
    if body:
        return rules.preview(body)
    kinds = {"image": t("Photo"), "voice": t("Voice note"), "audio": t("Audio")}
    for one in files:
        return kinds.get(str(one.get("kind")), str(one.get("name", "")))
    return ""


def system_words(row: MessageRow, zone: str) -> str:
    """A system message in the viewer's zone and language; its stored text where it is unknown."""
    facts = row.facts or {}
    starts = facts.get("starts_at")
    when = times.when(datetime.fromisoformat(starts), zone) if starts else ""
    title = str(facts.get("title", ""))
    words = {
        "session.booked": t("Session booked: {title}, {when}", title=title, when=when),
        "session.moved": t("Session moved: {title}, now {when}", title=title, when=when),
        "session.cancelled": t("Session cancelled: {title}, {when}", title=title, when=when),
        "session.kept": t("Kept until it is paid: {title}, {when}", title=title, when=when),
        "invitation.accepted": t("Invitation accepted"),
        "waitlist.offered": t(
            "Offered from the waitlist, for half an hour: {title}, {when}", title=title, when=when
        ),
    }
    match facts.get("event"):
        case str(event) if event.startswith("payment."):
            return _money_words(event, title, facts) or row.body
        case str(event) if event.startswith("group."):
            return group_words(facts)
        case event:
            return words.get(str(event), row.body)


def _money_words(event: str, title: str, facts: Mapping[str, object]) -> str:
    amount = _amount(facts)
    words = {
        "payment.received": t("Payment received: {title}, {amount}", title=title, amount=amount),
        "payment.refunded": t("Refund: {title}, {amount}", title=title, amount=amount),
        "payment.rest_failed": t(
            "The rest could not be charged: {title}, {amount}", title=title, amount=amount
        ),
        "payment.hold_failed": t(
            "The card did not give the hold: {title}, {amount}", title=title, amount=amount
        ),
    }
    return words.get(event, "")


def _amount(facts: Mapping[str, object]) -> str:
    return Money(int(str(facts["minor"])), str(facts["currency"])).format()


def card(row: MessageRow) -> dict[str, str]:
    """The facts of a shared thing, as text: which it is, and what its own part needs."""
    return {key: str(value) for key, value in (row.facts or {}).items()}
