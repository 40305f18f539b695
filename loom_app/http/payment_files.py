"""Papers and the history as files: row-level security decides, everybody else finds nothing."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from loom_app.domains.payments import queries as payments
from loom_app.domains.payments.queries import HistoryFilter, PaymentLine
from loom_app.http import identity
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.security import limits
from loom_app.kit.text import t

PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


async def _person(request: Request) -> Actor:
    """Raises NotFound."""
    me = await identity.actor_of(request)
    if me.person_id is None:
        raise NotFound
    return me


async def paper(request: Request) -> Response:
    """A receipt or a credit note as PDF, for its buyer and its seller."""
    me = await _person(request)
    if not limits.allow("page", me.label):
        return Response(limits.words("page"), 429)
    async with transaction(me) as tx:
        found = await payments.document(tx, request.path_params["document_id"])
    drawn = await asyncio.to_thread(payments.draw, found)
    headers = PRIVATE | {"content-disposition": f'attachment; filename="{found.filename}"'}
    return Response(drawn, media_type="application/pdf", headers=headers)


async def spreadsheet(request: Request) -> Response:
    """The caller's payments as CSV, with the filters of the page; streamed, however many."""
    me = await _person(request)
    if not limits.allow("page", me.label):
        return Response(limits.words("page"), 429)
    asked = payments.filter_of(request.query_params)
    async with transaction(me) as tx:
        await audit(tx, "payments.export", "user", me.require_person())
    headers = PRIVATE | {"content-disposition": 'attachment; filename="loom-payments.csv"'}
    return StreamingResponse(_rows(me, asked), media_type="text/csv", headers=headers)


async def _rows(me: Actor, asked: HistoryFilter) -> AsyncIterator[str]:
    held = io.StringIO()
    out = csv.writer(held)
    out.writerow(
        [
            t("Payment"),
            t("Date"),
            t("What"),
            t("Coach"),
            t("Amount"),
            t("Refunded"),
            t("Currency"),
            t("Status"),
            t("Paid with"),
        ]
    )
    count = 0
    async for line in payments.all_lines(me, asked):
        out.writerow(_cells(line))
        count += 1
        if count % 500 == 0:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


def _cells(line: PaymentLine) -> list[str]:
    return [
        str(line.id),
        line.at.astimezone(UTC).isoformat(timespec="seconds"),
        payments.formula_safe(line.words),
        payments.formula_safe(line.coach),
        str(line.amount.decimal),
        str(line.refunded.decimal),
        line.amount.currency,
        line.status_text,
        payments.formula_safe(line.paid_with),
    ]


routes = [
    Route("/files/payments/papers/{document_id:int}.pdf", paper),
    Route("/files/payments/history.csv", spreadsheet),
]
