"""Sending a text message: few words and a link, never twice, and within what a month may cost.

A text costs money and no carrier recognises a second one as the same, so it is at most one: its
row is written before the call, and where nobody knows what became of the call (a crash, an answer
that did not come) it is failed, where staff sees it, and not sent again.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications import mails, phones, wishes
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.catalogue import topic_of
from loom_app.domains.notifications.outcomes import ended, postponed
from loom_app.domains.notifications.parts import of_reader
from loom_app.integrations.sms import client
from loom_app.integrations.sms.client import TextLater, TextRefused, TextUnknown
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.jobs.outbox import MAX_ATTEMPTS, backoff
from loom_app.kit.settings import settings
from loom_app.kit.text import t

TEXTER = Actor.system_job("notifications.text")
GUESS_MICROS = 80_000  # of a text whose price is not known yet: eight cents
PRICE_AFTER = timedelta(minutes=5)
PRICE_AGAIN = timedelta(hours=1)
PRICE_TRIES = 24  # then the guess stands
STATES = ("sending", "queued", "sent", "delivered", "undelivered", "failed")

_OWE = text(
    "INSERT INTO texts (delivery_id, user_id, topic, status, sent_at)"
    " VALUES (:delivery, :person, :topic, 'sending', :now)"
    " ON CONFLICT (delivery_id) DO NOTHING RETURNING id"
)
_TAKEN = text(
    "UPDATE texts SET sid = :sid, segments = :segments, status = CASE WHEN status = 'sending'"
    " THEN :status ELSE status END WHERE id = :id"
)
_BEGIN_CODE = text(
    "UPDATE texts SET status = 'sending' WHERE id = :id AND status = 'queued' AND sid IS NULL"
    " RETURNING id"
)
_CODE_LATER = text("UPDATE texts SET status = 'queued' WHERE id = :id AND status = 'sending'")
_NOT_SENT = text("DELETE FROM texts WHERE id = :id")
_OVER = text("UPDATE texts SET status = 'failed', error = :error WHERE id = :id")
# it counts as on its way, and what the carrier says of it later is heard
_UNKNOWN = text("UPDATE texts SET error = :error WHERE id = :id AND status = 'sending'")
_SPENT = text(
    "SELECT coalesce(sum(coalesce(price_micros, :guess)), 0) FROM texts"
    " WHERE sent_at >= date_trunc('month', CAST(:now AS timestamptz), 'UTC')"
    " AND status <> 'failed' AND topic <> 'code'"
)
_MOVED = text(
    "UPDATE texts SET status = :status, error = :error, sid = :sid WHERE id = :id"
    " AND (sid IS NULL OR sid = :sid) AND status NOT IN ('delivered', 'undelivered', 'failed')"
    " RETURNING delivery_id, user_id"
)
_UNDONE = text(
    "UPDATE deliveries SET status = 'failed', last_error = :error WHERE id = :id"
    " AND channel = 'sms' AND status IN ('queued', 'sent')"
)
_PRICE = text("UPDATE texts SET price_micros = :micros, currency = :currency WHERE sid = :sid")


async def send(row: Any) -> None:
    """Begin (read, and say that it is on its way), call, record."""
    try:
        async with transaction(TEXTER) as tx:
            made = await _begin(tx, row)
    except NotFound:
        await _end(row.id, "dropped", "gone")
        return
    if made is None:
        return
    number, body, text_id = made
    try:
        taken = await client.send(number, body, f"/webhooks/twilio/status?text={text_id}")
    except TextLater as error:
        await _later(row, text_id, error)
    except (TextRefused, TextUnknown) as error:
        await _failed(row, text_id, error, number)
    else:
        async with transaction(TEXTER) as tx:
            values = {"id": text_id, "sid": taken.sid, "segments": taken.segments}
            status = taken.status if taken.status in STATES else "queued"
            await tx.db.execute(_TAKEN, values | {"status": status})
            await ended(tx, row.id, "sent", None)


async def send_code(text_id: int, number: str, code: str) -> None:
    """To a number that is not proven yet, by the row of `phones.ask`, once. Raises TextLater."""
    async with transaction(TEXTER) as tx:
        if await tx.db.scalar(_BEGIN_CODE, {"id": text_id}) is None:
            return  # somebody began it; they ask for another where it did not come
    brand = settings().brand_name
    said = t("{code} is your code for {brand}. Good for ten minutes.", code=code, brand=brand)
    values: dict[str, Any] = {"id": text_id}
    try:
        taken = await client.send(number, said, f"/webhooks/twilio/status?text={text_id}")
    except TextLater:
        async with transaction(TEXTER) as tx:
            await tx.db.execute(_CODE_LATER, values)
        raise
    except (TextRefused, TextUnknown) as error:
        statement = _OVER if isinstance(error, TextRefused) else _UNKNOWN
        values |= {"error": str(error)}
    else:
        statement, status = _TAKEN, taken.status if taken.status in STATES else "queued"
        values |= {"sid": taken.sid, "segments": taken.segments, "status": status}
    async with transaction(TEXTER) as tx:
        await tx.db.execute(statement, values)


async def _begin(tx: Tx, row: Any) -> tuple[str, str, int] | None:
    """Number, words and the text's id; None where the delivery has ended. Raises NotFound."""
    about = topic_of(row.event)
    if "sms" not in (await wishes.of(tx, row.user_id)).channels(about, tx.now):
        raise NotFound
    number = await phones.number_of(tx, row.user_id)
    if number is None:
        raise NotFound
    if await _is_too_dear(tx):
        await ended(tx, row.id, "dropped", "the month's limit for text messages is reached")
        await _tell_staff(tx)
        return None
    body = await words(tx, row, await accounts.person(tx, row.user_id))
    owed = {"delivery": row.id, "person": row.user_id, "topic": about.name, "now": tx.now}
    text_id = await tx.db.scalar(_OWE, owed)
    if text_id is None:  # somebody began it and did not say how it ended
        await ended(tx, row.id, "failed", "it may have been sent; nobody knows")
        return None
    return number, body, text_id


