"""Signing in and out: native form posts: password managers work, cookies are HttpOnly.

A refused form goes back to its page with a short code in the address; the page has the words. What
was typed is never put into an address. Signing up sets no cookie and is an ordinary page handler.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts.errors import (
    LinkExpired,
    LinkUsed,
    NotVerified,
    StepUpNeeded,
)
from loom_app.http import cookies, identity
from loom_app.http.forms import address, back, device, field, onward, signed_in
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, TooMany
from loom_app.kit.security import limits, passwords
from loom_app.kit.security.paths import safe_path


async def verify(request: Request) -> Response:
    form = await request.form()
    if not await limits.admit("verify", address(request)):
        return back("/verify", problem="slow")
    me = await identity.actor_of(request)
    try:
        async with transaction(me) as tx:
            made = await accounts.verify(tx, me, field(form, "token"), device(request))
    except LinkUsed:
        return back("/verify", problem="used")
    except LinkExpired:
        return back("/verify", problem="expired")
    except DomainError:
        return back("/verify", problem="unknown")
    return signed_in(made, made.return_to)


async def new_link(request: Request) -> Response:
    """Ask for another verification mail; the answer is the same for every address."""
    form = await request.form()
    if await limits.admit("link", address(request)):
        me = await identity.actor_of(request)
        async with transaction(me) as tx:
            await accounts.ask_verification(
                tx, me, field(form, "email"), return_to=onward(request, form)
            )
    return back("/check-mail", again="1")


async def sign_in(request: Request) -> Response:
    form = await request.form()
    email, password = field(form, "email"), field(form, "password", 200)
    next_path = onward(request, form)
    remember = field(form, "remember") == "on"
    me = await identity.actor_of(request)
    if not await limits.admit("sign_in", address(request)):
        return back("/sign-in", problem="slow", next=next_path)
    try:
        async with transaction(me) as tx:
            await accounts.begin_try(tx, email)
            found = await accounts.find_credential(tx, email)
        # hashing takes its time on purpose and must not hold a transaction open
        if not await passwords.verify_password(found[1] if found else None, password):
            async with transaction(me) as tx:
                await accounts.note_failed_sign_in(tx, email)
            return back("/sign-in", problem="wrong", next=next_path)
        assert found is not None  # noqa: S101 - nobody's hash never verifies
        if passwords.outdated(found[1]):
            renewed = await passwords.hash_password(password)
            async with transaction(me) as tx:
                await accounts.renew_hash(tx, *found, renewed)
        return await begin(request, me, found[0], email, remember=remember, next_path=next_path)
    except TooMany as slow:
        return back(
            "/sign-in", problem="wait", seconds=str(round(slow.retry_after) or 1), next=next_path
        )


async def begin(
    request: Request, me: Actor, user_id: int, email: str, *, remember: bool, next_path: str
) -> Response:
    """After the first factor: signed in, or sent to the second, or to confirm the address. `email`
    names the account whose failures are forgotten then."""
    old, _ = cookies.read(request.headers.get("cookie", ""))
    try:
        async with transaction(me) as tx:
            made = await accounts.begin_session(
                tx,
                me,
                user_id,
                device(request),
                remember=remember,
                old_token=old,
                return_to=next_path,
            )
            await accounts.forget_failures(tx, email)
    except NotVerified:
        async with transaction(me) as tx:
            await accounts.forget_failures(tx, email)
            await accounts.send_verification(tx, me, user_id, return_to=next_path)
        return back("/check-mail", next=next_path)
    return signed_in(made, next_path)


async def code(request: Request) -> Response:
    """The second step of signing in: a code of the app, or a recovery code."""
    form = await request.form()
    if not await limits.admit("code", address(request)):
        return back("/sign-in/code", problem="slow")
    me = await identity.actor_of(request)
    header = request.headers.get("cookie", "")
    try:
        async with transaction(me) as tx:
            made = await accounts.pass_second_step(
                tx,
                me,
                cookies.read_step(header),
                field(form, "code", 60),
                device(request),
                old_token=cookies.read(header)[0],
            )
    except TooMany as slow:
        wait = str(round(slow.retry_after) or 1)
        return back("/sign-in/code", problem="wait", seconds=wait)
    except DomainError:
        response = back("/sign-in", problem="over")
        cookies.set_step(response, "")
        return response
    if made is None:
        return back("/sign-in/code", problem="code")
    response = signed_in(made, made.return_to)
    cookies.set_step(response, "")
    return response


async def password(request: Request) -> Response:
    """Change one's own password; this browser stays signed in under a new cookie."""
    form = await request.form()
    page = "/settings/security"
    me = await identity.actor_of(request)
    if me.person_id is None:
        return back("/sign-in", next=page)
    try:
        renewed = await accounts.change_password(
            me, field(form, "current", 200), field(form, "password", 200)
        )
    except StepUpNeeded:
        return back("/confirm-it-is-you", next=page)
    except TooMany as slow:
        return back(page, problem="wait", seconds=str(round(slow.retry_after) or 1))
    except DomainError as problem:
        return back(page, problem="current" if problem.field == "current" else "weak")
    return _renewed(back(page, done="password"), renewed)


async def renew(request: Request) -> Response:
    """A new cookie after what this sign-in may do has changed."""
    form = await request.form()
    me = await identity.actor_of(request)
    async with transaction(me) as tx:
        renewed = await accounts.renew_now(tx, me)
    return _renewed(back(safe_path(field(form, "next"), "/settings/security")), renewed)


def _renewed(response: Response, renewed: accounts.Renewed | None) -> Response:
    if renewed is not None:
        cookies.set_session(response, renewed.token, max_age=renewed.max_age)
    return response


async def sign_out(request: Request) -> Response:
    form = await request.form()
    me = await identity.actor_of(request)
    token, _ = cookies.read(request.headers.get("cookie", ""))
    async with transaction(me) as tx:
        if field(form, "everywhere") and me.person_id is not None:
            await accounts.sign_out_everywhere(tx, me)
        if token:
            await accounts.sign_out(tx, me, token)
    response = RedirectResponse("/", 303)
    cookies.clear_session(response)
    return response


async def confirm(request: Request) -> Response:
    """Prove that the person is there, and go on to where it was asked for."""
    form = await request.form()
    next_path = safe_path(field(form, "next"), "/settings/security")
    me = await identity.actor_of(request)
    if me.person_id is None:
        return back("/sign-in", next=next_path)
    try:
        await accounts.prove(me, field(form, "secret", 200))
    except TooMany as slow:
        wait = str(round(slow.retry_after) or 1)
        return back("/confirm-it-is-you", problem="wait", seconds=wait, next=next_path)
    except DomainError:
        return back("/confirm-it-is-you", problem="wrong", next=next_path)
    return RedirectResponse(next_path, 303)


routes = [
    Route("/auth/code", code, methods=["POST"]),
    Route("/auth/password", password, methods=["POST"]),
    Route("/auth/renew", renew, methods=["POST"]),
    Route("/auth/confirm", confirm, methods=["POST"]),
    Route("/auth/verify", verify, methods=["POST"]),
    Route("/auth/link", new_link, methods=["POST"]),
    Route("/auth/sign-in", sign_in, methods=["POST"]),
    Route("/auth/sign-out", sign_out, methods=["POST"]),
]
