"""Verified people, made directly."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import text

from loom_app.domains.accounts import actions
from loom_app.kit import clock, permissions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction

_numbers = itertools.count(1)
# proven, however far a test moves the clock; tests of the proof itself say another
EVER_FRESH = datetime(9000, 1, 1, tzinfo=UTC)
PASSWORD = "seven purple lanterns drift"
# argon2id of PASSWORD with cheap parameters: hashing is tested on its own
HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$fake"


async def make_user(
    *,
    name: str = "Ben Okafor",
    roles: Iterable[str] = ("client",),
    zone: str = "Europe/Berlin",
    email: str | None = None,
    verified: bool = True,
    password_hash: str = HASH,
) -> Actor:
    """A person in the database; returns them as an actor. The role "staff" makes an owner."""
    staff, roles = "staff" in roles, [role for role in roles if role != "staff"]
    address = email or f"{name.split(maxsplit=1)[0].lower()}{next(_numbers)}@loom.test"
    async with transaction(Actor.system_job("accounts.factory")) as tx:
        user_id = await tx.db.scalar(
            text(
                "INSERT INTO users (name, zone, roles, verified_at) VALUES (:n, :z, :r, :v)"
                " RETURNING id"
            ),
            {"n": name, "z": zone, "r": list(roles), "v": clock.now() if verified else None},
        )
        await tx.db.execute(
            text(
                "INSERT INTO credentials (user_id, email, email_key, password_hash)"
                " VALUES (:u, :e, :k, :p)"
            ),
            {"u": user_id, "e": address, "k": address.casefold(), "p": password_hash},
        )
        if staff:
            await actions.appoint(tx, address, staff=True)
    return Actor(
        person_id=user_id,
        name=name,
        zone=zone,
        roles=frozenset(roles),
        powers=permissions.names() if staff else frozenset(),
        verified=verified,
        mfa=True,
        stepped_up_at=EVER_FRESH,
    )
