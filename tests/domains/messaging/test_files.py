"""Row-level security of files: who reads a row, who writes one, whatever a query forgets."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from loom_app.domains.messaging import actions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.files import names, store
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair


async def bring(me: Actor, conversation_id: int, name: str = "a.pdf") -> int:
    brought = actions.Brought(store.new_key(), name, "application/pdf", 12, "pdf")
    async with transaction(me) as tx:
        return (await actions.keep_file(tx, me, conversation_id, brought)).id


async def rows_seen_by(me: Actor) -> list[int]:
    async with transaction(me) as tx:
        return list(await tx.db.scalars(text("SELECT id FROM message_files ORDER BY id")))


async def send(me: Actor, conversation_id: int, *files: int, cid: str = "client-0001") -> None:
    async with transaction(me) as tx:
        await actions.send(tx, me, conversation_id, actions.Draft(cid, "", files=files))


async def test_a_row_is_seen_by_who_brought_it_and_once_sent_by_members_only(db):
    ada, ben, conversation_id = await make_pair()
    cleo = await make_user(name="Cleo")
    first = await bring(ben, conversation_id)
    assert [await rows_seen_by(one) for one in (ben, ada, cleo)] == [[first], [], []]
    await send(ben, conversation_id, first)
    assert [await rows_seen_by(one) for one in (ben, ada, cleo)] == [[first], [first], []]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE message_files SET name = 'mine' RETURNING id",
        "DELETE FROM message_files RETURNING id",
    ],
)
async def test_nobody_changes_a_row_as_themselves(db, statement):
    _, ben, conversation_id = await make_pair()
    await bring(ben, conversation_id)
    async with transaction(ben) as tx:
        assert list(await tx.db.scalars(text(statement))) == []


async def test_nobody_brings_a_file_in_the_name_of_another(db):
    ada, ben, conversation_id = await make_pair()
    statement = text(
        "INSERT INTO message_files (conversation_id, uploader_id, key, name, mime, bytes, kind,"
        " created_at) VALUES (:c, :u, 'k', 'n', 'm', 1, 'file', now())"
    )
    with pytest.raises(DBAPIError):
        async with transaction(ben) as tx:
            await tx.db.execute(statement, {"c": conversation_id, "u": ada.person_id})


async def test_a_stranger_brings_nothing_and_takes_nothing_back(db):
    _, ben, conversation_id = await make_pair()
    cleo = await make_user(name="Cleo")
    with pytest.raises(NotFound):
        await bring(cleo, conversation_id)
    file_id = await bring(ben, conversation_id)
    async with transaction(cleo) as tx:
        with pytest.raises(NotFound):
            await actions.discard_file(tx, cleo, file_id)


async def test_a_message_takes_ten_files_and_not_eleven(db):
    _, ben, conversation_id = await make_pair()
    ids = [await bring(ben, conversation_id) for _ in range(11)]
    with pytest.raises(Invalid):
        await send(ben, conversation_id, *ids)
    await send(ben, conversation_id, *ids[:10])


async def test_a_file_brought_to_one_conversation_is_not_sent_in_another(db):
    _, ben, here = await make_pair()
    _, _, elsewhere = await make_pair()
    with pytest.raises((Invalid, NotFound)):
        await send(ben, elsewhere, await bring(ben, here))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\temp\\plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("  \n ", "File"),
        ('a"b<c>.txt', "a_b_c_.txt"),
        ("Zielplan über 2027.pdf", "Zielplan über 2027.pdf"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
    ],
)
def test_names_are_for_reading(given, kept):
    assert names.clean(given) == kept
