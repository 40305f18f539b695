"""The admin page over HTTP: who comes in, what they see, and that every change has its reason."""

import re
import uuid

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.moderation import actions as moderation
from loom_app.domains.moderation import queries as cases
from loom_app.domains.operations.listings import listings
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk
from tests.http.test_staff_files import sign_in

PAGE = {"accept": "text/html"}


@pytest.fixture
async def sam(browser) -> Actor:
    sam = await make_user(name="Sam", roles=["staff"])
    await sign_in(browser, sam)
    return sam


async def staff_of(browser, *permissions: str) -> Actor:
    """Somebody whose role is exactly this."""
    kim = await make_user(name="Kim")
    async with transaction(Actor.system_job("accounts.staff")) as tx:
        await tx.db.execute(
            text(
                "WITH r AS (INSERT INTO staff_roles (name, permissions) VALUES ('K', :p)"
                " RETURNING id) INSERT INTO staff_members SELECT id, :u, now() FROM r"
            ),
            {"p": list(permissions), "u": kim.person_id},
        )
    await sign_in(browser, kim)
    return kim


async def trail(verb: str):
    async with transaction(Actor.system_job("audit.test")) as tx:
        found = await tx.db.execute(
            text(
                "SELECT actor, subject_id, before, after, reason FROM audit_entries WHERE verb = :v"
            ),
            {"v": verb},
        )
        return [tuple(row) for row in found]


async def token(browser) -> str:
    page = await browser.get("/admin/", headers=PAGE)
    assert page.status_code == 200, page.text
    return browser.cookies["starlette_admin_csrftoken"]


async def act(browser, key: str, name: str, *ids: int | None, **form: str):
    """On these rows; without any, on all that there are."""
    which = {"pks": [str(one) for one in ids]} if ids else {"all": "1"}
    return await browser.post(
        f"/admin/_api/{key}/action",
        params={"name": name, **which},
        data=form,
        headers={"X-CSRFToken": await token(browser)},
    )


