"""The report of a month: once, on the first at eight on the reader's clock, with figures that are
those of the ledger."""

import pytest

from loom_app.domains.notifications import monthly, wishes
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.scheduling import actions
from loom_app.integrations.mail import mailbox
from loom_app.integrations.stripe import client
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.money import Money
from tests.domains.payments.helpers import check_books, one
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]
NOVEMBER = "Your November in Loom"


@pytest.fixture
async def pair(db, at, sandbox):
    """Ada in Berlin, Ben in New York, and a session that he paid for, had and rated."""
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user(name="Ben Okafor", zone="America/New_York")
    customer = await payments.ensure_customer(ben)
    card = await client.attach_card("pm_card_visa", customer, key="loom:attach:test")
    await payments.sync_methods(ben.require_person())
    method = await one("SELECT id FROM payment_methods WHERE processor_id = :id", id=card.id)
    await make_hold(ben, offering_id, slot(3))
    async with transaction(ben) as tx:
        booking = await actions.book(tx, ben, Way(method_id=method["id"]))
    assert booking.charge_id
    await payments.pay(booking.charge_id)
    await outbox.drain()
    at("2026-11-25T12:00Z")
    await outbox.drain()
    async with transaction(ben) as tx:
        await actions.rate(tx, ben, booking.session_id, 4)
    await outbox.drain()
    await check_books()
    return ada, ben


async def quarter() -> list[tuple[str, str]]:
    """To whom a report went until now, and what it says."""
    async with transaction(monthly.REPORTER) as tx:
        await monthly.report(tx)
    await outbox.drain()
    found = [mail for mail in reversed(await mailbox.newest()) if mail.subject == NOVEMBER]
    return [(mail.recipient, mail.message.get_body(("plain",)).get_content()) for mail in found]


async def test_each_gets_their_own_at_eight_on_their_own_clock(pair, at):
    many = []
    for moment in ("01T06:59", "01T07:00", "01T07:15", "01T12:59", "01T13:00", "02T07:00"):
        at(f"2026-12-{moment}Z")
        many.append(len(await quarter()))
    assert many == [0, 1, 1, 1, 2, 2]
    (_, to_coach), (_, to_client) = await quarter()
    for line in ("You gave: 1 session to 1 client", "Ratings: 4.0 of 5 stars, from 1 rating"):
        assert line in to_coach
    charge = await one("SELECT amount, currency FROM charges")
    paid = Money(charge["amount"], charge["currency"])
    kept = Money(round(paid.minor * 0.85), paid.currency)  # the platform's fee is 15 %
    assert f"Earned: {kept.format()}\n" in to_coach
    assert f"You took: 1 session\nYou paid: {paid.format()}\n" in to_client
    assert "Earned" not in to_client


async def test_who_wants_none_or_did_nothing_gets_none_and_no_summary_swallows_it(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    await make_user(zone="Europe/Berlin")
    ben = await make_user(zone="Europe/Berlin")
    await make_session(ben, offering_id, slot(3))
    at("2026-11-25T12:00Z")
    await outbox.drain()
    async with transaction(ada) as tx:
        await wishes.choose(tx, ada, "report", "mail", wanted=False)
    async with transaction(ben) as tx:
        await wishes.save(tx, ben, digest="weekly", quiet=None, paused_until=None)
    at("2026-12-01T07:00Z")
    assert len(await quarter()) == 1
    at("2027-01-01T07:00Z")
    assert len(await quarter()) == 1


def test_what_came_back_is_said_beside_what_was_paid():
    words = monthly._with_refund(Money(8500, "EUR"), Money(500, "EUR"))
    assert words == "€85, of which €5 came back"
