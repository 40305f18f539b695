"""What people are told when something happens. Database only, in the transaction of the cause."""

from collections.abc import Iterable
from typing import Any

from loom_app.domains.accounts import events as accounts
from loom_app.domains.accounts import queries as account_queries
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries as engagement_queries
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.notifications import (
    coach_mails,  # noqa: F401 - heard as well
    credential_mails,  # noqa: F401 - heard as well
    moderation_mails,  # noqa: F401 - heard as well
    money_reactions,  # noqa: F401 - heard as well
    security_mails,  # noqa: F401 - heard as well
    waitlist_mails,
)
from loom_app.domains.notifications.actions import notify
from loom_app.domains.payments import events as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import Payable
from loom_app.domains.scheduling import events as scheduling
from loom_app.domains.scheduling import queries as sessions
from loom_app.domains.scheduling.queries import SessionFacts
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.events import on
from loom_app.kit.money import Money
from loom_app.kit.text import t


@on(accounts.UserSignedUp)
async def mail_link(tx: Tx, event: accounts.UserSignedUp) -> None:
    await _mail_link(tx, event.user_id, event.link_id)


@on(accounts.VerificationAsked)
async def mail_new_link(tx: Tx, event: accounts.VerificationAsked) -> None:
    await _mail_link(tx, event.user_id, event.link_id)


async def _mail_link(tx: Tx, user_id: int, link_id: int) -> None:
    await notify(tx, user_id, "account.verify", key=str(link_id), facts={"link_id": link_id})


