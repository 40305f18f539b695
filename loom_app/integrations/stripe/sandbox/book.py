"""The sandbox's own books: objects, events and switches in PostgreSQL, as its own narrow actor."""

import json
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loom_app.integrations.stripe.sandbox import objects
from loom_app.integrations.stripe.sandbox.errors import invalid, missing
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx

SANDBOX = Actor.system_job("sandbox")
API_VERSION = "2026-10-28.endive"

_GET = "SELECT data FROM stripe_sandbox.objects WHERE id = :id AND kind = :kind"
_PUT = text(
    "INSERT INTO stripe_sandbox.objects (id, kind, created, data) VALUES"
    " (:id, :kind, :created, CAST(:data AS jsonb))"
    " ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data"
)
_FILTERS = frozenset(
    {"payment_intent", "customer", "charge", "type", "source", "currency", "status"}
)


class Book:
    """One request's view of the store, inside its transaction."""

    def __init__(self, tx: Tx, *, request_id: str = "", key: str | None = None) -> None:
        self.tx = tx
        self.request_id = request_id
        self.key = key

    async def find(self, kind: str, key: str, *, lock: bool = False) -> dict[str, Any] | None:
        statement = text(_GET + (" FOR UPDATE" if lock else ""))
        return await self.tx.db.scalar(statement, {"id": key, "kind": kind})

    async def get(self, kind: str, key: str, param: str = "id") -> dict[str, Any]:
        """The object, locked until the end of the request. Raises `resource_missing`."""
        found = await self.find(kind, key, lock=True)
        if found is None:
            raise missing(kind, key, param)
        return found

    async def put(self, thing: dict[str, Any], kind: str | None = None) -> dict[str, Any]:
        values = {
            "id": thing["id"],
            "kind": kind or thing["object"],
            "created": objects.stamp(),
            "data": json.dumps(thing),
        }
        await self.tx.db.execute(_PUT, values)
        return thing

    async def page(self, kind: str, params: dict[str, Any], url: str) -> dict[str, Any]:
        """Newest first, by Stripe's paging words."""
        limit = params.get("limit", 10)
        if not 1 <= limit <= 100:
            raise invalid("Invalid integer: limit must be between 1 and 100", param="limit")
        where, values, backwards = await self._conditions(kind, params)
        order = "ASC" if backwards else "DESC"
        statement = text(
            f"SELECT data FROM stripe_sandbox.objects WHERE {where}"
            f" ORDER BY seq {order} LIMIT :take"
        )
        rows = list(await self.tx.db.scalars(statement, {**values, "take": limit + 1}))
        data = rows[:limit]
        return objects.listing(url, data[::-1] if backwards else data, more=len(rows) > limit)

    async def _conditions(
        self, kind: str, params: dict[str, Any]
    ) -> tuple[str, dict[str, Any], bool]:
        where, values = ["kind = :kind"], {"kind": kind}
        for name in _FILTERS & params.keys():
            where.append(f"data->>'{name}' = :{name}")
            values[name] = params[name]
        created = params.get("created")
        bounds = created if isinstance(created, dict) else {"eq": created} if created else {}
        for name, value in bounds.items():
            where.append(f"created {_COMPARE[name]} :created_{name}")
            values[f"created_{name}"] = value
        for name, sign in (("starting_after", "<"), ("ending_before", ">")):
            if name in params:
                row = "(SELECT seq FROM stripe_sandbox.objects WHERE id = :" + name + ")"
                where.append(f"seq {sign} {row}")
                values[name] = params[name]
        return " AND ".join(where), values, "ending_before" in params

    async def happened(self, kind: str, thing: dict[str, Any]) -> None:
        """Record an event in both styles and hand the thin one to delivery."""
        snapshot = {
            "id": objects.new_id("event"),
            "object": "event",
            "api_version": API_VERSION,
            "created": objects.stamp(),
            "data": {"object": thing},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": self.request_id or None, "idempotency_key": self.key},
            "type": kind,
        }
        await self.put(snapshot)
        thin = {
            "id": objects.new_id("event"),
            "object": "v2.core.event",
            "type": f"v1.{kind}",
            "created": self.tx.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "livemode": False,
            "context": None,
            "reason": None,
            "changes": None,
            "snapshot_event": snapshot["id"],
            "related_object": {
                "id": thing["id"],
                "type": thing["object"],
                "url": f"/v1/{_PATHS[thing['object']]}/{thing['id']}",
            },
        }
        await self.put(thin)
        await self._announce(thin["id"])

    async def _announce(self, event_id: str) -> None:
        """Queue an event's delivery, with the trouble that the switches ask for."""
        switches = await self.switches()
        if switches.get("drop"):
            return
        delay = float(switches.get("delay_seconds", 0))
        if switches.get("reorder"):
            delay += secrets.randbelow(5000) / 1000
        at = self.tx.now + timedelta(seconds=delay)
        for _ in range(2 if switches.get("duplicate") else 1):
            await self.tx.enqueue("stripe_sandbox.deliver", {"event_id": event_id}, at=at)

    async def switches(self) -> dict[str, Any]:
        found = await self.tx.db.scalar(text("SELECT data FROM stripe_sandbox.switches"))
        return dict(found or {})

    async def flip(self, values: dict[str, Any]) -> dict[str, Any]:
        """Change some control switches; None removes one."""
        merged = {k: v for k, v in {**await self.switches(), **values}.items() if v is not None}
        await self.tx.db.execute(
            text(
                "INSERT INTO stripe_sandbox.switches (data) VALUES (CAST(:data AS jsonb))"
                " ON CONFLICT (one) DO UPDATE SET data = EXCLUDED.data"
            ),
            {"data": json.dumps(merged)},
        )
        return merged


_COMPARE = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PATHS = {
    "charge": "charges",
    "customer": "customers",
    "checkout.session": "checkout/sessions",
    "payment_intent": "payment_intents",
    "refund": "refunds",
    "payment_method": "payment_methods",
}
