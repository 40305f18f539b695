"""What staff look after: requests, disputes, differences and events that went wrong."""

from dataclasses import dataclass

from loom_app.domains.payments.queries.disputes import DisputeView, every_dispute
from loom_app.domains.payments.queries.reconciliation import (
    EventView,
    FindingView,
    events,
    findings,
)
from loom_app.domains.payments.queries.requests import RequestView, open_requests
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx


@dataclass(frozen=True, slots=True)
class Desk:
    """All that is open; nothing where all is well."""

    requests: list[RequestView]
    disputes: list[DisputeView]
    findings: list[FindingView]
    events: list[EventView]


async def desk(tx: Tx, me: Actor) -> Desk:
    """For staff alone. Raises Forbidden."""
    me.require("money.see")
    async with tx.acting_as_system("payments.desk"):
        return Desk(
            await open_requests(tx),
            await every_dispute(tx, only_open=True),
            await findings(tx),
            await events(tx, troubled=True),
        )