@on(accounts.KnownAddressUsed)
async def mail_known(tx: Tx, event: accounts.KnownAddressUsed) -> None:
    """At most one an hour, however often somebody tries."""
    hour = int(tx.now.timestamp() // 3600)
    await notify(tx, event.user_id, "account.known", key=str(hour), facts={})


def _told_with_another(
    event: scheduling.SessionBooked | scheduling.SessionMoved | scheduling.SessionCancelled,
) -> bool:
    """What happens to many of a series at once is one mail and one line, about the first."""
    return bool(event.together) and event.together[0] != event.session_id


@on(scheduling.SessionBooked)
async def tell_booked(tx: Tx, event: scheduling.SessionBooked) -> None:
    if _told_with_another(event):
        return
    facts = await _of_seats(tx, event.session_id, [event.seat_id])
    await _tell(tx, facts, "session.booked", t("Session booked"), also=event.together)


@on(scheduling.SessionMoved)
async def tell_moved(tx: Tx, event: scheduling.SessionMoved) -> None:
    """Each time it moves, also back to where it was."""
    if _told_with_another(event):
        return
    old = event.old_starts_at.isoformat()
    more = {"old_starts_at": old, "by": event.by}
    async with tx.acting_as_system("notifications.tell"):
        facts = await sessions.seats_facts(tx, event.session_id)
    await _tell(tx, facts, "session.moved", t("Session moved"), more, also=event.together)


@on(scheduling.SessionCancelled)
async def tell_cancelled(tx: Tx, event: scheduling.SessionCancelled) -> None:
    if _told_with_another(event):
        return
    facts = await _of_seats(tx, event.session_id, event.seat_ids)
    await _tell(tx, facts, "session.cancelled", t("Session cancelled"), also=event.together)


@on(scheduling.SessionCompleted)
async def ask_how_it_was(tx: Tx, event: scheduling.SessionCompleted) -> None:
    """Each client, once."""
    for facts in await _of_seats(tx, event.session_id, event.seat_ids):
        about = _about(facts)
        await notify(tx, facts.client_id, "session.completed", key=facts.key, facts=about)


@on(scheduling.SessionRated)
async def tell_rated(tx: Tx, event: scheduling.SessionRated) -> None:
    """The first time; a change of it is seen on the page."""
    (facts,) = await _of_seats(tx, event.session_id, [event.seat_id])
    about = {**_about(facts), "stars": event.stars}
    await notify(tx, event.coach_id, "session.rated", key=facts.key, facts=about)


@on(scheduling.SlotLost)
async def tell_lost(tx: Tx, event: scheduling.SlotLost) -> None:
    """Paid too late: an apology, and the money goes back."""
    await notify(
        tx,
        event.client_id,
        "session.lost",
        key=str(event.seat_id),
        facts={"session_id": event.session_id, "seat_id": event.seat_id},
    )


@on(scheduling.TimeKept)
async def tell_kept(tx: Tx, event: scheduling.TimeKept) -> None:
    """To the client, who has to pay; a line in the conversation tells both."""
    (facts,) = await _of_seats(tx, event.session_id, [event.seat_id])
    key, about = f"{event.session_id}:{event.seat_id}", _about(facts)
    await notify(tx, facts.client_id, "session.kept", key=key, facts=about)
    await _line_of(tx, facts, "session.kept", key, t("A time is kept"))


@on(scheduling.KeptOver)
async def tell_kept_over(tx: Tx, event: scheduling.KeptOver) -> None:
    """To both, but for who did it."""
    (facts,) = await _of_seats(tx, event.session_id, [event.seat_id])
    key = f"{event.session_id}:{event.seat_id}"
    for person_id in (facts.coach_id, facts.client_id):
        if person_id != tx.actor.person_id:
            await notify(tx, person_id, "session.kept_over", key=key, facts=_about(facts))


@on(scheduling.TimeOffered)
async def tell_offered(tx: Tx, event: scheduling.TimeOffered) -> None:
    """To who was first in line: a mail, and a line in the conversation."""
    facts = {"offer_id": event.offer_id}
    await notify(tx, event.client_id, "waitlist.offered", key=str(event.offer_id), facts=facts)
    line = await waitlist_mails.line_of_offer(tx, event.offer_id)
    pair = (event.coach_id, event.client_id)
    engagement_id = await engagements.ensure(tx, *pair, "inquiry")
    conversation_id = await messaging.for_engagement(tx, engagement_id, pair)
    key, words = f"waitlist.offered:{event.offer_id}", t("A time from the waitlist")
    await messaging.post_system(tx, conversation_id, key=key, body=words, facts=line)


@on(scheduling.WishEnded)
async def tell_wish_ended(tx: Tx, event: scheduling.WishEnded) -> None:
    facts = {"entry_id": event.entry_id, "why": event.why}
    await notify(tx, event.client_id, "waitlist.ended", key=str(event.entry_id), facts=facts)


@on(scheduling.PaymentAwaited)
async def tell_awaited(tx: Tx, event: scheduling.PaymentAwaited) -> None:
    await _mail_seat(tx, event, "session.awaited")


@on(scheduling.PaymentMissed)
async def tell_missed(tx: Tx, event: scheduling.PaymentMissed) -> None:
    await _mail_seat(tx, event, "session.unpaid")


async def _mail_seat(
    tx: Tx, event: scheduling.PaymentAwaited | scheduling.PaymentMissed, what: str
) -> None:
    facts = {"session_id": event.session_id, "seat_id": event.seat_id}
    await notify(tx, event.client_id, what, key=str(event.seat_id), facts=facts)


async def _of_seats(tx: Tx, session_id: int, seat_ids: Iterable[int]) -> list[SessionFacts]:
    async with tx.acting_as_system("notifications.tell"):
        return [
            await sessions.session_facts(tx, session_id, seat_id=seat_id) for seat_id in seat_ids
        ]


def _about(facts: SessionFacts) -> dict[str, Any]:
    return {"session_id": facts.session_id, "seat_id": facts.seat_id}


async def _tell(
    tx: Tx,
    seats: list[SessionFacts],
    event: str,
    words: str,
    more: dict[str, Any] | None = None,
    *,
    also: tuple[int, ...] = (),
) -> None:
    """Mail to the client of each seat and to the coach, and a line in their conversation that
    leads to the session. What is about a whole group is one mail for its coach. `also`: all the
    sessions of a series that it is about."""
    for n, facts in enumerate(seats):
        whole = facts.group and (facts.all_off or bool(more))
        told = facts.key if not more else f"{facts.key}:{facts.sequence}"
        about = {**_about(facts), **(more or {})}
        if also:
            about["sessions"] = list(also)
        if not (whole and n):
            await notify(tx, facts.coach_id, event, key=told, facts=about)
        await notify(tx, facts.client_id, event, key=told, facts=about)
        await _line_of(tx, facts, event, told, words)


async def _line_of(tx: Tx, facts: SessionFacts, event: str, told: str, words: str) -> None:
    pair = (facts.coach_id, facts.client_id)
    engagement_id = await engagements.ensure(tx, *pair, "active")
    conversation_id = await messaging.for_engagement(tx, engagement_id, pair)
    line = _line(facts, event, starts_at=facts.starts_at.isoformat())
    await messaging.post_system(tx, conversation_id, key=f"{event}:{told}", body=words, facts=line)
    if event == "session.booked":
        if facts.paid_to_book.minor:  # it was paid, or it would not be booked
            paid = _money(facts, "payment.received", facts.paid_to_book)
            key = f"payment.received:{facts.key}"
            words = t("Payment received")
            await messaging.post_system(tx, conversation_id, key=key, body=words, facts=paid)
        await messaging.settle_proposals(
            tx, conversation_id, starts_at=facts.starts_at, session_id=facts.session_id
        )


@on(payments.PaymentRefunded)
async def tell_refunded(tx: Tx, event: payments.PaymentRefunded) -> None:
    key = f"payment.refunded:{event.refund_id}"
    amount = Money(event.amount_minor, event.currency)
    about = (event.payable_kind, event.payable_id)
    await _say(tx, about, "payment.refunded", key, amount, t("Refund"))


@on(payments.PaymentSucceeded)
async def tell_rest_paid(tx: Tx, event: payments.PaymentSucceeded) -> None:
    """A line in the conversation; the receipt is a mail of its own."""
    if event.part in ("rest", "later", "no_show"):
        async with tx.acting_as_system("payments.tell"):
            amount = await payment_queries.charged(tx, event.charge_id)
        key = f"payment.received:charge:{event.charge_id}"
        about = (event.payable_kind, event.payable_id)
        await _say(tx, about, "payment.received", key, amount, t("Payment received"))


@on(payments.DueAnnounced)
async def tell_due_soon(tx: Tx, event: payments.DueAnnounced) -> None:
    async with tx.acting_as_system("payments.tell"):
        about = await payment_queries.due(tx, event.due_id)
    key = f"{event.due_id}:{about.at.isoformat()}"  # a session that moved is told of again
    await notify(tx, about.payer_id, "due.soon", key=key, facts={"due_id": event.due_id})


@on(payments.DueFailed)
async def tell_due_failed(tx: Tx, event: payments.DueFailed) -> None:
    """To both: a mail each, and a line in their conversation."""
    async with tx.acting_as_system("payments.tell"):
        about = await payment_queries.due(tx, event.due_id)
    async with tx.acting_as_system("accounts.tell"):
        client = await account_queries.person(tx, about.payer_id)
    facts = {
        "due_id": event.due_id,
        "problem": about.problem,
        "late": about.status == "released",
        "client": client.name,
    }
    key = f"{event.due_id}:{event.attempt}:{about.status}"
    await notify(tx, about.payer_id, "due.failed", key=key, facts=facts)
    await notify(tx, about.coach_id, "due.failed_coach", key=key, facts=facts)
    line = "payment.rest_failed" if about.of_the_price else "payment.hold_failed"
    payable = (about.payable_of.kind, about.payable_of.id)
    await _say(tx, payable, line, f"{line}:{key}", about.amount, t("A payment did not work"))


@on(scheduling.SessionMissed)
async def tell_no_show(tx: Tx, event: scheduling.SessionMissed) -> None:
    """To the client; the fee is what is being taken by now."""
    for facts in await _of_seats(tx, event.session_id, event.seat_ids):
        async with tx.acting_as_system("payments.tell"):
            dues = await payment_queries.dues_of(tx, Payable("seat", facts.seat_id))
        taken = [one.amount.minor for one in dues if one.status == "taking"]
        told = {**_about(facts), "minor": sum(taken), "currency": facts.price.currency}
        await notify(tx, facts.client_id, "session.missed", key=facts.key, facts=told)
        await _tell_staff(tx, facts)


async def _tell_staff(tx: Tx, facts: SessionFacts) -> None:
    """Of a client who did not come twice in a row or more often."""
    async with tx.acting_as_system("notifications.tell"):
        missed = await sessions.missed_in_a_row(tx, facts.client_id)
        staff = await account_queries.staff_who_may(tx, "sessions.override") if missed > 1 else []
    told = {**_about(facts), "client_id": facts.client_id, "times": missed}
    for person_id in staff:
        await notify(tx, person_id, "session.missed_running", key=facts.key, facts=told)


@on(scheduling.CoachMissed)
async def tell_coach_missed(tx: Tx, event: scheduling.CoachMissed) -> None:
    """To everybody who had a seat what they get back; to the coach where staff say it; and to staff
    where it is not the first time."""
    given = {one.seat_id: one for one in event.given}
    every = await _of_seats(tx, event.session_id, tuple(given))
    for facts in every:
        one = given[facts.seat_id]
        told = {
            **_about(facts),
            "minor": one.minor,
            "currency": one.currency,
            "in_person": one.in_person,
            "until": one.until.isoformat() if one.until else "",
            "waits": one.waits,
        }
        await notify(tx, facts.client_id, "session.coach_missed", key=facts.key, facts=told)
    if not every:
        return
    facts, key = every[0], str(event.session_id)
    if event.by == "staff":
        owed = [(one.client.name, given[one.seat_id].in_person) for one in every]
        about = {
            **_about(facts),
            "by_hand": [one for one in owed if one[1]],
            "currency": given[facts.seat_id].currency,
        }
        await notify(tx, facts.coach_id, "session.coach_missed", key=key, facts=about)
    async with tx.acting_as_system("notifications.tell"):
        missed = await sessions.coach_missed_in_a_row(tx, facts.coach_id)
        staff = await account_queries.staff_who_may(tx, "sessions.override") if missed > 1 else []
    told = {**_about(facts), "times": missed}
    for person_id in staff:
        await notify(tx, person_id, "session.coach_missed_running", key=key, facts=told)


async def _say(
    tx: Tx, payable: tuple[str, int], event: str, key: str, amount: Money, words: str
) -> None:
    """A line about money in the conversation of a session's two people, where they have one."""
    if payable[0] != "seat":
        return
    async with tx.acting_as_system("notifications.tell"):
        session_id = await sessions.session_of_seat(tx, payable[1])
        try:
            facts = await sessions.session_facts(tx, session_id or 0, seat_id=payable[1])
        except NotFound:
            return
        pair = (facts.coach_id, facts.client_id)
        engagement = await engagement_queries.find_engagement(tx, *pair)
    if engagement is not None:
        conversation_id = await messaging.for_engagement(tx, engagement.id, pair)
        line = _money(facts, event, amount)
        await messaging.post_system(tx, conversation_id, key=key, body=words, facts=line)


def _money(facts: SessionFacts, event: str, amount: Money) -> dict[str, Any]:
    return _line(facts, event, minor=amount.minor, currency=amount.currency)


def _line(facts: SessionFacts, event: str, **more: Any) -> dict[str, Any]:
    """What the words need, in no language and no zone: messaging words it by reader."""
    link = f"/sessions/{facts.session_id}"
    return {"event": event, "title": facts.offering_name, "link": link, **more}
