"""What Twilio tells us is believed by its signature alone; `/dev/phone` shows what would leave."""

import pytest

from loom_app.domains.notifications import phones
from loom_app.integrations.sms import client
from loom_app.kit.db.transaction import transaction
from tests.domains.notifications.carrier import Carrier, carrier, signed
from tests.domains.notifications.test_texts import NUMBER, given, outcomes, sid_of_newest, tell
from tests.factories.accounts import make_user

__all__ = ["carrier"]
ANSWER = "/webhooks/twilio/answer"


def said(words: str, sid: str = "SM1", **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": NUMBER, "Body": words, **more}


async def stage(me) -> str:
    async with transaction(me) as tx:
        found = await phones.mine(tx, me)
    return found.stage if found else ""


async def test_stop_and_start_by_answering(browser, carrier: Carrier):
    ben = await make_user()
    await given(ben, carrier)
    browser.headers.pop("origin")
    for values in ({}, {"x-twilio-signature": "x"}, signed(ANSWER, said("START"))):
        answer = await browser.post(ANSWER, data=said("STOP"), headers=values)
        assert answer.status_code == 403
    assert await stage(ben) == "on"
    answer = await browser.post(ANSWER, data=said("STOP"), headers=signed(ANSWER, said("STOP")))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<Message>Loom: no more text messages." in answer.text
    assert await stage(ben) == "stopped"
    # where Twilio answers by itself, we do not as well
    start = said("START", "SM2", OptOutType="START")
    answer = await browser.post(ANSWER, data=start, headers=signed(ANSWER, start))
    assert "<Message>" not in answer.text
    assert await stage(ben) == "on"


async def test_what_became_of_a_text(browser, carrier: Carrier):
    ben = await make_user()
    await given(ben, carrier)
    await tell(ben)
    sid = await sid_of_newest()
    told = {"MessageSid": sid, "MessageStatus": "undelivered", "ErrorCode": "30005"}
    path = "/webhooks/twilio/status?text=2"
    assert (await browser.post(path, data=told)).status_code == 403
    other = "/webhooks/twilio/status?text=x"
    assert (await browser.post(other, data=told, headers=signed(other, told))).status_code == 400
    assert (await browser.post(path, data=told, headers=signed(path, told))).status_code == 200
    assert await outcomes() == [("failed", "error 30005")]


async def test_without_twilio_its_doors_believe_nobody(browser):
    answer = await browser.post(ANSWER, data=said("STOP"), headers=signed(ANSWER, said("STOP")))
    assert answer.status_code == 403


@pytest.mark.parametrize("words", ["<b>Hello</b>"])
async def test_development_shows_them_on_a_page(browser, words):
    client.shown.clear()
    assert "No text messages yet" in (await browser.get("/dev/phone")).text
    await client.send(NUMBER, words)
    page = (await browser.get("/dev/phone")).text
    assert "&lt;b&gt;Hello&lt;/b&gt;" in page
    assert NUMBER in page
