import uuid

import pytest
from sqlalchemy import create_engine, text

from loom_app.domains.messaging import actions, queries
from loom_app.domains.messaging.actions import groups
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from loom_app.kit.realtime import signals
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair, make_talk


async def do(action, me: Actor, *values, **named):
    async with transaction(me) as tx:
        return await action(tx, me, *values, **named)


async def send(me: Actor, chat: int, body: str):
    return await do(actions.send, me, chat, actions.Draft(str(uuid.uuid4()), body))


async def read(me: Actor, chat: int) -> list[str]:
    """What this viewer sees, as words."""
    async with transaction(me) as tx:
        opened = await queries.thread(tx, me, chat)
        shown = queries.views(await queries.newest(tx, chat), opened.eyes)
    return ["".join(span.text for block in view.blocks for span in block.spans) for view in shown]


async def make_circle(*names: str):
    """Ada's group "Circle" with clients of these names; Ada, the group's id, the clients."""
    ada = await make_user(name="Ada Lind", roles={"coach"})
    people = [await make_user(name=name) for name in names]
    for one in people:
        await make_talk(ada, one)
    ids = [one.require_person() for one in people]
    chat = await do(actions.create_group, ada, " Circle  ", ids)
    return ada, chat, people


async def test_a_coach_gathers_clients_and_all_see_what_is_said(db):
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    await send(ben, chat, "Hello all")
    for one in (ada, ben, cleo):
        assert await read(one, chat) == ["Ada Lind started the group “Circle”", "Hello all"]
    async with transaction(cleo) as tx:
        (card,) = await queries.conversations(tx, cleo)
        assert (card.kind, card.name, card.preview) == ("group", "Circle", "Ben: Hello all")
        assert card.unread == 2
    async with transaction(ada) as tx:
        assert (await queries.conversations(tx, ada))[0].unread == 1  # her own line is no news


async def test_only_a_coach_gathers_and_only_their_own_clients(db):
    ada, ben, _ = await make_pair()
    cleo = await make_user(name="Cleo Marsh")
    with pytest.raises(Forbidden):
        await do(actions.create_group, ben, "Mine", [ada.person_id])
    for people, problem in (([cleo.person_id], NotFound), ([], Invalid), ([0], NotFound)):
        with pytest.raises(problem):
            await do(actions.create_group, ada, "Mine", people)
    for title in (" ", "x" * 81):
        with pytest.raises(Invalid):
            await do(actions.create_group, ada, title, [ben.person_id])


async def test_who_blocked_the_coach_is_not_gathered(db):
    ada, ben, _ = await make_pair()
    await do(moderation.block, ben, ada.require_person())
    with pytest.raises(NotFound):
        await do(actions.create_group, ada, "Mine", [ben.person_id])


async def test_history_begins_where_one_joined_and_ends_where_one_left(db):
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    dora = await make_user(name="Dora Diaz")
    await make_talk(ada, dora)
    await send(ben, chat, "before")
    await do(actions.add_to_group, ada, chat, [dora.person_id, ben.person_id])
    await send(ben, chat, "after")
    assert await read(dora, chat) == ["Ada Lind added Dora Diaz", "after"]
    assert (await read(ben, chat))[1:] == ["before", "Ada Lind added Dora Diaz", "after"]
    await do(actions.leave_group, dora, chat)
    with pytest.raises(NotFound):
        await read(dora, chat)
    with pytest.raises(NotFound):
        await send(dora, chat, "still here?")
    await send(ben, chat, "between")
    await do(actions.add_to_group, ada, chat, [dora.person_id])
    assert await read(dora, chat) == ["Ada Lind added Dora Diaz"]
    assert (await read(cleo, chat))[-3:] == [
        "Dora Diaz left",
        "between",
        "Ada Lind added Dora Diaz",
    ]


async def test_the_owner_alone_names_adds_and_removes(db):
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    stranger = await make_user(name="Otto Olsen", roles={"coach"})
    attempts = (
        lambda me: do(actions.rename_group, me, chat, "Ours"),
        lambda me: do(actions.add_to_group, me, chat, [ada.person_id]),
        lambda me: do(actions.remove_from_group, me, chat, cleo.require_person()),
        lambda me: do(actions.hand_over_group, me, chat, ben.require_person()),
    )
    for attempt in attempts:
        with pytest.raises(Forbidden):
            await attempt(ben)
        with pytest.raises(NotFound):
            await attempt(stranger)
    await do(actions.rename_group, ada, chat, "Ours")
    await do(actions.remove_from_group, ada, chat, cleo.require_person())
    assert (await read(ben, chat))[1:] == [
        "Ada Lind named the group “Ours”",
        "Ada Lind removed Cleo Marsh",
    ]
    with pytest.raises(NotFound):
        await read(cleo, chat)
    with pytest.raises(Invalid):
        await do(actions.remove_from_group, ada, chat, ada.require_person())


