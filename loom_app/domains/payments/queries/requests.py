"""Reading requests for money back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.payments.models import Charge, RefundRequest
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money

_request: Any = RefundRequest
_charge: Any = Charge


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as either side sees it; status is open, approved, declined or withdrawn."""

    id: int
    charge_id: int
    words: str
    client_id: int
    client: PersonView | None
    coach: PersonView | None
    amount: Money
    reason: str
    as_credit: bool
    status: str
    note: str
    asked_at: datetime
    decided_at: datetime | None


async def requests_of(tx: Tx, charge_id: int) -> list[RequestView]:
    """All requests about a payment that the caller may see, the newest first."""
    return await _views(tx, _request.charge_id == charge_id)


async def requests_to(tx: Tx, me: Actor) -> list[RequestView]:
    """What clients ask of this coach: the open ones first, then the newest; at most 100."""
    return await _views(tx, _charge.coach_id == me.require_person())


async def open_requests(tx: Tx) -> list[RequestView]:
    """Everybody's that wait for an answer, for staff; acting as a system of payments."""
    return await _views(tx, _request.status == "open")


async def request(tx: Tx, request_id: int) -> RequestView | None:
    """For the mail about it."""
    found = await _views(tx, _request.id == request_id)
    return found[0] if found else None


async def _views(tx: Tx, which: Any) -> list[RequestView]:
    rows = (
        await tx.db.execute(
            select(RefundRequest, Charge)
            .join(Charge, _charge.id == _request.charge_id)
            .where(which)
            .order_by((_request.status == "open").desc(), _request.id.desc())
            .limit(100),
            execution_options={"populate_existing": True},
        )
    ).all()
    both = {person for asked, charge in rows for person in (asked.asked_by, charge.coach_id)}
    people = await accounts.people(tx, both)
    return [_view(asked, charge, people) for asked, charge in rows]


def _view(asked: RefundRequest, charge: Charge, people: dict[int, PersonView]) -> RequestView:
    return RequestView(
        id=asked.id or 0,
        charge_id=asked.charge_id,
        words=charge.description,
        client_id=asked.asked_by,
        client=people.get(asked.asked_by),
        coach=people.get(charge.coach_id),
        amount=Money(asked.amount, asked.currency),
        reason=asked.reason,
        as_credit=asked.as_credit,
        status=asked.status,
        note=asked.note,
        asked_at=asked.created_at,
        decided_at=asked.decided_at,
    )
