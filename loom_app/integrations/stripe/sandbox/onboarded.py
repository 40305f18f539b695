"""An account whose owner has been through onboarding: for demo people, who fill in no forms."""

from typing import Any

from loom_app.integrations.stripe.sandbox import accounts, banks, times
from loom_app.integrations.stripe.sandbox.ticking import opened_now


async def onboard(account_id: str, *, name: str) -> None:
    """Give what is asked for, a test bank account too, and approve it."""
    first, _, last = name.partition(" ")
    given: dict[str, Any] = {
        "given_name": first,
        "surname": last or first,
        "phone": "+1 555 0100",
        "born": "1985-04-12",
        "line1": "12 Elm Street",
        "city": "Portland",
        "postal_code": "97201",
        "terms": times.iso(),
        "document": None,
    }
    async with opened_now() as book:
        account = await accounts.living(book, account_id)
        account = await accounts.give(book, account, given)
        arrives = banks.numbers(account["_country"])[0]
        await accounts.give_bank(book, account, arrives)
        account = await accounts.living(book, account_id)
        await accounts.decide(book, account, "approved")
