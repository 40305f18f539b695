"""Documents of proofs over HTTP: brought by their coach, judged, opened by few."""

import pytest
from sqlalchemy import text

from loom_app.domains.coaches import onboarding
from loom_app.domains.coaches.onboarding import CredentialEdit
from loom_app.kit.db.transaction import transaction
from loom_app.kit.files import store
from loom_app.kit.jobs import outbox
from loom_app.kit.settings import settings
from tests.factories.accounts import make_user
from tests.http.test_message_files import PDF
from tests.http.test_staff_files import sign_in
from tests.kit.test_files import picture


@pytest.fixture
async def nora(db, folder, monkeypatch):
    monkeypatch.setattr(settings(), "data_dir", folder)
    return await make_user(name="Nora Bell", roles=["coach"])


async def proof_of(coach) -> str:
    async with transaction(coach) as tx:
        made = await onboarding.add_credential(tx, coach, CredentialEdit("identity", "Passport"))
    return f"/files/credentials/{made}"


async def test_a_document_is_kept_privately_and_comes_back_as_it_was(browser, nora, cleaner):
    url = await proof_of(nora)
    assert (await browser.post(url, content=PDF)).status_code == 401
    await sign_in(browser, nora)
    answer = await browser.post(url, params={"name": "../pass.pdf"}, content=PDF)
    assert answer.json() == {"url": url}
    back = await browser.get(url)
    assert (back.content, back.headers["content-type"]) == (PDF, "application/pdf")
    assert back.headers["cache-control"] == "private, no-store"
    assert 'inline; filename="pass.pdf"' in back.headers["content-disposition"]
    ida = await make_user(name="Ida", roles=["coach"])
    await sign_in(browser, ida)
    assert (await browser.get(url)).status_code == 404
    assert (await browser.post(url, content=PDF)).status_code == 404
    await sign_in(browser, await make_user(name="Olga", roles=["staff"]))
    assert (await browser.get(url)).content == PDF
    opened = "SELECT count(*) FROM audit_entries WHERE verb = 'credential.open'"
    assert cleaner.scalar(text(opened)) == 1


async def test_what_cannot_be_read_is_refused_in_words_and_leaves_nothing(browser, nora, folder):
    url = await proof_of(nora)
    await sign_in(browser, nora)
    for name, content in (
        ("run.exe", b"MZ\x90\x00" + b"\x00" * 100),
        ("page.pdf", b"<html><script>alert(1)</script></html>"),
        ("words.txt", b"I am Nora, believe me."),
    ):
        answer = await browser.post(url, params={"name": name}, content=content)
        assert answer.status_code == 422
        assert answer.json()["error"]
    assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_another_document_takes_the_place_of_the_first(browser, nora, cleaner):
    url = await proof_of(nora)
    await sign_in(browser, nora)
    await browser.post(url, params={"name": "a.png"}, content=picture("PNG"))
    first = str(cleaner.scalar(text("SELECT key FROM coach_credentials")))
    await browser.post(url, params={"name": "b.pdf"}, content=PDF)
    await outbox.drain()
    assert store.find(first) is None
    assert (await browser.get(url)).content == PDF
