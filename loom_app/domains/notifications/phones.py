"""The number that a person's text messages go to: proven by a code, and theirs to stop."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import phonenumbers
from phonenumbers import PhoneNumberType
from sqlalchemy import text

from loom_app.integrations.sms import client
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.security import limits, tokens
from loom_app.kit.settings import settings
from loom_app.kit.text import t

KEEPER = "notifications.phones"
GOOD_FOR = timedelta(minutes=10)
TRIES = 5
PURPOSE = "phone code"
STOPPED = "stopped number"
CODE = "code"  # what a text is about that proves a number
CAN_READ = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PERSONAL_NUMBER,
}
# https://help.twilio.com/articles/223134027: words that Twilio honours as well
STOP = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"])
START = frozenset(["START", "YES", "UNSTOP"])
HELP = frozenset(["HELP", "INFO"])

_ASK = text(
    "INSERT INTO phones (user_id, number, code_digest, code_until, created_at)"
    " VALUES (:me, :number, :digest, :until, :now) ON CONFLICT (user_id) DO UPDATE"
    " SET number = excluded.number, code_digest = excluded.code_digest,"
    " code_until = excluded.code_until, tries = 0, verified_at = NULL, stopped_at = NULL"
)
_OWE = text(
    "INSERT INTO texts (user_id, topic, status, sent_at) VALUES (:me, :topic, 'queued', :now)"
    " RETURNING id"
)
_STOPPED = text(
    "SELECT EXISTS (SELECT 1 FROM phones WHERE number = :number AND stopped_at IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM stopped_numbers WHERE digest = :digest)"
)
_FORMER = text("SELECT number FROM phones WHERE user_id = :me AND stopped_at IS NOT NULL")
_KEEP_STOP = text(
    "INSERT INTO stopped_numbers (digest, at) VALUES (:digest, :now) ON CONFLICT DO NOTHING"
)
_DROP_STOP = text("DELETE FROM stopped_numbers WHERE digest = :digest")
_CODES = text("SELECT count(*) FROM texts WHERE topic = :topic AND sent_at > :since")
_TRY = text(
    "UPDATE phones SET tries = tries + 1 WHERE user_id = :me AND tries < :most"
    " AND code_until > :now AND code_digest IS NOT NULL RETURNING number, code_digest"
)
_PROVEN = text(
    "UPDATE phones SET verified_at = :now, code_digest = NULL, code_until = NULL"
    " WHERE user_id = :me"
)
_MINE = text("SELECT number, verified_at, stopped_at, code_until FROM phones WHERE user_id = :me")
_REMOVE = text("DELETE FROM phones WHERE user_id = :me")
_NUMBER = text(
    "SELECT number FROM phones WHERE user_id = :person AND verified_at IS NOT NULL"
    " AND stopped_at IS NULL"
)
_SEEN = text("INSERT INTO text_answers (sid, at) VALUES (:sid, :now) ON CONFLICT DO NOTHING")
_STOP = text("UPDATE phones SET stopped_at = :now WHERE number = :number AND stopped_at IS NULL")
_START = text("UPDATE phones SET stopped_at = NULL WHERE number = :number")


@dataclass(frozen=True, slots=True)
class PhoneView:
    """`stage`: code (waiting for it), on, or stopped (by the word STOP)."""

    number: str
    stage: Literal["code", "on", "stopped"]


def e164(typed: str) -> str:
    """Raises Invalid for what is no number that reads text messages."""
    try:
        found = phonenumbers.parse(typed[:40], None)
    except phonenumbers.NumberParseException:
        raise Invalid(
            t("Give the number with its country, such as +49 1512 3456789."), field="number"
        ) from None
    if not phonenumbers.is_valid_number(found):
        raise Invalid(t("There is no such number. Look at it once more."), field="number")
    if phonenumbers.number_type(found) not in CAN_READ:
        raise Invalid(t("This number cannot get text messages. Give a mobile one."), field="number")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


async def ask(tx: Tx, me: Actor, typed: str) -> None:
    """Send a code there; who calls has counted it for the person. Raises Invalid on "number", also
    for one that answered STOP or was sent many codes, and where the day's are used up."""
    if not client.available():
        raise Invalid(t("There are no text messages here."), field="number")
    mine, number = me.require_person(), e164(typed)
    code = f"{secrets.randbelow(1_000_000):06d}"
    async with tx.acting_as_system(KEEPER):
        await _judge(tx, number)
        await _keep_stop(tx, mine)  # of the number that this one takes the place of
        values = {
            "me": mine,
            "number": number,
            "digest": _digest(mine, number, code),
            "until": tx.now + GOOD_FOR,
            "now": tx.now,
        }
        await tx.db.execute(_ASK, values)
        text_id = await tx.db.scalar(_OWE, {"me": mine, "topic": CODE, "now": tx.now})
    sealed = tokens.encrypted(code, PURPOSE)  # the queue is kept for a while
    await tx.enqueue(
        "notifications.phone_code", {"text_id": text_id, "number": number, "code": sealed}
    )


