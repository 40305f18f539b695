"""Browsers that take pushes: a person's own, each under the sign-in that it was asked in.

A push reaches whoever holds the device, so a browser whose sign-in is over, ended or run out, hears
nothing more; it hears again when the same person signs in there. Where somebody else does, the
device is the former person's no more.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.integrations.push import endpoints, vapid
from loom_app.integrations.push.client import Subscription
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.security import tokens
from loom_app.kit.text import t

KEEPER = "notifications.devices"
Here = Literal["on", "off", "stale"]
MOST = 10  # of a person; the one that was used longest ago makes room

_CLEAR = text("DELETE FROM push_devices WHERE digest = :digest")
_PUT = text(
    "INSERT INTO push_devices"
    " (user_id, session_id, name, endpoint, digest, p256dh, auth, server_key, created_at)"
    " VALUES (:me, :session, :name, :endpoint, :digest, :p256dh, :auth, :key, :now)"
)
_ROOM = text(
    "DELETE FROM push_devices WHERE id IN (SELECT id FROM push_devices WHERE user_id = :me"
    " ORDER BY coalesce(used_at, created_at) DESC, id DESC OFFSET :most)"
)
_MINE = text(
    "SELECT id, name, created_at, used_at, server_key NOT IN ('', :key) AS stale"
    " FROM push_devices WHERE user_id = :me ORDER BY id DESC"
)
_HERE = text(
    "UPDATE push_devices SET session_id = :session WHERE digest = :digest AND user_id = :me"
    " RETURNING server_key"
)
_LEFT = text("DELETE FROM push_devices WHERE digest = :digest AND user_id <> :me RETURNING user_id")
_REMOVE = text("DELETE FROM push_devices WHERE user_id = :me AND id = :id RETURNING id")
_FORGET = text("DELETE FROM push_devices WHERE user_id = :me AND digest = :digest")
_OF = text(
    "SELECT session_id, endpoint, p256dh, auth, server_key FROM push_devices"
    " WHERE id = :id AND user_id = :of"
)
_MOVE = text(
    "UPDATE push_devices SET endpoint = :endpoint, digest = :digest, p256dh = :p256dh,"
    " auth = :auth WHERE user_id = :me AND digest = :former RETURNING id"
)
_USED = text("UPDATE push_devices SET used_at = :now WHERE id = :id")
_GONE = text("DELETE FROM push_devices WHERE id = :id RETURNING user_id")


@dataclass(frozen=True, slots=True)
class DeviceView:
    """`used_at`: when a push last reached it. `stale`: it subscribed with a former key of ours, so
    that no push service takes ours for it; it subscribes anew when it is next here."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None
    stale: bool


def changed_topic(person_id: int) -> str:
    """Signals when a device came or went."""
    return f"person:{person_id}:devices"


async def keep(tx: Tx, me: Actor, told: Subscription) -> None:
    """This browser takes pushes for the caller from now on, and for nobody else. Raises Invalid
    for what is no subscription, or at a push service that we do not write to."""
    mine = me.require_person()
    _judge(told)
    values = {
        "me": mine,
        "session": me.session_id,
        "name": accounts.device_name(me.agent),
        "endpoint": told.endpoint,
        "digest": tokens.digest(told.endpoint),
        "p256dh": told.p256dh,
        "auth": told.auth,
        "key": vapid.public_key(),
        "now": tx.now,
    }
    async with tx.acting_as_system(KEEPER):  # it may have been somebody else's until now
        await tx.db.execute(_CLEAR, {"digest": values["digest"]})
        await tx.db.execute(_PUT, values)
        await tx.db.execute(_ROOM, {"me": mine, "most": MOST})
    tx.signal(changed_topic(mine))


async def is_here(tx: Tx, me: Actor, endpoint: str) -> Here:
    """Whether this browser takes pushes for the caller; if so, under the sign-in of now, and
    "stale" with a key of ours that is no more. For whoever had it before, it takes none any more.
    """
    mine, digest = me.require_person(), tokens.digest(endpoint[: endpoints.LONGEST])
    async with tx.acting_as_system(KEEPER):
        former = await tx.db.scalar(_LEFT, {"me": mine, "digest": digest})
    if former is not None:
        tx.signal(changed_topic(former))
        return "off"
    values = {"me": mine, "session": me.session_id, "digest": digest}
    key = await tx.db.scalar(_HERE, values)
    if key is None:
        return "off"
    return "on" if key in ("", vapid.public_key()) else "stale"


async def mine(tx: Tx, me: Actor) -> list[DeviceView]:
    """The newest first."""
    known = {"me": me.require_person(), "key": vapid.public_key()}
    rows = await tx.db.execute(_MINE, known)
    return [DeviceView(*row) for row in rows]


async def remove(tx: Tx, me: Actor, device_id: int) -> None:
    """One of the caller's own; anything else changes nothing."""
    mine = me.require_person()
    await tx.db.execute(_REMOVE, {"me": mine, "id": device_id})
    tx.signal(changed_topic(mine))


async def forget(tx: Tx, me: Actor, endpoint: str) -> None:
    """This browser takes no more pushes for the caller."""
    mine = me.require_person()
    await tx.db.execute(_FORGET, {"me": mine, "digest": tokens.digest(endpoint)})
    tx.signal(changed_topic(mine))


async def move(tx: Tx, me: Actor, former: str, told: Subscription) -> None:
    """A browser changed its address by itself. Raises NotFound where the former one is not of the
    caller, Invalid as `keep`."""
    _judge(told)
    async with tx.acting_as_system(KEEPER):
        values = {
            "me": me.require_person(),
            "former": tokens.digest(former),
            "endpoint": told.endpoint,
            "digest": tokens.digest(told.endpoint),
            "p256dh": told.p256dh,
            "auth": told.auth,
        }
        if await tx.db.scalar(_MOVE, values) is None:
            raise NotFound


class FormerKey(NotFound):
    """A device that subscribed with a key that we have no more."""


async def subscription(tx: Tx, device_id: int, person_id: int) -> Subscription:
    """Where a push to a device goes, acting as a system of notifications. Raises NotFound for one
    that is gone or whose sign-in is over, FormerKey for one that has to subscribe anew."""
    row = (await tx.db.execute(_OF, {"id": device_id, "of": person_id})).first()
    if row is None:
        raise NotFound
    if row.server_key not in ("", vapid.public_key()):
        raise FormerKey
    if row.session_id is not None:
        async with tx.acting_as_system("accounts.session"):
            if not await accounts.alive_sessions(tx, [row.session_id]):
                raise NotFound
    return Subscription(row.endpoint, row.p256dh, row.auth)


async def reached(tx: Tx, device_id: int) -> None:
    """Acting as a system of notifications."""
    await tx.db.execute(_USED, {"id": device_id, "now": tx.now})


async def lost(tx: Tx, device_id: int) -> None:
    """Nothing gets there any more. Acting as a system of notifications."""
    person = await tx.db.scalar(_GONE, {"id": device_id})
    if person is not None:
        tx.signal(changed_topic(person))


def _judge(told: Subscription) -> None:
    if not endpoints.is_service(told.endpoint):
        raise Invalid(t("This browser's push service is not one that Loom writes to."))
    if not endpoints.are_keys(told.p256dh, told.auth):
        raise Invalid(t("This browser did not say how to reach it. Try it again."))
