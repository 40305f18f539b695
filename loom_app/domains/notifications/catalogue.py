"""Everything that people are told of: which topic an event belongs to, and where it is told.

A topic is a line of the grid in the settings. An event without a topic here cannot be told
(`topic_of` raises), and the table in docs/reference.md is made from what stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from loom_app.kit.text import t

Channel = Literal["in_app", "mail", "push", "sms"]
Group = Literal["messages", "sessions", "money", "other"]
CHANNELS: tuple[Channel, ...] = ("in_app", "mail", "push", "sms")
TEXTED: frozenset[Channel] = frozenset(CHANNELS)
ALL: frozenset[Channel] = TEXTED - {"sms"}
BOTH: frozenset[Channel] = frozenset({"in_app", "mail"})
MAIL: frozenset[Channel] = frozenset({"mail"})
OUTSIDE: frozenset[Channel] = frozenset({"mail", "push"})


@dataclass(frozen=True, slots=True)
class Topic:
    """`group`: what it stands under. `default`: where it is told unless somebody chose.
    `fixed`: where it is told whatever anybody chose. `urgent` waits for no summary and for no end
    of quiet hours. `whole`: no line of a summary can stand for it. `on`: where it can be told at
    all. `who`: everybody, or people in a role."""

    name: str
    group: Group
    words: str
    events: tuple[str, ...]
    on: frozenset[Channel] = ALL
    default: frozenset[Channel] = BOTH
    fixed: frozenset[Channel] = frozenset()
    urgent: bool = False
    whole: bool = False
    who: Literal["everyone", "coach", "staff"] = "everyone"

    @property
    def alone(self) -> str:
        """Its words where they do not stand under those of its group."""
        if self.group != "sessions":
            return self.words
        return t("{group}: {topic}", group=GROUPS[self.group], topic=self.words)


GROUPS: dict[Group, str] = {
    "messages": t("Messages"),
    "sessions": t("Sessions"),
    "money": t("Money"),
    "other": t("Everything else"),
}

TOPICS: tuple[Topic, ...] = (
    Topic(
        "messages",
        "messages",
        t("Messages you have not read"),
        ("message.unread",),
        on=OUTSIDE,  # the list of conversations is where they stand, live
        default=OUTSIDE,
    ),
    Topic("session.booked", "sessions", t("Booked"), ("session.booked",), on=TEXTED, default=ALL),
    Topic(
        "session.moved",
        "sessions",
        t("Moved"),
        ("session.moved", "session.relocated"),
        on=TEXTED,
        default=TEXTED,
    ),
    Topic(
        "session.cancelled",
        "sessions",
        t("Cancelled"),
        ("session.cancelled",),
        on=TEXTED,
        default=TEXTED,
    ),
    Topic(
        "session.reminder",
        "sessions",
        t("Reminders"),
        ("session.reminder",),
        on=TEXTED,
        default=TEXTED,
        urgent=True,
    ),
    Topic(
        "session.kept",
        "sessions",
        t("Times kept for you, and the waitlist"),
        ("session.kept", "session.kept_over", "waitlist.offered", "waitlist.ended"),
        on=TEXTED,
        default=TEXTED,
        urgent=True,  # a time is kept for minutes or hours
    ),
    Topic(
        "session.after",
        "sessions",
        t("Ratings, and sessions that were missed"),
        ("session.completed", "session.rated", "session.missed", "session.coach_missed"),
    ),
    Topic("payment.paper", "money", t("Receipts and credit notes"), ("payment.document",)),
    Topic(
        "payment.trouble",
        "money",
        t("Payments that did not work"),
        (
            "due.failed",
            "due.failed_coach",
            "session.awaited",
            "session.unpaid",
            "session.lost",
            "payment.refund_failed",
            "payment.card_expiring",
        ),
        default=ALL,
    ),
    Topic(
        "payment.soon",
        "money",
        t("Payments to come, and credit that runs out"),
        ("due.soon", "payment.credit_expiring"),
    ),
    Topic(
        "payment.refunds",
        "money",
        t("Refunds asked for and decided"),
        ("payment.refund_asked", "payment.refund_decided"),
    ),
    Topic(
        "packages",
        "money",
        t("Packages"),
        (
            "package.answered",
            "package.asked",
            "package.bought",
            "package.ended",
            "package.ending",
        ),
    ),
    Topic(
        "payouts",
        "money",
        t("Payouts and your account with the bank"),
        (
            "payout.paid",
            "payout.failed",
            "payout.waits",
            "account.active",
            "account.restricted",
            "account.closed",
        ),
        who="coach",
    ),
    Topic(
        "disputes",
        "money",
        t("Disputes"),
        ("dispute.opened", "dispute.closed"),
        default=ALL,
        fixed=MAIL,  # a bank's deadline runs
        urgent=True,
        who="coach",
    ),
    Topic(
        "verification",
        "other",
        t("Whether people find and book you as a coach"),
        ("coach.verified", "coach.returned", "coach.hidden"),
        fixed=MAIL,  # nobody can book them before
        who="coach",
    ),
    Topic(
        "moderation",
        "other",
        t("What our team decided about something you did"),
        ("moderation.decided", "moderation.answered", "moderation.over", "moderation.shown"),
        fixed=MAIL,  # who is suspended reads nothing else
        urgent=True,
    ),
    Topic("reports", "other", t("What came of your reports"), ("report.decided",)),
    Topic(
        "invitations",
        "other",
        t("People you invited"),
        ("invitation.accepted", "invitation.joined"),
        who="coach",
    ),
    Topic("data", "other", t("Your data"), ("data.ready",), urgent=True),
    Topic(
        "security",
        "other",
        t("Security of your account"),
        (
            "account.leaving",
            "account.leaving_waits",
            "account.linked",
            "account.password",
            "account.second_factor",
            "account.signed_out",
            "account.suspicious",
            "account.unlinked",
        ),
        default=ALL,
        fixed=MAIL,
        urgent=True,
    ),
    Topic(
        "links",
        "other",
        t("Links that open or protect your account"),
        (
            "account.connect",
            "account.factor_asked",
            "account.factor_due",
            "account.former_address",
            "account.known",
            "account.new_address",
            "account.reset",
            "account.verify",
        ),
        on=MAIL,  # they open the account: to the address alone
        default=MAIL,
        fixed=MAIL,
        urgent=True,
    ),
    Topic(
        "test", "other", t("Tests"), ("test",), on=TEXTED, default=TEXTED, fixed=TEXTED, urgent=True
    ),
    Topic(
        "report",
        "other",
        t("Your month: sessions, money, ratings"),
        ("report.month",),
        on=MAIL,
        default=MAIL,
        whole=True,
    ),
    Topic("summary", "other", t("Summaries"), ("summary",), on=MAIL, default=MAIL),
    Topic(
        "staff",
        "other",
        t("What staff have to look at"),
        (
            "appeal.waiting",
            "audit.suspicious",
            "books.differ",
            "coach.waiting",
            "session.coach_missed_running",
            "session.missed_running",
            "texts.capped",
        ),
        default=ALL,
        who="staff",
    ),
    Topic(
        "cases",
        "other",
        t("New reports about people"),
        ("case.waiting",),
        default=frozenset({"in_app"}),  # the queue is live, and there may be many
        who="staff",
    ),
)

_BY_NAME: Mapping[str, Topic] = {topic.name: topic for topic in TOPICS}
_BY_EVENT: Mapping[str, Topic] = {event: topic for topic in TOPICS for event in topic.events}


def topic_of(event: str) -> Topic:
    """Raises KeyError for an event that nobody declared."""
    return _BY_EVENT[event]


def topic(name: str) -> Topic:
    """Raises KeyError."""
    return _BY_NAME[name]


def topics_of(group: Group) -> list[str]:
    return [one.name for one in TOPICS if one.group == group]


def grid(roles: frozenset[str], *, staff: bool) -> list[Topic]:
    """The topics whose channels a person may choose."""
    return [one for one in TOPICS if one.on - one.fixed and _concerns(one, roles, staff=staff)]


def _concerns(one: Topic, roles: frozenset[str], *, staff: bool) -> bool:
    return one.who == "everyone" or one.who in roles or (one.who == "staff" and staff)
