import asyncio
import contextlib
import email
import email.policy
import socket

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.engagements import actions as engagements
from loom_app.domains.notifications import bounces, jobs
from loom_app.integrations.mail import mailbox
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings
from tests.factories.accounts import PASSWORD, make_user

VISITOR = Actor(visitor="v" * 64)
MAILER = Actor.system_job("notifications.test")


async def sign_up(address: str = "ben@loom.test") -> None:
    form = accounts.SignUp("Ben Okafor", address, PASSWORD, "client", "Europe/Berlin")
    async with transaction(VISITOR) as tx:
        await accounts.sign_up(tx, VISITOR, accounts.check_sign_up(form), "hash")


async def statuses() -> list[str]:
    async with transaction(MAILER) as tx:
        return list(await tx.db.scalars(text("SELECT status FROM deliveries ORDER BY id")))


async def test_a_sign_up_mails_a_link_once(db):
    await sign_up()
    await outbox.drain()
    (mail,) = await mailbox.newest()
    assert (mail.recipient, mail.subject) == ("ben@loom.test", "Confirm your address")
    plain = mail.message.get_body(("plain",))
    assert plain is not None
    assert "/verify?token=1." in plain.get_content()
    async with transaction(Actor.system_job("test.again")) as tx:
        await tx.enqueue("notifications.mail", {"key": "account.verify:1:1"})
    await outbox.drain()
    assert len(await mailbox.newest()) == 1
    assert await statuses() == ["sent"]


async def test_a_known_address_gets_a_mail_that_says_so(db):
    await make_user(email="ben@loom.test")
    await sign_up("BEN@loom.test")
    await outbox.drain()
    assert [mail.subject for mail in await mailbox.newest()] == ["You already have an account"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A real SMTP server; `answers` are given in turn, then 250."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.taken = list(answers), []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if self.answers and self.answers[0].startswith("RCPT "):
            return self.answers.pop(0).removeprefix("RCPT ").encode("latin-1")
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer.startswith("250"):
            self.taken.append(
                email.message_from_bytes(envelope.content, policy=email.policy.default)
            )
        return answer


@pytest.fixture
def smtp(monkeypatch):
    controllers: list[Controller] = []

    def start(*answers: str) -> Server:
        server = Server(*answers)
        controller = Controller(server, hostname="127.0.0.1", port=free_port())
        controller.start()
        controllers.append(controller)
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
        settings.cache_clear()
        return server

    yield start
    for controller in controllers:
        controller.stop()
    monkeypatch.delenv("SMTP_URL", raising=False)
    settings.cache_clear()


async def test_smtp_gets_text_and_html(db, smtp):
    server = smtp()
    await sign_up()
    await outbox.drain()
    (mail,) = server.taken
    assert mail["to"] == "Ben Okafor <ben@loom.test>"
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}
    assert await statuses() == ["sent"]


@pytest.mark.parametrize(
    ("answer", "status", "stops"),
    [
        ("550 5.1.1 no such user", "bounced", True),
        ("550 5.7.1 your address is on a list", "failed", False),
        ("550 5.1.1 destinataire supprim\u00e9", "bounced", True),
    ],
)
async def test_an_address_that_is_not_there_gets_nothing_more(db, smtp, answer, status, stops):
    server = smtp(f"RCPT {answer}")
    await sign_up()
    await outbox.drain()
    assert (server.taken, await statuses()) == ([], [status])
    async with transaction(MAILER) as tx:
        found = await bounces.stopped(tx, "Ben@loom.test")
        # what is no UTF-8 is read as far as it can be
        said = answer.replace("\u00e9", "?")
        assert (found is not None and found.detail == said) is stops


async def test_a_crash_between_sending_and_noting_sends_the_same_mail_again(db, smtp, monkeypatch):
    """No protocol can do better: SMTP has no way to ask whether a mail was taken. Its Message-ID is
    the same, by which mail servers and programs know a mail that they have."""
    server, record = smtp(), jobs._end

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(jobs, "_end", killed)
    await sign_up()
    with contextlib.suppress(asyncio.CancelledError):
        await jobs.send({"key": "account.verify:1:1"})
    monkeypatch.setattr(jobs, "_end", record)
    assert (len(server.taken), await statuses()) == (1, ["queued"])
    await outbox.drain()
    await outbox.drain()
    assert await statuses() == ["sent"]
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"] != ""


async def test_a_server_that_is_down_delays_the_mail_and_nothing_else(db, smtp, at):
    at("2026-11-21T12:00:00+00:00")
    server = smtp("451 try later")
    await sign_up()
    await outbox.drain()
    assert (server.taken, await statuses()) == ([], ["queued"])
    at("2026-11-21T12:01:00+00:00")
    await outbox.drain()
    assert (len(server.taken), await statuses()) == (1, ["sent"])


async def test_a_server_that_is_not_there_keeps_the_mail_queued(db, monkeypatch):
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:9")
    settings.cache_clear()
    await sign_up()
    await asyncio.wait_for(outbox.drain(), 30)
    assert await statuses() == ["queued"]
    monkeypatch.delenv("SMTP_URL")
    settings.cache_clear()


async def test_no_invitation_goes_to_an_address_that_is_not_there(db, smtp):
    server = smtp("RCPT 550 5.1.1 no such user")
    ada = await make_user(roles=["coach"])
    for _ in range(2):
        async with transaction(ada) as tx:
            made = await engagements.invite(tx, ada, "mia@x.test", "Mia", "")
        await outbox.drain()
        async with transaction(ada) as tx:
            await engagements.withdraw(tx, ada, made)
    assert server.taken == []
