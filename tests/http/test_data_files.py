"""The file with one's data over HTTP: theirs alone, with a proof."""

from loom_app.domains.privacy import actions, queries
from loom_app.kit.db.transaction import transaction
from loom_app.kit.jobs import outbox
from loom_app.kit.security import limits
from tests.factories.accounts import make_user
from tests.http.test_staff_files import sign_in


async def test_it_is_taken_by_its_person_and_by_nobody_else(browser, db):
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    async with transaction(ben) as tx:
        await actions.ask_export(tx, ben)
    await outbox.drain()
    async with transaction(ben) as tx:
        found = await queries.my_export(tx, ben)
    assert found is not None
    link = f"/files/data?file={found.token}"
    assert (await browser.get(link)).status_code == 404
    await sign_in(browser, cleo)
    assert (await browser.get(link)).status_code == 404
    await sign_in(browser, ben, proven=False)
    answer = await browser.get(link)
    assert answer.headers["location"].startswith("/confirm-it-is-you?next=%2Ffiles%2Fdata")
    await sign_in(browser, ben)
    answer = await browser.get(link)
    assert answer.content.startswith(b"PK")
    assert 'filename="loom-data.zip"' in answer.headers["content-disposition"]
    async with transaction(ben) as tx:
        await tx.db.connection()
        key = await queries.export_file(tx, ben, found.token)
    queries.path_of(key).unlink()
    assert (await browser.get(link)).status_code == 404
    while limits.allow("save", ben.label):
        pass
    assert (await browser.get(link)).status_code == 429
