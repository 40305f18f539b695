"""A browser whose address of pushes changed says so by its service worker, which has no page."""

import pytest

from loom_app.domains.notifications import devices
from loom_app.http import policy
from loom_app.kit.db.transaction import transaction
from tests.domains.accounts.people import read, signed_in, token_of
from tests.domains.notifications.gateway import Gateway, gateway

__all__ = ["gateway"]


def body(former: str, phone) -> dict:
    now = phone.subscription
    keys = {"p256dh": now.p256dh, "auth": now.auth}
    return {"former": former, "now": {"endpoint": now.endpoint, "keys": keys}}


async def test_a_changed_address_takes_the_place_of_ones_own_only(browser, gateway: Gateway):
    ben, eve = await signed_in(), await signed_in()
    tokens = {one: await token_of(one.require_person()) for one in (ben, eve)}
    before, after = await gateway.phone_of(ben), gateway.phone()
    told = body(before.subscription.endpoint, after)
    assert (await browser.post("/push/renewed", json=told)).status_code == 401
    for who, status in ((eve, 404), (ben, 200), (ben, 404)):
        cookie = {"cookie": f"loom_session={tokens[who]}"}
        answer = await browser.post("/push/renewed", json=told, headers=cookie)
        assert answer.status_code == status
    me = await read(tokens[ben])
    async with transaction(me) as tx:
        assert await devices.is_here(tx, me, after.subscription.endpoint) == "on"
        assert await devices.is_here(tx, me, before.subscription.endpoint) == "off"


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        {"former": 1, "now": {"endpoint": "x", "keys": {"p256dh": "x", "auth": "x"}}},
        {"former": "x", "now": {"endpoint": "x\0", "keys": {"p256dh": "x", "auth": "x"}}},
        {"former": "x", "now": {"endpoint": "x", "keys": None}},
    ],
)
async def test_nonsense_is_refused_and_other_sites_are(browser, told):
    me = await signed_in()
    cookie = {"cookie": f"loom_session={await token_of(me.require_person())}"}
    assert (await browser.post("/push/renewed", json=told, headers=cookie)).status_code == 400
    elsewhere = {**cookie, "origin": "https://evil.test", "sec-fetch-site": "cross-site"}
    assert (await browser.post("/push/renewed", json=told, headers=elsewhere)).status_code == 403


def test_the_worker_may_speak_to_us_and_to_nobody_else():
    headers = policy.response_headers("/sw.js", "text/javascript", "http://localhost:8000")
    assert headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert headers["cache-control"] == "no-cache"
    page = policy.response_headers("/sessions", "text/html", "http://localhost:8000")
    assert "worker-src 'self'" in page["content-security-policy"]