async def test_an_owner_who_leaves_hands_the_group_to_who_is_longest_there(db):
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    await do(actions.leave_group, ada, chat)
    assert (await read(cleo, chat))[-2:] == [
        "Ada Lind left",
        "Ben Okafor looks after the group now",
    ]
    await do(actions.rename_group, ben, chat, "Ours")
    await do(actions.hand_over_group, ben, chat, cleo.require_person())
    with pytest.raises(Forbidden):
        await do(actions.rename_group, ben, chat, "Mine")
    await do(actions.leave_group, cleo, chat)
    await do(actions.leave_group, ben, chat)


async def test_a_group_holds_so_many_and_no_more(db, monkeypatch):
    monkeypatch.setattr(groups, "PEOPLE_MAX", 3)
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    dora = await make_user(name="Dora Diaz")
    await make_talk(ada, dora)
    with pytest.raises(Invalid, match="3"):
        await do(actions.add_to_group, ada, chat, [dora.person_id])
    everybody = [one.person_id for one in (ben, cleo, dora)]
    with pytest.raises(Invalid, match="3"):
        await do(actions.create_group, ada, "All", everybody)
    assert len(await read(ben, chat)) == 1
    with pytest.raises(NotFound):
        await read(dora, chat)


async def test_what_is_so_already_changes_nothing_and_strangers_own_nothing(db):
    ada, chat, (ben,) = await make_circle("Ben Okafor")
    stranger = await make_user(name="Cleo Marsh")
    await do(actions.add_to_group, ada, chat, [ben.person_id])
    await do(actions.hand_over_group, ada, chat, ada.require_person())
    for action in (actions.remove_from_group, actions.hand_over_group):
        with pytest.raises(NotFound):
            await do(action, ada, chat, stranger.require_person())
    assert await read(ben, chat) == ["Ada Lind started the group “Circle”"]
    await do(actions.rename_group, ada, chat, "Still hers")


async def test_the_list_of_who_was_removed_hears_of_it(db):
    ada, chat, (ben,) = await make_circle("Ben Okafor")
    heard: list[signals.Signal] = []
    stop = signals.listen(heard.append)
    await do(actions.remove_from_group, ada, chat, ben.require_person())
    stop()
    assert signals.Signal(f"person:{ben.person_id}:inbox", chat) in heard
    async with transaction(ben) as tx:
        assert [card.kind for card in await queries.conversations(tx, ben)] == []


async def test_a_pair_is_no_group(db):
    ada, ben, chat = await make_pair()
    for action, values in (
        (actions.rename_group, ["Ours"]),
        (actions.leave_group, []),
        (actions.remove_from_group, [ben.person_id]),
    ):
        with pytest.raises(NotFound):
            await do(action, ada, chat, *values)


async def test_names_of_a_group_are_found_without_reading_its_messages(db, database):
    ada, chat, (ben, cleo) = await make_circle("Ben Okafor", "Cleo Marsh")
    await send(ben, chat, "Bye")
    await do(actions.leave_group, ben, chat)
    owner = create_engine(database, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO messages"
                " (conversation_id, number, change, sender_id, client_id, body, sent_at)"
                " SELECT :c, 100 + n, 100 + n, :me, 'long-talk-' || n, 'x', now()"
                " FROM generate_series(1, 3000) n"
            ),
            {"c": chat, "me": cleo.person_id},
        )
        connection.execute(text("ANALYZE messages"))
    owner.dispose()
    read = text(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
        " WHERE relname = 'messages'"
    )
    async with transaction(ada) as tx:
        before = await tx.db.scalar(read)  # a connection counts on until it has told its sums
        opened = await queries.thread(tx, ada, chat)
        after = await tx.db.scalar(read)
    names = set(opened.eyes.names.values())
    assert names == {"Ada Lind", "Ben Okafor", "Cleo Marsh"}  # also of who wrote and has left
    assert before is not None
    assert after is not None
    assert after - before < 20
