"""People who hold, pay, cancel, leave and come back, all at once: what must never be, never is."""

import asyncio
from datetime import timedelta
from random import Random

from sqlalchemy import text

from loom_app.domains.payments.events import CheckoutExpired
from loom_app.domains.scheduling import actions
from loom_app.domains.scheduling.actions import Booking
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from tests.factories.accounts import make_user
from tests.factories.scheduling import PAYMENTS, make_hold, make_open_coach, pay, slot
from tests.sizes import FULL

READER = Actor.system_job("scheduling.test")
PEOPLE, STEPS = (60, 60) if FULL else (16, 14)

OVERLAPS = (
    "SELECT count(*) FROM coaching_sessions a JOIN coaching_sessions b ON a.coach_id = b.coach_id"
    " AND a.id < b.id AND a.blocked_from < b.blocked_until AND b.blocked_from < a.blocked_until"
    " WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')"
)
TWO_PLACES = (
    "SELECT count(*) FROM seats a JOIN seats b ON a.client_id = b.client_id AND a.id < b.id"
    " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    " WHERE a.status IN ('held', 'confirmed') AND b.status IN ('held', 'confirmed')"
)
TORN = (
    "SELECT count(*) FROM seats s JOIN coaching_sessions c ON c.id = s.session_id"
    " WHERE s.status <> c.status"
)
TWO_HOLDS = (
    "SELECT count(*) FROM (SELECT client_id FROM seats WHERE status = 'held'"
    " GROUP BY client_id HAVING count(*) > 1) x"
)
# money that was taken bought a session, or is on its way back
UNSOLD = (
    "SELECT count(*) FROM charges c JOIN seats s ON s.id = c.payable_id"
    " WHERE c.status = 'succeeded' AND c.refunded = 0 AND s.status <> 'confirmed'"
)
FREE_RIDES = (
    "SELECT count(*) FROM seats s WHERE s.status = 'confirmed' AND NOT EXISTS (SELECT 1"
    " FROM charges c WHERE c.id = s.charge_id AND c.status = 'succeeded' AND c.refunded = 0)"
)


class Person:
    """One client with a mind of their own."""

    def __init__(self, me: Actor, offerings: list[int], pick: Random) -> None:
        self.me, self.offerings, self.pick = me, offerings, pick
        self.bookings: list[Booking] = []

    async def live(self) -> None:
        deeds = (self.hold, self.hold, self.book, self.book, self.pay, self.cancel, self.leave)
        for _ in range(STEPS):
            try:
                await self.pick.choice(deeds)()
            except DomainError:
                continue  # refused in words, which is an answer

    async def hold(self) -> None:
        when = slot(days=3, hour=8 + self.pick.randint(0, 5))
        await make_hold(self.me, self.pick.choice(self.offerings), when)

    async def book(self) -> None:
        async with transaction(self.me) as tx:
            booking = await actions.book(tx, self.me)
        self.bookings.append(booking)

    async def pay(self) -> None:
        if self.bookings:
            await pay(self.pick.choice(self.bookings))

    async def cancel(self) -> None:
        if self.bookings:
            session_id = self.pick.choice(self.bookings).session_id
            async with transaction(self.me) as tx:
                await actions.cancel(tx, self.me, session_id)

    async def leave(self) -> None:
        if self.bookings and self.pick.random() < 0.5:
            booking = self.pick.choice(self.bookings)
            async with transaction(PAYMENTS) as tx:
                await tx.emit(CheckoutExpired(booking.charge_id or 0, "seat", booking.seat_id))
        else:
            async with transaction(self.me) as tx:
                await actions.release(tx, self.me)


async def test_a_storm_leaves_nothing_sold_twice_and_no_money_lost(db):
    offerings = [(await make_open_coach(f"Coach {n}"))[1] for n in range(3)]
    people = [
        Person(await make_user(name=f"Person {n}"), offerings, Random(n)) for n in range(PEOPLE)
    ]
    stop = asyncio.Event()

    async def sweep() -> None:
        while not stop.is_set():
            async with transaction(READER) as tx:
                await actions.expire_overdue_holds(tx)
            await asyncio.sleep(0.02)

    sweeper = asyncio.create_task(sweep())
    await asyncio.gather(*(person.live() for person in people))
    stop.set()
    await sweeper
    counts = {}
    async with transaction(READER) as tx:
        for name, sql in (
            ("overlaps", OVERLAPS), ("two places", TWO_PLACES), ("torn", TORN),
            ("two holds", TWO_HOLDS),
        ):  # fmt: skip
            counts[name] = await tx.db.scalar(text(sql))
        assert await tx.db.scalar(text("SELECT count(*) FROM seats WHERE status = 'confirmed'"))
    async with transaction(PAYMENTS) as tx:
        for name, sql in (("unsold", UNSOLD), ("free rides", FREE_RIDES)):
            counts[name] = await tx.db.scalar(text(sql))
    assert counts == dict.fromkeys(counts, 0)


async def test_cancelling_from_both_sides_at_once_refunds_once(db):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    for n in range(6):
        await make_hold(ben, offering_id, slot(days=4 + n))
        async with transaction(ben) as tx:
            booking = await actions.book(tx, ben)
        await pay(booking)

        async def cancel(me: Actor, session_id: int = booking.session_id) -> None:
            async with transaction(me) as tx:
                await actions.cancel(tx, me, session_id)

        await asyncio.gather(*(cancel(me) for me in (ada, ben) * 5))
    async with transaction(PAYMENTS) as tx:
        assert await tx.db.scalar(text("SELECT count(*) FROM refunds")) == 6


async def test_a_payment_and_the_end_of_its_hold_at_once(db, at):
    """Whoever is first: the session is booked, or the money goes back; never both or neither."""
    _, offering_id = await make_open_coach()
    people = [await make_user(name=f"Person {n}") for n in range(8)]
    bookings = []
    for n, me in enumerate(people):
        await make_hold(me, offering_id, slot(days=3, hour=6 + n))
        async with transaction(me) as tx:
            bookings.append(await actions.book(tx, me))
    at((slot(days=0) + timedelta(days=1)).isoformat())

    async def expire(booking: Booking) -> None:
        async with transaction(READER) as tx:
            await actions.expire_hold(tx, booking.seat_id)

    async def settle(booking: Booking) -> None:
        try:
            await pay(booking)
        except NotPossible:
            raise AssertionError("a payment is never refused") from None

    await asyncio.gather(*(deed(one) for one in bookings for deed in (expire, settle, settle)))
    async with transaction(READER) as tx:
        found = list(await tx.db.scalars(text("SELECT DISTINCT status FROM seats")))
    assert found == ["confirmed"], "the time was free still, so all are booked"
