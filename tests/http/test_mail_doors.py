"""Ending mails of a topic by a link, and what carriers tell of mails that came back."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from sqlalchemy import text

from loom_app.domains.notifications import bounces, unsubscribing, wishes
from loom_app.domains.notifications.actions import notify
from loom_app.domains.notifications.catalogue import topic
from loom_app.integrations.mail import mailbox
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.security import tokens
from loom_app.kit.settings import settings
from tests.factories.accounts import make_user

SECRET = "a-secret-of-the-mail-webhook"
SOON = {"minor": 8500, "currency": "USD", "expires_at": "2027-01-31T00:00:00+00:00"}
PAGE = {"accept": "text/html"}


async def send(me, key="1", event="payment.credit_expiring", **facts) -> int:
    """How many mails there are afterwards."""
    async with transaction(me) as tx:
        await notify(tx, me.require_person(), event, key=key, facts=facts or SOON)
    await outbox.drain()
    return len(await mailbox.newest())


async def link_of_newest() -> str:
    message = (await mailbox.newest())[0].message
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    header = message["List-Unsubscribe"]
    assert header.startswith("<http")
    assert header.endswith(">")
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert header[1:-1] in body.get_content()
    return header[1:-1].removeprefix(settings().base_url)


async def test_a_mail_program_ends_a_topic_without_a_page_or_a_cookie(browser):
    ben = await make_user()
    await send(ben)
    link = await link_of_newest()
    browser.headers.pop("origin")
    answer = await browser.post(
        link, data={"List-Unsubscribe": "One-Click"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 200
    assert await send(ben, "2") == 1
    assert await send(ben, "3", "account.password", at="2026-11-21T12:00Z") == 2


async def test_the_page_asks_first_and_there_is_a_way_back(browser):
    ben = await make_user()
    await send(ben)
    link = await link_of_newest()
    asked = await browser.get(link, headers=PAGE)
    assert "No more mail about this?" in asked.text
    assert await send(ben, "2") == 2  # looking changes nothing
    for value, said in (("off", "No more mail about this"), ("on", "You get mail about this")):
        answer = await browser.post(link, data={"mail": value}, headers=PAGE)
        assert f"<h1>{said}" in answer.text
    assert await send(ben, "3") == 3
    async with transaction(ben) as tx:
        assert (await wishes.mine(tx, ben)).chosen == {}


async def test_only_our_links_for_what_may_be_switched_off(browser):
    ben = await make_user()
    number = ben.require_person()
    assert await send(ben, event="account.password", at="2026-11-21T12:00Z") == 1
    assert (await mailbox.newest())[0].message["List-Unsubscribe"] is None
    assert unsubscribing.foot(topic("links"), number).links == ()
    forged = tokens.signed(f"{number}:packages", "email-link")
    fixed = tokens.signed(f"{number}:security", unsubscribing.PURPOSE)
    gone = tokens.signed(f"{number}:gone", unsubscribing.PURPOSE)
    stranger = tokens.signed("999:packages", unsubscribing.PURPOSE)
    for token in (forged, fixed, gone, stranger, "x"):
        assert (await browser.post(f"/unsubscribe/{token}")).status_code == 404


@pytest.fixture
def secret(monkeypatch):
    monkeypatch.setenv("LOOM_MAIL_WEBHOOK_SECRET", SECRET)
    settings.cache_clear()
    yield SECRET
    monkeypatch.delenv("LOOM_MAIL_WEBHOOK_SECRET")
    settings.cache_clear()


def ours(told: object, key: str = SECRET) -> dict:
    raw = json.dumps(told).encode()
    mac = hmac.new(key.encode(), raw, hashlib.sha256).hexdigest()
    return {"content": raw, "headers": {"loom-signature": mac}}


def postmark(told: dict, key: str = SECRET) -> dict:
    basic = base64.b64encode(f"loom:{key}".encode()).decode()
    return {"json": told, "headers": {"authorization": f"Basic {basic}"}}


async def statuses(me) -> list[str]:
    async with transaction(me) as tx:
        rows = await tx.db.scalars(
            text("SELECT status FROM deliveries WHERE channel = 'mail' ORDER BY id")
        )
        return list(rows)


async def newest_delivery(me) -> int:
    async with transaction(me) as tx:
        return await tx.db.scalar(text("SELECT max(id) FROM deliveries WHERE channel = 'mail'"))


async def test_what_came_back_stops_mail_until_the_person_says_otherwise(browser, secret):
    ben = await make_user(email="ben@loom.test")
    await send(ben)
    number = await newest_delivery(ben)
    assert (await mailbox.newest())[0].message["X-PM-Metadata-delivery"] == str(number)
    told = {"kind": "bounced", "address": "BEN@loom.test", "delivery": number, "at": time.time()}
    for _ in range(2):  # told twice
        assert (await browser.post("/webhooks/mail", **ours(told))).text == "kept"
    assert await statuses(ben) == ["bounced"]
    assert await send(ben, "2") == 1
    assert await send(ben, "3", "account.password", at="2026-11-21T12:00Z") == 1
    assert await statuses(ben) == ["bounced", "dropped", "dropped"]
    async with transaction(ben) as tx:
        stopped = await bounces.mine(tx, ben)
        assert stopped is not None
        assert stopped.reason == "bounced"
        await bounces.works_again(tx, ben)
    await outbox.drain()
    assert (await mailbox.newest())[0].subject == "This is a test"
    assert await send(ben, "4") == 3


async def test_postmark_tells_of_hard_bounces_and_complaints(browser, secret):
    ben = await make_user(email="ben@loom.test")
    await send(ben)
    number = str(await newest_delivery(ben))
    soft = {"RecordType": "Bounce", "Type": "SoftBounce", "Email": "ben@loom.test"}
    assert (await browser.post("/webhooks/postmark", **postmark(soft))).text == "nothing to keep"
    assert await send(ben, "2") == 2
    spam: dict = {"RecordType": "SpamComplaint", "Email": "ben@loom.test"}
    spam["Metadata"] = {"delivery": number}
    assert (await browser.post("/webhooks/postmark", **postmark(spam))).text == "kept"
    assert await statuses(ben) == ["complained", "sent"]
    assert await send(ben, "3") == 2
    hard = soft | {"Type": "HardBounce", "Email": "mia@x.test"}
    assert (await browser.post("/webhooks/postmark", **postmark(hard))).text == "kept"


NOW = {"kind": "bounced", "address": "ben@loom.test"}


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("mail", lambda: ours(NOW | {"at": 1}), 401),  # told again long afterwards
        ("mail", lambda: ours(NOW), 401),
        ("mail", lambda: ours(NOW, "another"), 401),
        ("mail", lambda: ours([]), 400),
        ("mail", lambda: ours({"kind": "opened", "at": time.time()}), 400),
        ("mail", lambda: ours({"kind": "bounced", "address": 7, "at": time.time()}), 400),
        ("mail", lambda: {"content": b"x" * 200_001}, 413),
        ("postmark", lambda: postmark({}, "another"), 401),
        ("postmark", lambda: {"json": {}, "headers": {"authorization": "Basic %"}}, 401),
        ("postmark", lambda: {"json": {}, "headers": {"authorization": "Bearer x"}}, 401),
    ],
)
async def test_who_cannot_prove_it_stops_nothing(browser, secret, path, sent, status):
    assert (await browser.post(f"/webhooks/{path}", **sent())).status_code == status
    async with transaction(bounces.DOOR) as tx:
        assert await bounces.stopped(tx, "ben@loom.test") is None


async def test_without_a_secret_there_is_no_door(browser):
    assert (await browser.post("/webhooks/mail", **ours(NOW))).status_code == 404
