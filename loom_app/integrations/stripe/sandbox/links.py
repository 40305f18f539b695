"""Links to the sandbox's own pages: each works once and not for long."""

import secrets
from datetime import UTC, datetime
from typing import Any

from loom_app.integrations.stripe.sandbox import accounts, objects, times
from loom_app.integrations.stripe.sandbox.addresses import page_url
from loom_app.integrations.stripe.sandbox.book import Book
from loom_app.integrations.stripe.sandbox.errors import invalid

Params = dict[str, Any]
LINK_SECONDS = 5 * 60
VISIT_SECONDS = 60 * 60


async def create(book: Book, _: dict[str, str], params: Params) -> Params:
    """POST /v2/core/account_links."""
    account = await accounts.living(book, params["account"])
    case = params["use_case"]
    kind = case["type"]
    if kind not in case:
        raise invalid(f"Missing required param: use_case.{kind}.", param=f"use_case.{kind}")
    urls = case[kind]
    expires = times.stamp() + LINK_SECONDS
    token = await _keep(
        book,
        "sandbox.link",
        account["id"],
        expires,
        update=kind == "account_update",
        urls={name: urls.get(name) for name in ("refresh_url", "return_url")},
    )
    return {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": times.iso(),
        "expires_at": times.iso(datetime.fromtimestamp(expires, UTC)),
        "livemode": False,
        "url": page_url(f"onboarding/start/{token}"),
        "use_case": {
            "type": kind,
            kind: {
                "collection_options": urls.get("collection_options"),
                "refresh_url": urls["refresh_url"],
                "return_url": urls.get("return_url"),
            },
        },
    }


async def login(book: Book, path: dict[str, str], _: Params) -> Params:
    """POST /v1/accounts/{id}/login_links: for accounts that went through onboarding."""
    account = await accounts.living(book, path["id"])
    if not accounts.is_submitted(account):
        raise invalid(
            "Cannot create a login link for an account that has not completed onboarding."
        )
    token = await _keep(book, "sandbox.login", account["id"], times.stamp() + LINK_SECONDS)
    return {
        "object": "login_link",
        "created": objects.stamp(),
        "url": page_url(f"express/start/{token}"),
    }


async def _keep(book: Book, kind: str, account_id: str, expires: int, **fields: Any) -> str:
    token = secrets.token_urlsafe(24)
    kept = {"id": token, "object": kind, "account": account_id, "expires": expires, **fields}
    await book.put(kept)
    return token


async def spend(book: Book, kind: str, token: str) -> tuple[Params | None, str | None]:
    """Use a link: (the link, the token of the visit it begins), which is None for a spent one."""
    link = await book.find(kind, token, lock=True)
    if link is None or link.get("spent") or link["expires"] <= times.stamp():
        return link, None
    await book.put(link | {"spent": True})
    rest = {k: link[k] for k in ("update", "urls") if k in link}
    until = times.stamp() + VISIT_SECONDS
    return link, await _keep(book, f"{kind}.visit", link["account"], until, **rest)


async def visit(book: Book, kind: str, token: str) -> Params | None:
    """The visit that a link began, while it lasts."""
    found = await book.find(f"{kind}.visit", token, lock=True)
    return found if found and found["expires"] > times.stamp() else None
