"""What happened to a session and its money is said in the conversation of its two people."""

from datetime import timedelta

from loom_app.domains.messaging import queries
from loom_app.domains.payments.events import PaymentRefunded
from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot

PAYMENTS = Actor.system_job("payments.test")


async def said_to(me: Actor) -> list[tuple[str, str]]:
    """(words, link) of the lines in the reader's only conversation."""
    async with transaction(me) as tx:
        (card,) = await queries.conversations(tx, me)
        opened = await queries.thread(tx, me, card.id)
        shown = queries.views(await queries.newest(tx, card.id), opened.eyes)
    return [
        ("".join(span.text for block in one.blocks for span in block.spans), one.link)
        for one in shown
    ]


async def test_a_booking_and_its_payment_stand_in_the_chat_each_with_its_way_to_the_session(db):
    ada, offering = await make_open_coach()
    ben = await make_user(zone="America/New_York")
    booking = await make_session(ben, offering, slot(hour=15))
    link = f"/sessions/{booking.session_id}"
    for who, hour in ((ada, "16:00"), (ben, "10:00")):
        said = dict(await said_to(who))
        assert set(said.values()) == {link}
        (booked,) = [words for words in said if words.startswith("Session booked: ")]
        assert hour in booked
        (paid,) = [words for words in said if words.startswith("Payment received: ")]
        assert paid.endswith("€120")


async def test_each_refund_is_said_once_with_its_amount_though_two_are_equal(db):
    _, offering = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering, slot())
    for refund in (1, 1, 2):
        async with transaction(PAYMENTS) as tx:
            charge, seat = booking.charge_id or 0, booking.seat_id
            await tx.emit(PaymentRefunded(refund, charge, "seat", seat, 4000, "USD", "goodwill"))
    said = [words for words, _ in await said_to(ben) if words.startswith("Refund: ")]
    assert len(said) == 2
    assert all(words.endswith("$40") for words in said)


async def test_money_of_two_who_have_no_conversation_starts_none(db):
    ada, offering = await make_open_coach()
    ben = await make_user()
    async with transaction(ben) as tx:
        held = await scheduling.hold(tx, ben, offering_id=offering, starts_at=slot())
    async with transaction(PAYMENTS) as tx:
        await tx.emit(PaymentRefunded(1, 1, "seat", held.seat_id, 4000, "USD", "late"))
        await tx.emit(PaymentRefunded(2, 2, "seat", 999_999, 4000, "USD", "late"))
        await tx.emit(PaymentRefunded(3, 3, "something else", 1, 4000, "USD", "late"))
    async with transaction(ada) as tx:
        assert await queries.conversations(tx, ada) == []
    assert held.expires_at - held.starts_at < timedelta(0)
