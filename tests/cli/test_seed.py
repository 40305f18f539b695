"""The demo practice: once, whole, and with books that balance."""

import re
from datetime import timedelta

import httpx
from sqlalchemy import create_engine, text
from starlette.applications import Starlette

from loom_app.cli import large, seed
from loom_app.cli.demo import practice
from loom_app.domains.accounts import queries as accounts
from loom_app.domains.notifications import mails
from loom_app.domains.notifications.samples import samples
from loom_app.http import mail_gallery
from loom_app.kit import clock
from loom_app.kit.settings import ROOT, settings


async def test_the_demo_is_seeded_once_and_its_books_balance(db, monkeypatch):
    for _ in range(2):
        await seed.demo()
    owner = create_engine(db)
    with owner.connect() as connection:

        def one(sql: str) -> object:
            return connection.execute(text(sql)).scalar()

        assert one("SELECT count(*) FROM coach_profiles WHERE status = 'published'") == 12
        assert one("SELECT count(*) FROM users") == 43
        assert int(str(one("SELECT count(*) FROM seats WHERE status = 'completed'"))) > 50
        assert int(str(one("SELECT count(*) FROM seats WHERE status = 'confirmed'"))) > 15
        assert int(str(one("SELECT count(*) FROM messages"))) > 100
        assert one("SELECT count(*) FROM seats WHERE status = 'held'") == 0
        assert one("SELECT sum(amount) FROM ledger_entries") == 0
        unpaid = (
            "SELECT count(*) FROM seats s WHERE s.status IN ('confirmed', 'completed')"
            " AND s.price_minor > 0 AND NOT EXISTS (SELECT 1 FROM charges c"
            " WHERE c.id = s.charge_id AND c.status = 'succeeded' AND c.amount = s.price_minor)"
            " AND s.package_id IS NULL"
        )
        assert one(unpaid) == 0
        # what the pages of waiting, series, packages and templates show
        assert one("SELECT count(*) FROM waitlist_entries WHERE status = 'waiting'") == 1
        assert one("SELECT max(series_no) FROM coaching_sessions WHERE status = 'confirmed'") == 5
        assert one("SELECT count(*) FROM session_templates") == 1
        # what the ledger calls earned is what was delivered, less the fee
        earned = (
            "SELECT -sum(e.amount) FROM ledger_entries e JOIN ledger_accounts a"
            " ON a.id = e.account_id WHERE a.kind IN ('coach_pending', 'coach_payable')"
        )
        delivered = (
            "SELECT sum(c.amount - c.fee) FROM charges c JOIN seats s ON s.charge_id = c.id"
            " WHERE s.status = 'completed'"
        )
        assert one(earned) == one(delivered)
        # whatever day it is: the page of earnings has something to pay out, and "Pay out now"
        day = (clock.now() + timedelta(days=3)).weekday()
        paid = f"SELECT count(*) FROM payout_accounts WHERE interval = 'weekly' AND anchor = {day}"
        assert one(paid) == 12
        # nothing that Stripe knows of is unheard and not on its way: the night finds none lost
        lost = (
            "SELECT count(*) FROM stripe_sandbox.objects o"
            " WHERE (kind = 'v2.core.event' OR kind LIKE 'v2.core.event@%')"
            " AND NOT EXISTS (SELECT 1 FROM external_events e WHERE e.event_id = o.data->>'id')"
            " AND NOT EXISTS (SELECT 1 FROM outbox_jobs j WHERE j.name = 'stripe_sandbox.deliver'"
            " AND j.payload->>'event_id' = o.data->>'id')"
        )
        assert one(lost) == 0
        handled = one("SELECT count(*) FROM external_events WHERE handled_at IS NOT NULL")
        assert int(str(handled)) > 100
        faces = connection.execute(text("SELECT avatar FROM users WHERE avatar <> ''")).scalars()
        assert all((ROOT / "assets" / face.lstrip("/")).is_file() for face in faces)
    owner.dispose()
    await the_gallery_shows_every_mail(db)


async def the_gallery_shows_every_mail(db: str) -> None:
    """Here, as the demo is the slow part: each event of the catalogue, and nothing is left over."""
    shown = await samples()
    assert [one.event for one in shown if one.mail is None] == []
    assert {one.event for one in shown} == set(mails.WRITERS)
    for one in shown:
        assert one.mail is not None
        assert not re.search(r"[{}]|None", one.mail.subject + one.mail.text), one.event
    app = Starlette(routes=mail_gallery.routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as browser:
        home = await browser.get("/dev/mail/gallery")
        assert home.text.count("<li>") == home.text.count("href='/dev/mail/gallery/") == len(shown)
        page = await browser.get("/dev/mail/gallery/session.booked")
        assert "/dev/mail/gallery/session.booked/dark" in page.text
        for look, rule in (("light", "@media not all {"), ("dark", "@media all {")):
            frame = await browser.get(f"/dev/mail/gallery/session.booked/{look}")
            assert rule in frame.text
        assert (await browser.get("/dev/mail/gallery/nothing")).status_code == 404
    owner = create_engine(db)
    with owner.connect() as connection:
        held = "SELECT count(*) FROM seats WHERE status = 'held'"
        assert connection.execute(text(held)).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM documents")).scalar() == 0
    owner.dispose()


async def test_a_database_without_a_demo_says_what_it_cannot_show(db):
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=Starlette(routes=mail_gallery.routes())),
        base_url="http://localhost:8000",
    ) as browser:
        home = await browser.get("/dev/mail/gallery")
    assert home.text.count("Nothing in this database") == len(mails.WRITERS)


def test_the_demo_password_would_be_accepted():
    assert accounts.password_strength(practice.PASSWORD, "Ada Lindqvist", "ada@loom.test") >= 3


def test_production_refuses_demo_people(monkeypatch, capsys):
    monkeypatch.setattr(type(settings()), "production", property(lambda _: True))
    assert seed.main(["--scale", "demo"]) == 1
    assert "Refused" in capsys.readouterr().out


async def test_the_large_practice_is_whole_and_its_books_balance(db):
    large.main(large.Sizes(coaches=20, clients=60, sessions=400, messages=600, pairs=60))
    owner = create_engine(db)
    with owner.connect() as connection:

        def one(sql: str) -> int:
            return int(str(connection.execute(text(sql)).scalar() or 0))

        assert one("SELECT count(*) FROM seats") == 400
        assert one("SELECT count(*) FROM messages") == 600
        for table, floor in (("packages", 60), ("places", 20), ("disputes", 2), ("notices", 1600)):
            assert one(f"SELECT count(*) FROM {table}") >= floor, table
        # what is sold is used, forfeited, refunded or left; what is left is what the entries say
        left = "SELECT sum(e.sessions) FROM package_entries e WHERE e.package_id = p.id"
        assert one(f"SELECT count(*) FROM packages p WHERE remaining <> ({left})") == 0
        # every payment stands in the ledger, whole
        paid = "SELECT sum(amount) FROM charges WHERE status = 'succeeded'"
        held = (
            "SELECT sum(e.amount) FROM ledger_entries e JOIN ledger_accounts a"
            " ON a.id = e.account_id WHERE a.kind = 'stripe_platform'"
        )
        assert one(paid) == one(held) > 0
        assert one("SELECT sum(amount) FROM ledger_entries") == 0
    owner.dispose()
