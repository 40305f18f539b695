"""Paying from a page of ours: by what is saved, or by going to the page of Stripe."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import reflex as rx

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.errors import PaymentRefused, PaymentUnavailable
from loom_app.kit.settings import settings
from loom_app.ui.problems import Problems
from loom_app.ui.session import minding

PAY_HOSTS = frozenset({"checkout.stripe.com"})


def may_leave_for(url: str) -> bool:
    """Only our own address and Stripe's page: an answer from elsewhere sends nobody away."""
    here, there = urlsplit(settings().base_url), urlsplit(url)
    if (there.scheme, there.netloc) == (here.scheme, here.netloc):
        return True
    return there.scheme == "https" and there.hostname in PAY_HOSTS


class Leaving(Problems, mixin=True):
    """`paying` while the click is at work; `checkout_url` is where the browser goes then."""

    paying: bool = False
    checkout_url: str = ""

    async def _leave(self, url: str) -> AsyncIterator[Any]:
        """To the next page of ours, or to Stripe's; "" stays here."""
        if url.startswith("/"):
            yield rx.redirect(url)
        elif url and may_leave_for(url):
            self.checkout_url = url
            yield None
            self.checkout_url = ""  # coming back by the back button must not leave again
        else:
            self.paying = False

    async def _pay(self, charge_id: int, way: Way, done: str) -> str | None:
        """Where to go on: `done`, or Stripe's page; "": the person was told why not. None: the
        bank wants to see the owner of the saved card, and only the page can do that."""
        url: str | None = ""
        async with minding(self):
            try:
                url = (await payments.pay(charge_id)).url or done
            except PaymentRefused as problem:
                if problem.code != "authentication_required":
                    raise
                url = None
            except PaymentUnavailable:
                if way.method_id is None:
                    raise
                url = done  # it may have been taken: the next page waits for the truth
        return url
