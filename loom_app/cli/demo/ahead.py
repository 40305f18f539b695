"""What is booked ahead in the practice: held, booked and paid at the sandbox, like by people."""

import contextlib
from datetime import datetime, timedelta
from random import Random

from loom_app.cli.demo import money
from loom_app.cli.demo.life import pairs
from loom_app.cli.demo.practice import Made
from loom_app.cli.demo.talk import AGENDAS
from loom_app.domains.packages import actions as packages
from loom_app.domains.packages import queries as package_queries
from loom_app.domains.payments import actions as payments
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.actions import Repeat
from loom_app.domains.scheduling.errors import ClientBusy, SlotTaken
from loom_app.integrations.stripe.sandbox import cards, checkout
from loom_app.integrations.stripe.sandbox.book import SANDBOX, Book
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid

VISA = "4242424242424242"
ANSWERS = {"q1": "A next step that I believe in.", "q2": "Once or twice"}


async def coming(made: list[Made], clients: list[Actor]) -> int:
    """Sessions of the next two weeks, held, booked and paid like by people; returns how many."""
    async with money.inside():
        return await _coming(made, clients)


async def _coming(made: list[Made], clients: list[Actor]) -> int:
    pick = Random(37)  # noqa: S311 - the same practice every time
    booked = 0
    for number, (coach, client) in enumerate(pairs(made, clients)):
        if number % 2 and coach is not made[0]:
            continue
        offering_id = coach.offerings[1 if number % 4 else -1]
        booked += await _book(coach, client, offering_id, pick)
    # Ben has two ahead of him, so that his list is one
    ada, ben = made[0], clients[0]
    booked += await _book(ada, ben, ada.offerings[1], pick)
    await _wait(ben, ada.offerings[1])
    return booked + await _series(ada, ben, ada.offerings[1], pick)


async def _book(coach: Made, client: Actor, offering_id: int, pick: Random) -> bool:
    today = clock.now().date()
    async with transaction(client) as tx:
        free = await queries.month_slots(
            tx, client, offering_id, today + timedelta(days=1), today + timedelta(days=12)
        )
    for start in pick.sample(free, min(5, len(free))):
        try:
            async with transaction(client) as tx:
                await scheduling.hold(tx, client, offering_id=offering_id, starts_at=start)
                await scheduling.save_details(tx, client, pick.choice(AGENDAS), ANSWERS)
                booking = await scheduling.book(tx, client)
        except (SlotTaken, ClientBusy):
            continue
        if booking.charge_id is not None:
            await _pay(booking.charge_id, client)
        return True
    return False


async def _wait(client: Actor, offering_id: int) -> None:
    """For the first time that somebody else has."""
    day = clock.now().date() + timedelta(days=1)
    async with transaction(client) as tx:
        full = await queries.full_days(tx, client, offering_id, day, day + timedelta(days=11))
    for start in full:
        with contextlib.suppress(Invalid):  # a session of their own
            async with transaction(client) as tx:
                await scheduling.join(tx, client, offering_id, starts_at=start)
            return


async def _series(coach: Made, client: Actor, offering_id: int, pick: Random) -> int:
    """A package that is bought and booked up at once, every week the same; how many sessions."""
    async with transaction(client) as tx:
        (offer,) = await package_queries.offers(tx, client, coach.actor.require_person())
        bought = await packages.buy(tx, client, offer.id)
    await _pay(bought.charge_id, client)
    starts = await _weekly(client, offering_id, offer.sessions)
    async with transaction(client) as tx:
        repeat = Repeat(1, tuple(starts[1:]))
        await scheduling.hold(
            tx, client, offering_id=offering_id, starts_at=starts[0], repeat=repeat
        )
        await scheduling.save_details(tx, client, pick.choice(AGENDAS), ANSWERS)
        await scheduling.book(tx, client, package_id=bought.package_id)
    return len(starts)


async def _weekly(client: Actor, offering_id: int, times: int) -> list[datetime]:
    """The last time of next week that is free in the weeks after it, too."""
    day = clock.now().date() + timedelta(days=7)
    async with transaction(client) as tx:
        free = await queries.month_slots(tx, client, offering_id, day, day + timedelta(days=7))
        for first in reversed(free):
            after = await queries.series_plan(tx, client, offering_id, first, 1, times)
            if not any(one.problem for one in after):
                return [first, *(one.at for one in after)]
    raise LookupError(f"offering {offering_id} has no time that is free {times} weeks on end")


async def _pay(charge_id: int, client: Actor) -> None:
    """What the sandbox's page does when its button is pressed."""
    url = await payments.open_checkout(charge_id)
    key = url.rstrip("/").rsplit("/", 1)[-1].split("#")[0].split("?")[0]
    async with transaction(SANDBOX) as tx:
        book = Book(tx)
        session = await checkout.current(book, key)
        email = f"{client.name.split()[0].lower()}@loom.test"
        card = cards.find(VISA)
        await checkout.pay(book, session, card, expiry=(12, 2034), name=client.name, email=email)
    await payments.check_charge(charge_id)
