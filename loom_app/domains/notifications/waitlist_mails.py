"""Mails about what somebody waits for."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t


async def _offered(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """NotFound where it has passed on before the mail left."""
    async with tx.acting_as_system("scheduling.mail"):
        one = await scheduling.offer(tx, facts["offer_id"])
    when = times.when(one.starts_at, person.zone)
    until = times.clock_time(one.until, person.zone)
    return Letter(
        subject=t("A time is free: {title}, {when}", title=one.offering_name, when=when),
        lines=[
            t("you are first in line with {name}, and a time is free.", name=one.coach.name),
            t("We keep it for you until {time}. Then it is offered to the next.", time=until),
        ],
        facts=[
            (t("What"), one.offering_name),
            (
                t("When"),
                t(
                    "{range}, {zone}",
                    range=times.time_range(one.starts_at, one.ends_at, person.zone),
                    zone=times.zone_label(person.zone, one.starts_at),
                ),
            ),
            (t("With"), one.coach.name),
        ],
        action=t("Book it or let it go"),
        path="/waitlist",
    ), None


async def line_of_offer(tx: Tx, offer_id: int) -> Facts:
    """What the conversation says of a time that is offered."""
    async with tx.acting_as_system("scheduling.tell"):
        about = await scheduling.offer(tx, offer_id)
    return {
        "event": "waitlist.offered",
        "title": about.offering_name,
        "link": "/waitlist",
        "starts_at": about.starts_at.isoformat(),
    }


async def _ended(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """They wait no longer, and it was not their doing."""
    async with tx.acting_as_system("scheduling.mail"):
        one = await scheduling.wish(tx, facts["entry_id"])
    title, name = one.offering_name, one.coach.name
    why = {
        "passed": t("no time became free for you in time."),
        "missed": t("we kept a time for you and heard nothing, so it is offered to others now."),
        "archived": t("{name} does not offer it any more.", name=name),
    }[facts["why"]]
    gone = facts["why"] == "archived"
    wish = scheduling.wish_text(one.since, person.zone, one_time=one.one_time, group=one.group)
    return Letter(
        subject=t("You no longer wait for {title}", title=title),
        lines=[why, t("You are not in line for it any more. Nothing was charged.")],
        facts=[(t("What"), title), (t("You waited for"), wish), (t("With"), name)],
        action=t("See {name}", name=name) if gone else t("See other times"),
        path=f"/coaches/{one.slug}" if gone else f"/book/{one.slug}",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "waitlist.offered": _offered,
    "waitlist.ended": _ended,
}
