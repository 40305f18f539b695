"""People with real sign-ins, and what they were mailed."""

from datetime import datetime

from pyotp.totp import TOTP
from sqlalchemy import text

from loom_app.domains.accounts import actions, queries
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.security import passwords
from tests.factories.accounts import PASSWORD, make_user

SESSION = Actor.system_job("accounts.session")
READER = Actor.system_job("accounts.test")
MAILER = Actor.system_job("notifications.test")
VISITOR = Actor(visitor="v" * 64)
DEVICE = actions.Device("", "93.184.216.34")


async def signed_in(agent: str = "", **values) -> Actor:
    """Somebody new with a password and a sign-in."""
    person = await make_user(password_hash=passwords.hash_now(PASSWORD), **values)
    return await again(person.person_id or 0, agent)


async def again(user_id: int, agent: str = "", **values) -> Actor:
    return await read(await token_of(user_id, agent, **values))


async def token_of(user_id: int, agent: str = "", **values) -> str:
    device = actions.Device(agent, DEVICE.address)
    async with transaction(Actor()) as tx:
        values = {"remember": False, **values}
        made = await actions.begin_session(tx, Actor(), user_id, device, **values)
    return made.token


async def read(token: str) -> Actor:
    me = await behind(token)
    assert me is not None
    return me


async def behind(token: str) -> Actor | None:
    async with transaction(SESSION) as tx:
        return await queries.signed_in(tx, token)


async def fresh(me: Actor) -> Actor | None:
    """The same sign-in as it is now; None where it is over."""
    async with transaction(SESSION) as tx:
        return await queries.person_of_session(tx, me.session_id or 0)


async def with_app(me: Actor) -> tuple[Actor, TOTP, list[str]]:
    """Switch the second factor on: the sign-in after that, the app, the recovery codes."""
    async with transaction(me) as tx:
        secret = await actions.begin_second_factor(tx, me)
    app = TOTP(secret)
    async with transaction(me) as tx:
        codes = await actions.confirm_second_factor(tx, me, code(app))
    now = await fresh(me)
    assert now is not None
    return now, app, codes


def code(app: TOTP, at: datetime | None = None, steps: int = 0) -> str:
    """What the app shows; `steps` of 30 seconds later."""
    return app.generate_otp(app.timecode(at or clock.now()) + steps)


async def mails() -> list[tuple[str, int]]:
    """What was mailed to whom, after the queue is empty: (event, link or 0), oldest first."""
    await outbox.drain()
    async with transaction(MAILER) as tx:
        rows = await tx.db.execute(
            text("SELECT event, facts FROM deliveries WHERE channel = 'mail' ORDER BY id")
        )
        return [(row.event, row.facts.get("link_id", 0)) for row in rows]


async def trail(verb: str) -> int:
    async with transaction(Actor.system_job("audit.test")) as tx:
        return await tx.db.scalar(
            text("SELECT count(*) FROM audit_entries WHERE verb = :verb"), {"verb": verb}
        )
