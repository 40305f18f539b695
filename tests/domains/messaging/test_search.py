import uuid

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions, queries
from loom_app.domains.messaging.queries import words
from loom_app.domains.messaging.queries.search import forget_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk


@pytest.fixture(autouse=True)
def fresh_words():
    forget_words()


async def do(action, me: Actor, *values, **named):
    async with transaction(me) as tx:
        return await action(tx, me, *values, **named)


async def send(me: Actor, chat: int, body: str):
    return await do(actions.send, me, chat, actions.Draft(str(uuid.uuid4()), body))


async def find(me: Actor, sought: str, chat: int = 0) -> list[str]:
    async with transaction(me) as tx:
        found = await queries.search(tx, me, sought, chat)
    return ["".join(piece.text for piece in hit.pieces) for hit in found.hits]


async def learn() -> None:
    await outbox.registered()["messaging.learn_words"]({})


@pytest.mark.parametrize(
    "sought",
    ["Thursday", "thurs", "THURS", "see you", "you see", "resume", "Résumé", "Größe", "grosse",
     "你好", "好", "14", "see thurs resume"],
)  # fmt: skip
async def test_found_by_beginnings_in_any_order_case_and_accent(db, sought):
    ada, ben, chat = await make_pair()
    body = "See you Thursday at 14:00, with the résumé, Grösse M. 你好"
    await send(ben, chat, body)
    await send(ben, chat, "nothing of it")
    (found,) = await find(ada, sought)
    assert found.strip("…") in body


@pytest.mark.parametrize(
    "sought", ["", "  ", "!!!", "t", "hursday", "see you friday", "'@:x':*", "@:see"]
)
async def test_not_found_by_what_is_not_there(db, sought):
    ada, ben, chat = await make_pair()
    await send(ben, chat, "See you Thursday")
    found = await find(ada, sought)
    assert found == ([] if sought != "@:see" else ["See you Thursday"])


async def test_a_slip_of_the_finger_is_forgiven(db):
    ada, ben, chat = await make_pair()
    await send(ben, chat, "A meditation every morning")
    await learn()
    for slip in ("meditaiton", "medtation", "moring", "mornign meditatoin"):
        assert await find(ada, slip) == ["A meditation every morning"]
    assert await find(ada, "elephant") == []


async def test_words_of_an_edited_message_are_learned(db):
    ada, ben, chat = await make_pair()
    message = await send(ben, chat, "tomorrow")
    await learn()
    await do(actions.edit, ben, message.id, "yesterday")
    await learn()
    assert await find(ada, "yesteday") == ["yesterday"]
    assert await find(ada, "tomorrow") == []


async def test_nobody_finds_what_they_may_not_read(db):
    ada, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    await make_talk(ada, cleo)
    hidden = await send(ben, chat, "secret one")
    deleted = await send(ben, chat, "secret two")
    await send(ben, chat, "secret three")
    await do(actions.hide, ada, hidden.id)
    await do(actions.delete, ben, deleted.id)
    assert await find(ada, "secret") == ["secret three"]
    assert await find(ben, "secret") == ["secret three", "secret one"]
    assert await find(cleo, "secret") == []
    assert await find(cleo, "secret", chat) == []


async def test_what_was_said_before_one_joined_is_not_found(db):
    ada, ben, _ = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    await make_talk(ada, cleo)
    group = await do(actions.create_group, ada, "Circle", [ben.person_id])
    await send(ben, group, "secret before")
    await do(actions.add_to_group, ada, group, [cleo.person_id])
    await send(ben, group, "secret after")
    assert await find(cleo, "secret") == ["secret after"]
    assert await find(cleo, "secret", group) == ["secret after"]


async def test_one_conversation_alone_is_searched_when_asked(db):
    ada, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    other = await make_talk(ada, cleo)
    await send(ben, chat, "plan of Ben")
    await send(cleo, other, "plan of Cleo")
    assert await find(ada, "plan", chat) == ["plan of Ben"]
    assert await find(ada, "plan") == ["plan of Cleo", "plan of Ben"]


async def test_people_and_titles_are_found_by_beginnings_and_near_names(db):
    ada, ben, chat = await make_pair()
    zoe = await make_user(name="Zoë Ångström")
    other = await make_talk(ada, zoe)
    group = await do(actions.create_group, ada, "Morning circle", [ben.person_id])
    for me, place in ((ben, chat), (zoe, other)):
        await send(me, place, "hello")

    async def named(sought: str) -> set[int]:
        async with transaction(ada) as tx:
            return set(await queries.conversations_named(tx, ada, sought))

    assert await named("oka") == {chat, group}
    assert await named("zoe ang") == {other}
    assert await named("morn") == {group}
    assert await named("okafro") == {chat, group}
    assert await named("nobody") == set()
    async with transaction(zoe) as tx:
        assert await queries.conversations_named(tx, zoe, "ben") == []


async def test_the_index_of_words_answers_and_the_table_is_never_read_through(db):
    ada, ben, chat = await make_pair()
    await send(ben, chat, "needle")
    scans = text(
        "SELECT pg_stat_get_xact_numscans('ix_messages_words'::regclass), seq_scan, current_user"
        " FROM pg_stat_xact_user_tables WHERE relname = 'messages'"
    )
    async with transaction(ada) as tx:
        before = (await tx.db.execute(scans)).one()  # a connection counts on until it has told
        await queries.search(tx, ada, "needle")
        after = (await tx.db.execute(scans)).one()
    assert (after[0] - before[0], after[1] - before[1], after[2]) == (1, 0, "loom_app")


def test_a_snippet_is_cut_around_its_first_hit():
    body = "word " * 40 + "then a Needle, and " + "more " * 60
    pieces = words.snippet(body, ["needle"])
    assert [piece.text for piece in pieces if piece.hit] == ["Needle"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(piece.text) for piece in pieces) < 200


@pytest.mark.parametrize(
    ("body", "sought", "hits"),
    [
        ("Crème brûlée", ["creme", "brul"], ["Crème", "brûlée"]),
        ("cre\u0300me", ["creme"], ["cre\u0300me"]),
        ("我说你好", ["好"], ["好"]),
        ("an other another", ["other"], ["other"]),
        ("a sign and a letter", ["a"], ["a", "a"]),
        ("ﬁrst", ["first"], ["ﬁrst"]),
    ],
)
def test_hits_are_marked_as_they_are_written(body, sought, hits):
    assert [p.text for p in words.snippet(body, sought) if p.hit] == hits
