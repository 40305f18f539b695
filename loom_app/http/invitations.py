"""An invitation accepted by making an account, and a coach's file of people to invite."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts.errors import AddressKnown
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries
from loom_app.http import cookies, forms, identity
from loom_app.http.bodies import body
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.security import limits
from loom_app.kit.text import t

SHEET_BYTES = 500_000


async def join(request: Request) -> Response:
    """The link came by mail, so the address is confirmed with it."""
    form = await request.form()
    token = forms.field(form, "token")
    if not await limits.admit("sign_up", forms.address(request)):
        return forms.back("/invitation", token=token, problem="slow")
    guest = engagements.Guest(
        token,
        forms.field(form, "name"),
        forms.field(form, "password", 200),
        forms.field(form, "zone"),
    )
    me = await identity.actor_of(request)
    try:
        made = await _join(request, me, guest)
    except AddressKnown:
        return forms.back("/invitation", token=token, problem="known")
    except DomainError as problem:
        return forms.back("/invitation", token=token, problem=problem.field or "over")
    return forms.signed_in(made, f"/invitation?token={token}")


async def _join(request: Request, me: Actor, guest: engagements.Guest) -> accounts.SignedIn:
    async with transaction(me) as tx:
        invited = await queries.invited(tx, me, guest.token)
    clean = engagements.check_guest(guest, invited.email)
    # hashing takes its time on purpose and must not hold a transaction open
    password_hash = await accounts.prepare_password(clean.password)
    old, _ = cookies.read(request.headers.get("cookie", ""))
    async with transaction(me) as tx:
        user_id = await engagements.join(tx, me, clean, password_hash)
        return await accounts.begin_session(
            tx, me, user_id, forms.device(request), remember=False, old_token=old
        )


async def take_sheet(request: Request) -> Response:
    """The raw CSV as body; answers {"url"} of the page that shows it, or {"error"} in words."""
    me = await identity.actor_of(request)
    if me.person_id is None:
        return JSONResponse({"error": t("Please sign in to do that.")}, 401)
    if not limits.allow("sheet", me.label):
        return JSONResponse({"error": limits.words("sheet")}, 429)
    try:
        raw = await body(request, SHEET_BYTES, t("Choose a file of up to 500 people."))
        async with transaction(me) as tx:
            await engagements.keep_sheet(tx, me, raw)
    except DomainError as problem:
        return JSONResponse({"error": problem.message}, 422)
    return JSONResponse({"url": "/invitations/many"})


routes = [
    Route("/auth/invitation", join, methods=["POST"]),
    Route("/files/invitations", take_sheet, methods=["POST"]),
]
