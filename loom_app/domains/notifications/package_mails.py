"""What people are told of packages, and the mails that say it."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.packages import events
from loom_app.domains.packages import queries as packages
from loom_app.domains.packages.queries import PackageView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.events import on
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import t, tn


@on(events.PackageBought)
async def tell_bought(tx: Tx, event: events.PackageBought) -> None:
    for person_id in (event.coach_id, event.client_id):
        await notify(
            tx, person_id, "package.bought", key=str(event.package_id), facts=_about(event)
        )


@on(events.PackageEnding)
async def tell_ending(tx: Tx, event: events.PackageEnding) -> None:
    """Once for each notice of an end, however often it is heard; where there was more time, the
    later end is told as well."""
    key = f"{event.package_id}:{event.days}:{event.expires_at:%Y-%m-%d}"
    await notify(tx, event.client_id, "package.ending", key=key, facts=_about(event))


@on(events.PackageEnded)
async def tell_ended(tx: Tx, event: events.PackageEnded) -> None:
    facts = {**_about(event), "sessions": event.sessions}
    key = f"{event.package_id}:{int(tx.now.timestamp())}"
    for person_id in (event.coach_id, event.client_id):
        await notify(tx, person_id, "package.ended", key=key, facts=facts)


@on(events.PackageAsked)
async def tell_asked(tx: Tx, event: events.PackageAsked) -> None:
    key = f"{event.package_id}:{int(tx.now.timestamp())}"
    await notify(tx, event.coach_id, "package.asked", key=key, facts=_about(event))


@on(events.PackageAnswered)
async def tell_answered(tx: Tx, event: events.PackageAnswered) -> None:
    """`ref` tells one part that is given back from the next."""
    facts = {**_about(event), "sessions": event.sessions, "minor": event.minor}
    key = f"{event.package_id}:{event.ref}"
    await notify(tx, event.client_id, "package.answered", key=key, facts=facts)


def _about(event: events.PackageEvent) -> Facts:
    return {"package_id": event.package_id}


async def _of(tx: Tx, facts: Facts, person: PersonView) -> PackageView:
    async with tx.acting_as_system("packages.mail"):
        return await packages.package(tx, Actor(person_id=person.id), facts["package_id"])


def _letter(
    seen: PackageView, person: PersonView, subject: str, lines: list[str]
) -> tuple[Letter, None]:
    until = times.day_and_year(seen.expires_at, person.zone) if seen.expires_at else ""
    return Letter(
        subject=subject,
        lines=lines,
        facts=[
            (t("Package"), seen.name),
            (t("With"), seen.other.name),
            (t("Left"), t("{left} of {n}", left=seen.left, n=seen.sessions)),
            (t("Until"), until),
        ],
        action=t("Open the package"),
        path=f"/packages/{seen.id}",
    ), None


async def _bought(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    seen = await _of(tx, facts, person)
    if seen.coaching:
        name = seen.client.name
        subject = t("{name} bought a package: {package}", name=name, package=seen.name)
        line = t("{name} can book with it from now on.", name=name)
    else:
        subject = t("Your package is there: {package}", package=seen.name)
        line = t("book as usual, and choose the package in the last step.")
    return _letter(seen, person, subject, [line])


async def _ending(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """NotFound where nothing is left any more, or there is more time again."""
    seen = await _of(tx, facts, person)
    if not seen.left or seen.expires_at is None or seen.expires_at <= tx.now:
        raise NotFound
    day = times.day_and_year(seen.expires_at, person.zone)
    left = tn("{n} session", "{n} sessions", seen.left)
    subject = t("{left} of your package end on {day}", left=left, day=day)
    line = t("what you do not use until {day} is lost.", day=day)
    return _letter(seen, person, subject, [line])


async def _ended(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    seen = await _of(tx, facts, person)
    left = tn("{n} session was not used.", "{n} sessions were not used.", facts["sessions"])
    subject = t("A package has ended: {package}", package=seen.name)
    line = t("its time is over, and what was left of it has ended.")
    return _letter(seen, person, subject, [line, left])


async def _asked(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    seen = await _of(tx, facts, person)
    name = seen.client.name
    return _letter(
        seen,
        person,
        t("{name} asks for the unused part of a package", name=name),
        [
            t("{name} writes: “{why}”", name=name, why=seen.asked_why),
            t("You decide on the page of the package."),
        ],
    )


async def _answered(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    seen = await _of(tx, facts, person)
    if facts["sessions"]:
        amount = Money(facts["minor"], seen.price.currency).format()
        subject = t("{amount} of your package come back", amount=amount)
        n = facts["sessions"]
        lines = [tn("{n} session was given back.", "{n} sessions were given back.", n)]
    else:
        subject = t("Your coach has answered about your package")
        lines = [t("your coach does not give it back: “{why}”", why=seen.answer)]
    return _letter(seen, person, subject, lines)


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "package.bought": _bought,
    "package.ending": _ending,
    "package.ended": _ended,
    "package.asked": _asked,
    "package.answered": _answered,
}
