"""A coach's way to Stripe, and their statement as a file: for themselves only."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.errors import AccountClosed, NoAccount
from loom_app.domains.payments.queries import EarningLine, Period
from loom_app.http import identity
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.security import limits
from loom_app.kit.text import t

ACCOUNT = "/earnings/account"


async def _coach(request: Request) -> Actor:
    me = await identity.actor_of(request)
    if not me.is_coach:
        raise NotFound
    return me


async def onboarding(request: Request) -> Response:
    """To Stripe's page with a fresh link; Stripe itself leads here when a link is spent."""
    me = await _coach(request)
    if not limits.allow("save", me.label):
        return RedirectResponse(ACCOUNT, 303)
    try:
        return RedirectResponse(await actions.onboarding_link(me), 303)
    except (NoAccount, AccountClosed):
        return RedirectResponse(ACCOUNT, 303)


async def dashboard(request: Request) -> Response:
    """To the coach's own page at Stripe; before onboarding is done, to the account."""
    me = await _coach(request)
    if not limits.allow("save", me.label):
        return RedirectResponse(ACCOUNT, 303)
    try:
        return RedirectResponse(await actions.dashboard_link(me), 303)
    except (NoAccount, PaymentRefused):
        return RedirectResponse(ACCOUNT, 303)


async def statement(request: Request) -> Response:
    """The movements of a period as CSV, streamed: amounts as numbers, each with its currency."""
    me = await _coach(request)
    word = request.query_params.get("period", "all")
    period = queries.period_of(word, clock.now(), me.zone)
    headers = _headers(word, "csv")
    async with transaction(me) as tx:
        await audit(tx, "earnings.export", "user", me.require_person(), after={"period": word[:20]})
    return StreamingResponse(
        _csv(me, period), media_type="text/csv; charset=utf-8", headers=headers
    )


async def statement_paper(request: Request) -> Response:
    """What was theirs before, what moved, what is theirs after, as PDF."""
    me = await _coach(request)
    if not limits.allow("page", me.label):
        return Response(limits.words("page"), 429)
    word = request.query_params.get("period", "all")
    period = queries.period_of(word, clock.now(), me.zone)
    async with transaction(me) as tx:
        found = await queries.statement(tx, me, period)
        clients = {line.client_id for part in found.parts for line in part.lines}
        people = await accounts.people(tx, {number for number in clients if number is not None})
        seller = await queries.billing(tx, me)
        name = seller.name or (await accounts.my_profile(tx, me)).name
    drawn = await asyncio.to_thread(
        queries.draw_statement,
        found,
        whose="\n".join(part for part in (name, seller.address) if part),
        names={number: person.name for number, person in people.items()},
        zone=me.zone,
        made=times.day_and_year(clock.now(), me.zone),
    )
    return Response(drawn, media_type="application/pdf", headers=_headers(word, "pdf"))


def _headers(word: str, kind: str) -> dict[str, str]:
    name = f"loom-earnings-{word if queries.is_period(word) else 'all'}.{kind}"
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "private, no-store",
    }


async def lines_of(
    me: Actor, period: Period
) -> AsyncIterator[tuple[list[EarningLine], dict[int, str]]]:
    """Page by page with the clients' names; each in a transaction of its own."""
    last: EarningLine | None = None
    while True:
        async with transaction(me) as tx:
            page = await queries.earning_lines(tx, me, period, after=last)
            people = await accounts.people(tx, {line.client_id for line in page})
        if not page:
            return
        yield page, {number: person.name for number, person in people.items()}
        last = page[-1]


async def _csv(me: Actor, period: Period) -> AsyncIterator[bytes]:
    head = [t("Date"), t("What"), t("Client"), t("Session"), t("Currency")]
    yield b"\xef\xbb\xbf" + _row([*head, t("Price"), t("Fee"), t("Yours")])
    async for page, names in lines_of(me, period):
        for line in page:
            texts = [
                times.local(line.at, me.zone).strftime("%Y-%m-%d %H:%M"),
                queries.line_words(line.kind),
                names.get(line.client_id, ""),
                line.description,
                line.share.net.currency,
            ]
            sums = (line.share.gross, line.share.fee, line.share.net)
            yield _row([*map(queries.formula_safe, texts), *map(_number, sums)])


def _number(money: Money) -> str:
    """A plain number with the currency's decimals, as a spreadsheet adds it."""
    return f"{money.decimal:.{money.exponent}f}"


def _row(cells: list[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()


routes = [
    Route("/earnings/onboarding", onboarding),
    Route("/earnings/stripe", dashboard),
    Route("/earnings/statement.csv", statement),
    Route("/earnings/statement.pdf", statement_paper),
]