async def words(tx: Tx, row: Any, person: PersonView) -> str:
    """What happened, without names or titles, and where to read of it. Raises NotFound where it is
    not so any more."""
    letter, _ = await mails.WRITERS[row.event](tx, row.facts, person)
    said = await _said(tx, row, person)
    link = f"{settings().base_url}{letter.path}"
    line = f"{settings().brand_name}: {said} {link} {t('STOP ends these.')}"
    return line.replace("\u202f", " ").replace("\u00a0", " ")  # such a letter halves what fits


async def _said(tx: Tx, row: Any, person: PersonView) -> str:
    if row.event == "test":
        return t("This is a test.")
    if row.event == "session.reminder":
        begins = datetime.fromisoformat(row.facts["starts_at"])
        return t("Your session begins in {span}.", span=times.span(begins - tx.now))
    if "session_id" not in row.facts:
        return t("There is news for you.")
    session = await of_reader(tx, row.facts, person)
    when = times.when(session.starts_at, person.zone)
    said = {
        "session.moved": t("A session was moved to {when}.", when=when),
        "session.cancelled": t("The session {when} is cancelled.", when=when),
        "session.relocated": t("The session {when} is at another place.", when=when),
        "session.kept": t("A time is kept for you: {when}.", when=when),
    }
    return said.get(row.event, t("There is news of a session: {when}.", when=when))


async def _is_too_dear(tx: Tx) -> bool:
    cap = settings().sms_month_cap_cents
    spent = await tx.db.scalar(_SPENT, {"guess": GUESS_MICROS, "now": tx.now})
    return cap > 0 and int(spent or 0) >= cap * 10_000


async def _tell_staff(tx: Tx) -> None:
    """Once a month."""
    month = f"{tx.now:%Y-%m}"
    for person_id in await accounts.staff_who_may(tx, "queues.keep"):
        facts = {"cents": settings().sms_month_cap_cents}
        await notify(tx, person_id, "texts.capped", key=month, facts=facts)


async def _later(row: Any, text_id: int, error: Exception) -> None:
    async with transaction(TEXTER) as tx:
        await tx.db.execute(_NOT_SENT, {"id": text_id})
        if row.attempts + 1 >= MAX_ATTEMPTS:
            await ended(tx, row.id, "failed", str(error))
        else:
            await postponed(tx, row.id, str(error), tx.now + backoff(row.attempts + 1))


async def _failed(row: Any, text_id: int, error: TextRefused | TextUnknown, number: str) -> None:
    async with transaction(TEXTER) as tx:
        statement = _OVER if isinstance(error, TextRefused) else _UNKNOWN
        await tx.db.execute(statement, {"id": text_id, "error": str(error)})
        if isinstance(error, TextRefused) and error.code == client.STOPPED:
            await phones.stop(tx, number)
            await ended(tx, row.id, "dropped", "the person answered STOP")
        else:
            await ended(tx, row.id, "failed", str(error))


async def reported(tx: Tx, text_id: int, sid: str, status: str, code: str) -> None:
    """What a carrier says of a text, in any order and as often as it likes. Acting as a system of
    notifications."""
    if status not in STATES[1:]:
        return
    error = f"error {code[:10]}" if code else None
    values = {"id": text_id, "sid": sid, "status": status, "error": error}
    row = (await tx.db.execute(_MOVED, values)).first()
    if row is None:
        return
    if status in ("undelivered", "failed"):
        said = error or "the carrier did not deliver it"
        await tx.db.execute(_UNDONE, {"id": row.delivery_id, "error": said})
        number = await phones.number_of(tx, row.user_id)
        if code == str(client.STOPPED) and number is not None:
            await phones.stop(tx, number)
    if status in ("delivered", "undelivered"):  # what failed at once has no price
        await _ask_price(tx, sid, 1, PRICE_AFTER)


async def note_price(sid: str, nth: int) -> None:
    """As long as nobody knows it, it is asked for again, for a day. Whether the service stands is
    noted by its client."""
    try:
        found = await client.price(sid)
    except (TextLater, TextRefused, TextUnknown):
        found = None
    async with transaction(TEXTER) as tx:
        if found is not None and found.micros is not None:
            values = {"sid": sid, "micros": found.micros, "currency": found.currency}
            await tx.db.execute(_PRICE, values)
        elif nth < PRICE_TRIES:
            await _ask_price(tx, sid, nth + 1, PRICE_AGAIN)


async def _ask_price(tx: Tx, sid: str, nth: int, wait: timedelta) -> None:
    payload, key = {"sid": sid, "nth": nth}, f"text_price:{sid}:{nth}"
    await tx.enqueue("notifications.text_price", payload, at=tx.now + wait, key=key)


async def _end(delivery_id: int, status: str, error: str | None) -> None:
    async with transaction(TEXTER) as tx:
        await ended(tx, delivery_id, status, error)
