"""The sandbox's own books: objects, events and switches in PostgreSQL, as its own narrow actor.

One row an object. Objects of a connected account stand under a kind of their own, `payout@acct_1`,
so that no account sees another's. Fields that begin with an underscore are the sandbox's notes and
never leave it (`objects.shown`).
"""

import contextlib
import json
from collections.abc import AsyncGenerator
from typing import Any

from sqlalchemy import text

from loom_app.integrations.stripe.sandbox import happenings, objects, times
from loom_app.integrations.stripe.sandbox.errors import invalid, missing
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction

SANDBOX = Actor.system_job("sandbox")

_GET = "SELECT data FROM stripe_sandbox.objects WHERE id = :id AND kind = :kind"
_ANYWHERE = text(
    "SELECT data FROM stripe_sandbox.objects WHERE id = :id"
    " AND (kind = :kind OR kind LIKE :kind || '@%')"
)
_PUT = text(
    "INSERT INTO stripe_sandbox.objects (id, kind, created, data) VALUES"
    " (:id, :kind, :created, CAST(:data AS jsonb))"
    " ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data"
)
_FILTERS = frozenset(
    {
        "payment_intent", "customer", "charge", "type", "source", "currency", "status",
        "destination", "transfer_group", "transfer",
    }
)  # fmt: skip


class Book:
    """One request's view of the store, inside its transaction, as one account ("" = Loom's)."""

    def __init__(
        self, tx: Tx, *, request_id: str = "", key: str | None = None, account: str = ""
    ) -> None:
        self.tx = tx
        self.request_id = request_id
        self.key = key
        self.account = account

    def of(self, account: str) -> "Book":
        """The same transaction in the books of another account."""
        return Book(self.tx, request_id=self.request_id, key=self.key, account=account)

    def scoped(self, kind: str) -> str:
        return f"{kind}@{self.account}" if self.account else kind

    async def find(self, kind: str, key: str, *, lock: bool = False) -> dict[str, Any] | None:
        statement = text(_GET + (" FOR UPDATE" if lock else ""))
        found = await self.tx.db.scalar(statement, {"id": key, "kind": self.scoped(kind)})
        return objects.by_now(found) if found else None

    async def find_anywhere(self, kind: str, key: str) -> dict[str, Any] | None:
        """For expansions and deliveries: an object of this account or of a connected one."""
        if self.account:
            return await self.find(kind, key)
        found = await self.tx.db.scalar(_ANYWHERE, {"id": key, "kind": kind})
        return objects.by_now(found) if found else None

    async def get(self, kind: str, key: str, param: str = "id") -> dict[str, Any]:
        """The object, locked until the end of the request. Raises `resource_missing`."""
        found = await self.find(kind, key, lock=True)
        if found is None:
            raise missing(kind, key, param)
        return found

    async def put(self, thing: dict[str, Any], kind: str | None = None) -> dict[str, Any]:
        values = {
            "id": thing["id"],
            "kind": self.scoped(kind or thing["object"]),
            "created": times.stamp(),
            "data": json.dumps(thing),
        }
        await self.tx.db.execute(_PUT, values)
        return thing

    async def every(self, kind: str, where: str = "true", **values: Any) -> list[dict[str, Any]]:
        """All objects of a kind in the order they were made; `where` is one of our constants."""
        statement = text(
            f"SELECT data FROM stripe_sandbox.objects WHERE kind = :kind AND {where} ORDER BY seq"
        )
        rows = await self.tx.db.scalars(statement, {"kind": self.scoped(kind), **values})
        return [objects.by_now(row) for row in rows]

    async def alone(self, what: str) -> None:
        """One at a time until the end of this transaction: sums must not be raced."""
        await self.tx.db.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 7340))"),
            {"what": f"{what}@{self.account}"},
        )

    async def page(
        self, kind: str, params: dict[str, Any], url: str, **conditions: str
    ) -> dict[str, Any]:
        """Newest first, by Stripe's paging words."""
        limit = params.get("limit", 10)
        if not 1 <= limit <= 100:
            raise invalid("Invalid integer: limit must be between 1 and 100", param="limit")
        where, values, backwards = self._conditions(kind, params)
        where += [f"data->>'{name}' = :{name}" for name in conditions]
        order = "ASC" if backwards else "DESC"
        statement = text(
            f"SELECT data FROM stripe_sandbox.objects WHERE {' AND '.join(where)}"
            f" ORDER BY seq {order} LIMIT :take"
        )
        taken = await self.tx.db.scalars(statement, {**values, **conditions, "take": limit + 1})
        rows = [objects.by_now(row) for row in taken]
        data = rows[:limit]
        return objects.listing(url, data[::-1] if backwards else data, more=len(rows) > limit)

    def _conditions(
        self, kind: str, params: dict[str, Any]
    ) -> tuple[list[str], dict[str, Any], bool]:
        where, values = ["kind = :kind"], {"kind": self.scoped(kind)}
        for name in _FILTERS & params.keys():
            where.append(f"data->>'{name}' = :{name}")
            values[name] = params[name]
        if "payout" in params:
            where.append("data->>'_payout' = :payout")
            values["payout"] = params["payout"]
        if "types" in params:
            where.append("data->>'type' = ANY(:types)")
            values["types"] = params["types"]
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
        return where, values, "ending_before" in params

    async def happened(self, kind: str, thing: dict[str, Any]) -> None:
        """Record an event in both styles and hand the thin one to delivery."""
        await happenings.record(self, kind, thing)

    async def later(self, due: int) -> None:
        """Have what falls due then done then (`ticking`), also when nobody asks."""
        await self.tx.enqueue(
            "stripe_sandbox.tick", {}, at=times.real(due), key=f"stripe_sandbox.tick:{due}"
        )

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


@contextlib.asynccontextmanager
async def opened(
    *, request_id: str = "", key: str | None = None, account: str = ""
) -> AsyncGenerator[Book]:
    """The book in a transaction of its own, with the sandbox's clock set."""
    async with transaction(SANDBOX) as tx:
        book = Book(tx, request_id=request_id, key=key, account=account)
        token = times.move(float((await book.switches()).get("ahead_seconds", 0)))
        try:
            yield book
        finally:
            times.back(token)


_COMPARE = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
