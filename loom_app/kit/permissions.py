"""What staff may do, by name: the one catalogue. Roles are sets of these, kept by accounts.

`Actor.may` and `Actor.require` are the only functions that decide by them; a name that is not here
is a mistake in the code, and raises.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from loom_app.kit.text import t

ALL = "*"  # what an owner's role holds, so that a new permission is theirs without a migration


@dataclass(frozen=True, slots=True)
class Permission:
    """`area` groups it on the page, `title` and `words` say it to people."""

    name: str
    area: str
    title: str
    words: str


def catalogue() -> tuple[Permission, ...]:
    """Every permission that there is, in the order of the page."""
    return (
        Permission(
            "money.see",
            t("Money"),
            t("See the money desk"),
            t("Refund requests, disputes, differences in the books; and the mails about them."),
        ),
        Permission(
            "money.refund",
            t("Money"),
            t("Decide refund requests"),
            t("Give money back, or say no, in place of the coach."),
        ),
        Permission(
            "fees.set",
            t("Money"),
            t("Set fees"),
            t("What the platform keeps of later sales."),
        ),
        Permission(
            "events.replay",
            t("Money"),
            t("Handle events again"),
            t("What Stripe told us and went wrong, once more."),
        ),
        Permission(
            "sessions.override",
            t("Sessions"),
            t("Book and cancel for anybody"),
            t("Also outside the hours of the coach; and the mails about clients who do not come."),
        ),
        Permission(
            "places.edit",
            t("Sessions"),
            t("Keep all places"),
            t("See and change places and rooms of every coach."),
        ),
        Permission(
            "platform.settings",
            t("Platform"),
            t("Change platform settings"),
            t("Fees, prices, limits, the name and the colour, who mail comes from."),
        ),
        Permission(
            "platform.notices",
            t("Platform"),
            t("Announce and close"),
            t("The banner that everybody reads, and closing Loom for maintenance."),
        ),
        Permission(
            "platform.flags",
            t("Platform"),
            t("Turn features on and off"),
            t("For everybody, for a part, or for some people."),
        ),
        Permission(
            "content.keep",
            t("Platform"),
            t("Look after content"),
            t("Correct or hide pages of coaches, take offerings off sale, read reports."),
        ),
        Permission(
            "coaches.verify",
            t("Platform"),
            t("Verify coaches"),
            t("Look at their documents and decide who can be booked; and the mails about it."),
        ),
        Permission(
            "queues.keep",
            t("Platform"),
            t("Keep the queues"),
            t("Work and mails that failed: once more, or dropped."),
        ),
        Permission(
            "health.see",
            t("Platform"),
            t("See how Loom is"),
            t("Health of its parts, services outside, and the button that tests them."),
        ),
        Permission(
            "audit.read",
            t("Oversight"),
            t("Read the audit trail"),
            t("Who did what and from where; and the mails about what looks suspicious."),
        ),
        Permission(
            "audit.export",
            t("Oversight"),
            t("Export the audit trail"),
            t("Take it out of Loom as a file."),
        ),
        Permission(
            "people.moderate",
            t("People"),
            t("Moderate"),
            t("Reports and what the filter noticed: warn, hide, suspend; answer appeals."),
        ),
        Permission(
            "people.see",
            t("People"),
            t("Look through people"),
            t("All accounts with their addresses; who may help people can correct a name there."),
        ),
        Permission(
            "conversations.see",
            t("People"),
            t("Look through conversations"),
            t("Who is in them, how many messages and when. Never what is written there."),
        ),
        Permission(
            "people.help",
            t("People"),
            t("Help people back in"),
            t("Look somebody up, end their sign-ins, take a lost second factor away in a day."),
        ),
        Permission(
            "people.roles",
            t("Oversight"),
            t("Appoint staff"),
            t("Make roles and give them to people, up to what one may do oneself."),
        ),
    )


@cache
def names() -> frozenset[str]:
    return frozenset(one.name for one in catalogue())


def meant(held: Collection[str]) -> frozenset[str]:
    """What a role's list says: everything for an owner's, and nothing of what is no more."""
    return names() if ALL in held else names() & frozenset(held)