async def _judge(tx: Tx, number: str) -> None:
    """Codes have a limit of their own: with the month's money they would end the reminders."""
    if await tx.db.scalar(_STOPPED, {"number": number, "digest": _mark(number)}):
        words = t("This number answered STOP. Answer START from it, then ask again.")
        raise Invalid(words, field="number")
    since = tx.now - timedelta(days=1)
    sent = await tx.db.scalar(_CODES, {"topic": CODE, "since": since})
    if int(sent or 0) >= settings().sms_codes_per_day:
        words = t("No more codes can be sent today. Try again tomorrow.")
        raise Invalid(words, field="number")
    if not limits.allow("phone_number", tokens.digest(number)):
        words = t("This number was sent many codes. Try again tomorrow.")
        raise Invalid(words, field="number")


async def confirm(tx: Tx, me: Actor, code: str) -> bool:
    """Whether it was the code; each try counts, so the caller must let this commit."""
    mine, typed = me.require_person(), "".join(one for one in code[:20] if one.isdecimal())
    async with tx.acting_as_system(KEEPER):
        tried = {"me": mine, "most": TRIES, "now": tx.now}
        row = (await tx.db.execute(_TRY, tried)).first()
        if row is None or not secrets.compare_digest(
            row.code_digest, _digest(mine, row.number, typed)
        ):
            return False
        await tx.db.execute(_PROVEN, {"me": mine, "now": tx.now})
    return True


async def mine(tx: Tx, me: Actor) -> PhoneView | None:
    """None where no number is known, or its code ran out."""
    row = (await tx.db.execute(_MINE, {"me": me.require_person()})).first()
    if row is None or (row.verified_at is None and not _waits(row, tx.now)):
        return None
    stage: Any = "stopped" if row.stopped_at else "on" if row.verified_at else "code"
    return PhoneView(pretty(row.number), stage)


def _waits(row: Any, now: datetime) -> bool:
    return row.code_until is not None and row.code_until > now


async def remove(tx: Tx, me: Actor) -> None:
    """The number is gone; that it answered STOP is kept, by a digest."""
    mine = me.require_person()
    async with tx.acting_as_system(KEEPER):
        await _keep_stop(tx, mine)
        await tx.db.execute(_REMOVE, {"me": mine})


async def _keep_stop(tx: Tx, person_id: int) -> None:
    """For numbers that answered before each STOP was kept by itself."""
    number = await tx.db.scalar(_FORMER, {"me": person_id})
    if number is not None:
        await tx.db.execute(_KEEP_STOP, {"digest": _mark(number), "now": tx.now})


async def number_of(tx: Tx, person_id: int) -> str | None:
    """Where text messages go, acting as a system of notifications."""
    return await tx.db.scalar(_NUMBER, {"person": person_id})


async def stop(tx: Tx, number: str) -> None:
    """Nothing more goes to a number, whoever gives it later, acting as a system of
    notifications."""
    await tx.db.execute(_STOP, {"number": number, "now": tx.now})
    await tx.db.execute(_KEEP_STOP, {"digest": _mark(number), "now": tx.now})


async def answered(tx: Tx, sid: str, number: str, body: str) -> str:
    """What somebody wrote back: their word is done, once however often it is told; what to say,
    "" for nothing. Acting as a system of notifications."""
    new = await tx.db.execute(_SEEN, {"sid": sid[:64], "now": tx.now})
    if not new.rowcount:  # pyright: ignore[reportAttributeAccessIssue]
        return ""
    word, brand = body.strip().upper()[:40], settings().brand_name
    if word in STOP:
        await stop(tx, number)
        return t("{brand}: no more text messages. Answer START to get them again.", brand=brand)
    if word in START:
        await tx.db.execute(_START, {"number": number})
        await tx.db.execute(_DROP_STOP, {"digest": _mark(number)})
        return t("{brand}: you get text messages again. Answer STOP to end them.", brand=brand)
    if word in HELP:
        where = settings().support_address or f"{settings().base_url}/settings/notifications"
        return t("{brand}: help at {where}. Answer STOP to end.", brand=brand, where=where)
    return ""


def pretty(number: str) -> str:
    found = phonenumbers.parse(number, None)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _mark(number: str) -> str:
    """Keyed: there are few enough numbers to try them all."""
    return tokens.seal(number, STOPPED)


def _digest(person_id: int, number: str, code: str) -> str:
    return tokens.seal(f"{person_id}:{number}:{code}", PURPOSE)
