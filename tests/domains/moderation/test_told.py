"""Moderators hear of what waits for them (COM-12)."""

from sqlalchemy import text

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.moderation import actions
from loom_app.domains.notifications import wishes
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.realtime import signals
from tests.domains.moderation.test_work import staff
from tests.factories.messaging import make_pair, make_talk


async def told(person: Actor) -> list[tuple[str, str]]:
    async with transaction(Actor.system_job("notifications.test")) as tx:
        found = await tx.db.execute(
            text(
                "SELECT event, channel FROM deliveries WHERE user_id = :p"
                " AND event = 'case.waiting' ORDER BY id"
            ),
            {"p": person.person_id},
        )
        return [(row.event, row.channel) for row in found]


async def report(me: Actor, about: Actor, words: str = "Asks for cash.") -> None:
    async with transaction(me) as tx:
        await actions.report(tx, me, about.require_person(), reason="scam", words=words)


async def test_of_a_report_every_other_moderator_has_a_notice_and_a_mail_who_wishes(db):
    ada, ben, _ = await make_pair()
    olga, omar = await staff("Olga"), await staff("Omar")
    async with transaction(omar) as tx:
        await wishes.choose(tx, omar, "cases", "mail", wanted=True)
    for _ in range(2):  # the same report twice is one
        await report(ben, ada)
    assert await told(olga) == [("case.waiting", "in_app")]
    assert sorted(await told(omar)) == [("case.waiting", "in_app"), ("case.waiting", "mail")]
    assert await told(ben) == await told(ada) == []
    await outbox.drain()
    async with transaction(olga) as tx:
        paths = await tx.db.scalars(text("SELECT path FROM notices"))
        assert list(paths) == ["/staff/moderation/report-1"]


async def test_a_moderator_hears_nothing_of_a_report_about_or_by_themselves(db):
    olga, omar, ines = [await staff(name) for name in ("Olga", "Omar", "Ines")]
    await make_talk(olga, omar)
    await report(omar, olga)
    assert await told(olga) == await told(omar) == []
    assert await told(ines) == [("case.waiting", "in_app")]


async def test_open_queues_hear_of_reports_and_of_what_the_filter_found(db):
    ada, ben, chat = await make_pair()
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    await report(ben, ada)
    assert heard.count("staff:moderation") == 1
    for n, words in enumerate(("See you on Monday", "I know where you live.")):
        async with transaction(ben) as tx:
            await messaging.send(tx, ben, chat, messaging.Draft(f"client-{n}", words))
    stop()
    assert heard.count("staff:moderation") == 2