async def test_visitors_sign_in_and_staff_without_a_factor_set_it_up(browser):
    answer = await browser.get("/admin/people/list", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/admin/")
    sam = await make_user(name="Sam", roles=["staff"])
    await sign_in(browser, sam)
    async with transaction(Actor.system_job("accounts.session")) as tx:
        await tx.db.execute(text("UPDATE auth_sessions SET mfa = false"))
    answer = await browser.get("/admin/", headers=PAGE)
    assert answer.headers["location"] == "/settings/security"


@pytest.mark.parametrize("role", ["client", "coach"])
async def test_for_clients_and_coaches_nothing_is_there(browser, role):
    await sign_in(browser, await make_user(name="Ben", roles=[role]))
    for path in ("/admin/", "/admin/people/list", "/admin/ledger/detail?pk=1"):
        assert (await browser.get(path, headers=PAGE)).status_code == 404


async def test_a_role_sees_its_lists_and_no_other(browser):
    await staff_of(browser, "money.see")
    page = (await browser.get("/admin/", headers=PAGE)).text
    assert "/admin/ledger/list" in page
    assert "/admin/people/list" not in page
    assert (await browser.get("/admin/payments/list", headers=PAGE)).status_code == 200
    for path in ("people/list", "people/edit?pk=1", "jobs/list", "payments/edit?pk=1"):
        assert (await browser.get(f"/admin/{path}", headers=PAGE)).status_code == 403
    answer = await act(browser, "people", "end", 1, reason="Why not")
    assert answer.status_code == 400
    assert await trail("account.end_by_staff") == []


async def test_scripts_run_by_a_nonce_that_is_new_each_time(browser, sam):
    seen = set()
    for path in ("", "people/list", "people/list", f"people/detail?pk={sam.person_id}"):
        page = await browser.get(f"/admin/{path}", headers=PAGE)
        rule = page.headers["content-security-policy"]
        (nonce,) = re.findall(r"script-src 'nonce-([\w-]+)'", rule)
        assert "unsafe-inline" not in rule.replace("style-src 'self' 'unsafe-inline'", "")
        scripts = re.findall(r"<script[^>]*>", page.text)
        assert scripts
        assert all(f'nonce="{nonce}"' in one for one in scripts)
        assert "https://" not in re.sub(r"https?://localhost:8000", "", rule)
        assert "rsms.me" not in page.text
        seen.add(nonce)
    assert len(seen) == 4


async def test_people_are_found_filtered_and_sorted(browser, sam):
    await make_user(name="Zoe Quist", email="zoe@loom.test")
    await make_user(name="Ben 100%")
    found = (await browser.get("/admin/people/list?q=quist", headers=PAGE)).text
    assert "zoe@loom.test" in found
    assert "Ben 100%" not in found
    found = (await browser.get("/admin/people/list?q=100%25", headers=PAGE)).text
    assert "Ben 100%" in found
    assert "Zoe" not in found
    only = {"filter": "staff__contains=owner"}
    assert "Zoe" not in (await browser.get("/admin/people/list", params=only, headers=PAGE)).text
    page = (await browser.get("/admin/people/list?sort=name__desc", headers=PAGE)).text
    assert page.index("Zoe Quist") < page.index("Ben 100%")
    assert (await browser.get("/admin/people/list?filter=x__eq=y", headers=PAGE)).status_code == 400


async def paid_and_given_back(payer: Actor, coach: Actor) -> dict[str, int]:
    """A payment of 50 dollars with a refund, a package that it bought, and a payout."""
    who = {"payer": payer.require_person(), "coach": coach.require_person()}
    made: dict[str, int] = {}
    async with transaction(Actor.system_job("payments.test")) as tx:
        charge = text(
            "INSERT INTO charges (payable_kind, payable_id, payer_id, coach_id, amount, currency,"
            " fee_bps, fee_fixed, fee, description, return_path, cancel_path, status, intent_id,"
            " expires_at, paid_at) VALUES ('package', 1, :payer, :coach, 5000, 'USD', 1000, 0, 500,"
            " 'Five sessions', '/', '/', 'succeeded', 'pi_77', now(), now()) RETURNING id"
        )
        made["payments"] = await tx.db.scalar(charge, who) or 0
        refund = text(
            "INSERT INTO refunds (charge_id, amount, currency, reason, status)"
            " VALUES (:charge, 1250, 'USD', 'goodwill', 'succeeded') RETURNING id"
        )
        made["refunds"] = await tx.db.scalar(refund, {"charge": made["payments"]}) or 0
        payout = text(
            "INSERT INTO payouts (coach_id, amount, currency, status, asked_by)"
            " VALUES (:coach, 3250, 'USD', 'in_transit', 'schedule') RETURNING id"
        )
        made["payouts"] = await tx.db.scalar(payout, {"coach": who["coach"]}) or 0
    return made


async def bought(client: Actor, coach: Actor) -> int:
    async with transaction(Actor.system_job("packages.test")) as tx:
        who = {"client": client.require_person(), "coach": coach.require_person()}
        offer = await tx.db.scalar(
            text(
                "INSERT INTO package_offers (coach_id, name, sessions, price_minor, currency,"
                " months, offering_ids) VALUES (:coach, 'Spring five', 5, 40000, 'USD', 6, '{1}')"
                " RETURNING id"
            ),
            {"coach": who["coach"]},
        )
        made = text(
            "INSERT INTO packages (offer_id, coach_id, client_id, name, sessions, price_minor,"
            " currency, months, offering_ids) VALUES (:offer, :coach, :client, 'Spring five', 5,"
            " 40000, 'USD', 6, '{1}') RETURNING id"
        )
        return await tx.db.scalar(made, {**who, "offer": offer}) or 0


async def test_money_is_followed_from_the_payer_to_the_refund_and_the_payout(browser, sam):
    ada, ben, _ = await make_pair()
    made, package = await paid_and_given_back(ben, ada), await bought(ben, ada)
    person = (await browser.get(f"/admin/people/detail?pk={ben.person_id}", headers=PAGE)).text
    for way in (f"payments/list?filter=payer_id__eq={ben.person_id}", "packages/list?filter="):
        assert f"/admin/{way}" in person
    way = f"/admin/payments/list?filter=payer_id__eq={ben.person_id}"
    found = (await browser.get(way, headers=PAGE)).text
    assert "Five sessions" in found
    assert "$50" in found
    number = made["payments"]
    payment = (await browser.get(f"/admin/payments/detail?pk={number}", headers=PAGE)).text
    assert f"/admin/refunds/list?filter=payment__eq={number}" in payment
    way = f"/admin/refunds/list?filter=payment__eq={number}&sort=amount__desc"
    found = (await browser.get(way, headers=PAGE)).text
    assert "$12.50" in found
    other = f"/admin/refunds/list?filter=payment__eq={number + 1}"
    assert "$12.50" not in (await browser.get(other, headers=PAGE)).text
    way = f"/admin/payouts/list?filter=coach_id__eq={ada.person_id}&q=Ada"
    assert "$32.50" in (await browser.get(way, headers=PAGE)).text
    page = (await browser.get(f"/admin/packages/detail?pk={package}", headers=PAGE)).text
    assert "Spring five" in page
    assert f"/admin/people/detail?pk={ben.person_id}" in page


async def test_of_a_conversation_staff_see_who_and_how_many_and_never_a_word(browser, sam):
    ada, ben, talk = await make_pair()
    other = await make_talk(ada, await make_user(name="Zoe Quist"))
    async with transaction(ben) as tx:
        draft = messaging.Draft(str(uuid.uuid4()), "My secret is the lighthouse")
        await messaging.send(tx, ben, talk, draft)
    way = f"/admin/conversations/list?filter=people__has={ben.person_id}"
    found = (await browser.get(way, headers=PAGE)).text
    assert "Ben Okafor" in found
    assert "Zoe Quist" not in found
    page = (await browser.get(f"/admin/conversations/detail?pk={talk}", headers=PAGE)).text
    assert f"/admin/people/detail?pk={ada.person_id}" in page
    table = (await act(browser, "conversations", "export", scope="all", format="csv")).text
    assert f"{ada.person_id}, {ben.person_id}" in table
    assert str(other) in table
    for words in (found, page, table):
        assert "lighthouse" not in words
    assert await trail("conversations.look") == [(sam.label, talk, None, None, "")]


async def test_who_sees_payments_follows_no_link_to_a_list_that_is_not_theirs(browser):
    ada, ben, _ = await make_pair()
    made = await paid_and_given_back(ben, ada)
    await staff_of(browser, "money.see")
    page = await browser.get(f"/admin/payments/detail?pk={made['payments']}", headers=PAGE)
    assert "/admin/refunds/list" in page.text
    assert "/admin/people/detail" not in page.text
    for key in ("people", "conversations", "sessions"):
        assert (await browser.get(f"/admin/{key}/list", headers=PAGE)).status_code == 403


@pytest.mark.parametrize("key", list(listings()))
async def test_every_list_opens_and_leaves_as_a_table(browser, sam, key):
    assert (await browser.get(f"/admin/{key}/list?q=5", headers=PAGE)).status_code == 200
    assert (await browser.get(f"/admin/{key}/detail?pk=x", headers=PAGE)).status_code == 404
    answer = await act(browser, key, "export", scope="all", format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    (entry,) = await trail("admin.export")
    assert (entry[0], entry[3]["list"]) == (sam.label, key)


async def test_a_report_is_decided_in_the_queue_alone(browser, sam):
    ada, ben, _ = await make_pair()
    async with transaction(ben) as tx:
        await moderation.report(tx, ben, ada.require_person(), reason="spam", words="Adverts")
    async with transaction(sam) as tx:
        (case,) = await cases.queue(tx, sam)
    assert f"{case.case.id}" in (await browser.get("/admin/reports/list", headers=PAGE)).text
    await act(browser, "reports", "close", case.case.id, reason="Spoke with them")
    async with transaction(sam) as tx:
        assert [one.case for one in await cases.queue(tx, sam)] == [case.case]


async def test_a_name_is_corrected_with_a_reason_and_in_the_trail(browser, sam):
    rude = await make_user(name="Rude Name")
    path, form = f"/admin/people/edit?pk={rude.person_id}", {"csrftoken": await token(browser)}
    form |= {"name": "Ruth", "reason": ""}
    assert (await browser.post(path, data=form)).status_code == 422
    answer = await browser.post(path, data=form | {"name": "", "reason": "Offends"})
    assert answer.status_code == 422
    assert (await browser.post(path, data=form | {"reason": "Offends"})).status_code == 303
    assert "Ruth" in (await browser.get("/admin/people/list", headers=PAGE)).text
    ((actor, on, _, _, reason),) = await trail("account.correct_name")
    assert (actor, on, reason) == (sam.label, rude.person_id, "Offends")


async def test_a_form_without_our_token_changes_nothing(browser, sam):
    ben = await make_user(name="Ben")
    form = {"name": "Other", "reason": "x"}
    for headers in ({}, {"X-CSRFToken": "forged"}):
        answer = await browser.post(
            f"/admin/people/edit?pk={ben.person_id}", data=form, headers=headers
        )
        assert answer.status_code == 403
    assert await trail("account.correct_name") == []


async def test_sign_ins_end_in_bulk_with_a_reason_and_a_fresh_proof(browser, sam):
    people = [await make_user(name="Ben"), await make_user(name="Eva")]
    ids = [one.person_id for one in people]
    assert (await act(browser, "people", "end", *ids)).status_code == 400
    assert await trail("account.end_by_staff") == []
    assert (await act(browser, "people", "end", *ids, reason="Stolen")).status_code == 200
    assert {row[1] for row in await trail("account.end_by_staff")} == set(ids)
    async with transaction(Actor.system_job("accounts.session")) as tx:
        await tx.db.execute(text("UPDATE auth_sessions SET proven_at = NULL"))
    answer = await act(browser, "people", "end", *ids, reason="Stolen")
    assert (answer.status_code, "Confirm that it is you" in answer.text) == (400, True)
    assert len(await trail("account.end_by_staff")) == 2
    page = await browser.get("/admin/people/list", headers=PAGE)
    assert "/confirm-it-is-you?next=/admin/people/list" in page.text


async def test_failed_work_runs_again_or_is_dropped_with_a_reason(browser, sam, monkeypatch):
    ran: list[dict[str, int]] = []

    async def handler(payload):
        ran.append(payload)

    monkeypatch.setitem(outbox._handlers, "thing.do", handler)
    async with transaction(outbox.WORKER) as tx:
        ids = list(
            await tx.db.scalars(
                text(
                    "INSERT INTO outbox_jobs (name, payload, run_at, attempts, last_error,"
                    " failed_at) SELECT 'thing.do', jsonb_build_object('n', n), now(), 12,"
                    " 'OSError: away', now() FROM generate_series(1, 2) n RETURNING id"
                )
            )
        )
    assert "OSError: away" in (await browser.get("/admin/jobs/list", headers=PAGE)).text
    assert (await act(browser, "jobs", "again", ids[0])).status_code == 200
    await outbox.drain()
    assert ran == [{"n": 1}]
    assert (await act(browser, "jobs", "drop", ids[1])).status_code == 400  # without a reason
    assert (await act(browser, "jobs", "drop", ids[1], reason="Nobody needs it")).status_code == 200
    await outbox.drain()
    assert ran == [{"n": 1}]
    assert "OSError: away" not in (await browser.get("/admin/jobs/list", headers=PAGE)).text
    assert (await trail("job.drop"))[0][4] == "Nobody needs it"
    assert (await trail("job.retry"))[0][1] == ids[0]
    assert (await act(browser, "jobs", "again", ids[1])).status_code == 400  # it is over


async def test_a_notification_that_failed_is_sent_again_or_dropped(browser, sam):
    async with transaction(Actor.system_job("notifications.test")) as tx:
        ids = list(
            await tx.db.scalars(
                text(
                    "INSERT INTO deliveries (user_id, event, channel, key, facts, status, attempts,"
                    " last_error) SELECT :u, 'test', 'mail', 'test:' || n, '{}', 'failed', 12,"
                    " 'refused' FROM generate_series(1, 2) n RETURNING id"
                ),
                {"u": sam.person_id},
            )
        )
    assert (await act(browser, "deliveries", "again", ids[0])).status_code == 200
    await outbox.drain()
    reason = "The address is gone"
    assert (await act(browser, "deliveries", "drop", ids[1], reason=reason)).status_code == 200
    async with transaction(Actor.system_job("notifications.test")) as tx:
        rows = await tx.db.execute(text("SELECT status FROM deliveries ORDER BY id"))
        assert [one for (one,) in rows][:2] == ["sent", "dropped"]
    assert (await trail("delivery.drop"))[0][2:] == (
        {"status": "failed"},
        {"status": "dropped"},
        reason,
    )


async def test_behind_tls_every_address_of_a_page_is_https(browser, monkeypatch):
    monkeypatch.setattr(settings(), "public_url", "https://localhost:8000")
    browser.base_url = "https://localhost:8000"
    browser.headers["origin"] = "https://localhost:8000"
    await sign_in(browser, await make_user(name="Sam", roles=["staff"]))
    browser.cookies.set("__Host-session", browser.cookies["loom_session"])
    page = (await browser.get("/admin/people/list", headers=PAGE)).text
    assert "https://localhost:8000/admin/static/" in page
    assert "http://localhost" not in page


async def test_all_rows_are_all_rows(browser, sam, monkeypatch):
    async def handler(_payload):
        done.append(1)

    done: list[int] = []
    monkeypatch.setitem(outbox._handlers, "thing.do", handler)
    async with transaction(outbox.WORKER) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO outbox_jobs (name, payload, run_at, attempts, failed_at)"
                " SELECT 'thing.do', '{}', now(), 12, now() FROM generate_series(1, 30)"
            )
        )
    table = (await act(browser, "jobs", "export", scope="all", format="csv")).text
    assert table.count("thing.do") == 30
    assert (await act(browser, "jobs", "again")).status_code == 200
    await outbox.drain()
    assert len(done) == 30


async def test_dropped_work_takes_along_what_it_would_have_sent(browser, sam):
    async with transaction(Actor.system_job("notifications.test")) as tx:
        await tx.db.execute(
            text(
                "INSERT INTO deliveries (user_id, event, channel, key, facts)"
                " VALUES (:u, 'test', 'mail', 'test:1', '{}'), (:u, 'test', 'mail', 'test:2', '{}')"
            ),
            {"u": sam.person_id},
        )
    async with transaction(outbox.WORKER) as tx:
        number = await tx.db.scalar(
            text(
                "INSERT INTO outbox_jobs (name, payload, run_at, attempts, failed_at) VALUES"
                " ('notifications.send', '{\"key\": \"test:1\"}', now(), 12, now()) RETURNING id"
            )
        )
    assert (await act(browser, "jobs", "drop", number, reason="Too late")).status_code == 200
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.scalars(text("SELECT status FROM deliveries ORDER BY id"))
        assert list(found)[:2] == ["dropped", "queued"]
