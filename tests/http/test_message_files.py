"""Who may bring a file into a conversation, who gets it back, and as what."""

import asyncio
import io
import os
import socketserver
import threading

import pytest
from PIL import Image
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.http import policy
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.files import store
from loom_app.kit.jobs import outbox
from loom_app.kit.security import limits
from loom_app.kit.settings import settings
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair
from tests.kit.test_files import bomb, heic, picture

PDF = b"%PDF-1.7\nwords"
SYSTEM = Actor.system_job("messaging.test")


class Chat:
    """Ada and Ben in a conversation, Cleo outside, and one browser that can be anybody's."""

    def __init__(self, browser, people: dict[str, Actor], cookies: dict[str, str], number: int):
        self.browser, self.people, self.cookies, self.id = browser, people, cookies, number

    def become(self, name: str) -> None:
        self.browser.cookies.clear()
        if name in self.cookies:
            self.browser.cookies.set("loom_session", self.cookies[name])

    async def bring(self, name: str, content: bytes, file: str = "a.png", **asked):
        self.become(name)
        params = {"conversation": self.id, "name": file, **asked}
        return await self.browser.post("/files/messages", params=params, content=content)

    async def get(self, name: str, url: str, **headers):
        self.become(name)
        return await self.browser.get(url, headers=headers)

    async def send(self, name: str, *answers, body: str = "") -> int:
        me = self.people[name]
        ids = [answer.json()["id"] for answer in answers]
        cid = f"client-{ids[0] if ids else 0}"
        async with transaction(me) as tx:
            draft = messaging.Draft(cid, body, files=ids)
            return (await messaging.send(tx, me, self.id, draft)).id


@pytest.fixture
async def chat(browser, folder, monkeypatch):
    monkeypatch.setattr(settings(), "data_dir", folder)
    ada, ben, conversation_id = await make_pair()
    people = {"Ada": ada, "Ben": ben, "Cleo": await make_user(name="Cleo")}
    cookies = {}
    for name, person in people.items():
        visitor = Actor(visitor="v" * 64)
        async with transaction(visitor) as tx:
            session = await accounts.begin_session(
                tx, visitor, person.require_person(), accounts.Device(), remember=True
            )
        cookies[name] = session.token
    return Chat(browser, people, cookies, conversation_id)


def lying() -> int:
    """How many files lie on the disk."""
    return sum(1 for path in store.folder().rglob("*") if path.is_file())


async def test_a_picture_comes_back_small_large_and_as_it_was(chat):
    content = picture("JPEG", (1200, 900))
    sent = await chat.bring("Ben", content, "Holiday (1).jpg")
    said = sent.json()
    assert (said["kind"], said["mime"]) == ("image", "image/jpeg")
    assert (said["width"], said["height"]) == (1200, 900)
    await chat.send("Ben", sent)
    whole = await chat.get("Ada", said["url"] + "&download")
    assert whole.content == content
    assert "attachment" in whole.headers["content-disposition"]
    assert "Holiday" in whole.headers["content-disposition"]
    for part, longest in (("thumb", 640), ("view", 1200)):
        answer = await chat.get("Ada", said[part])
        with Image.open(io.BytesIO(answer.content)) as made:
            assert (made.format, max(made.size)) == ("WEBP", longest)
        assert answer.headers["content-type"] == "image/webp"


async def test_an_animation_is_looked_at_as_it_moves_and_listed_by_its_first_frame(chat):
    content = picture("GIF", (40, 40))
    said = (await chat.bring("Ben", content, "wave.gif")).json()
    moving = await chat.get("Ben", said["view"])
    assert (moving.headers["content-type"], moving.content) == ("image/gif", content)
    assert (await chat.get("Ben", said["thumb"])).headers["content-type"] == "image/webp"


async def test_a_photograph_of_an_iphone_can_be_looked_at(chat):
    said = (await chat.bring("Ben", heic((300, 200)), "IMG_1.HEIC")).json()
    assert said["kind"] == "image"
    answer = await chat.get("Ben", said["view"])
    with Image.open(io.BytesIO(answer.content)) as made:
        assert made.format == "WEBP"
    whole = await chat.get("Ben", said["url"])
    assert "attachment" in whole.headers["content-disposition"]


async def test_before_it_is_sent_only_who_brought_it_gets_it(chat):
    said = (await chat.bring("Ben", picture())).json()
    assert (await chat.get("Ben", said["thumb"])).status_code == 200
    for name in ("Ada", "Cleo", "nobody"):
        for url in (said["url"], said["thumb"], said["view"]):
            assert (await chat.get(name, url)).status_code == 404


async def test_a_stranger_never_gets_it_and_a_member_who_left_no_more(chat):
    sent = await chat.bring("Ben", picture())
    await chat.send("Ben", sent)
    url = sent.json()["url"]
    assert (await chat.get("Ada", url)).status_code == 200
    assert (await chat.get("Cleo", url)).status_code == 404
    assert (await chat.get("nobody", url)).status_code == 404
    async with transaction(SYSTEM) as tx:
        await tx.db.execute(
            text("DELETE FROM conversation_members WHERE user_id = :u"),
            {"u": chat.people["Ada"].person_id},
        )
    assert (await chat.get("Ada", url)).status_code == 404


async def test_a_link_ends_after_a_week_also_for_who_may_have_the_file(chat, at):
    at("2026-11-21T23:00Z")
    sent = await chat.bring("Ben", picture())
    await chat.send("Ben", sent)
    at("2026-11-28T23:59Z")
    links = [sent.json()[name] for name in ("url", "thumb", "view")]
    assert [(await chat.get("Ben", link)).status_code for link in links] == [200, 200, 200]
    at("2026-11-29T00:00Z")
    for link in links:
        ended = await chat.get("Ben", link)
        assert (ended.status_code, "Open the file from its conversation" in ended.text) == (
            410,
            True,
        )
    assert (await chat.get("Cleo", links[0])).status_code == 404
    async with transaction(chat.people["Ben"]) as tx:
        [shared] = await queries.shared_files(tx, chat.people["Ben"], chat.id)
    assert (await chat.get("Ben", shared.file.url)).status_code == 200


@pytest.mark.parametrize("change", ["no key", "later", "another file", "not ASCII"])
async def test_a_link_that_was_not_made_here_leads_nowhere(chat, change):
    one = (await chat.bring("Ben", picture())).json()
    other = (await chat.bring("Ben", picture())).json()
    path, _, key = one["url"].partition("?key=")
    last, _, signature = key.partition(".")
    keys = {
        "no key": "",
        "later": f"?key={int(last) + 1}.{signature}",
        "another file": "?" + other["url"].partition("?")[2],
        "not ASCII": f"?key={last}.\u00e9",
    }
    assert (await chat.get("Ben", path + keys[change])).status_code == 404
    assert (await chat.get("Ben", one["url"])).status_code == 200


async def test_who_joined_later_does_not_get_what_was_sent_before(chat):
    sent = await chat.bring("Ben", picture())
    await chat.send("Ben", sent)
    async with transaction(SYSTEM) as tx:
        await tx.db.execute(
            text("UPDATE conversation_members SET first_number = 2 WHERE user_id = :u"),
            {"u": chat.people["Ada"].person_id},
        )
    assert (await chat.get("Ada", sent.json()["url"])).status_code == 404


async def test_a_deleted_message_takes_its_files_from_everybody_and_from_the_disk(chat):
    sent = await chat.bring("Ben", picture())
    message_id = await chat.send("Ben", sent)
    assert lying() == 3
    async with transaction(chat.people["Ben"]) as tx:
        await messaging.delete(tx, chat.people["Ben"], message_id)
    for name in ("Ada", "Ben"):
        assert (await chat.get(name, sent.json()["url"])).status_code == 404
    await outbox.drain()
    assert lying() == 0


async def test_who_hides_a_message_hides_its_files_from_themselves_only(chat):
    sent = await chat.bring("Ben", picture())
    message_id = await chat.send("Ben", sent)
    async with transaction(chat.people["Ada"]) as tx:
        await messaging.hide(tx, chat.people["Ada"], message_id)
    assert (await chat.get("Ada", sent.json()["url"])).status_code == 404
    assert (await chat.get("Ben", sent.json()["url"])).status_code == 200


@pytest.mark.parametrize("name", ["Cleo", "nobody"])
async def test_only_a_member_brings_files(chat, name):
    answer = await chat.bring(name, picture())
    assert answer.status_code in {401, 404}
    assert lying() == 0


REFUSED = {
    "program": (b"MZ\x90\0" + b"\0" * 60, "a.png", "Programs"),
    "web page": (b"<html><script>alert(1)</script>", "a.txt", "Programs"),
    "drawing with script": (b"<svg onload=alert(1)>", "a.png", "Programs"),
    "bomb": (bomb(12_000, 12_000), "a.png", "too many pixels"),
    "half a picture": (picture(size=(900, 900))[:60], "a.png", "damaged"),
    "empty": (b"", "a.png", "empty"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_refused_is_refused_in_words_and_leaves_nothing(chat, case):
    content, name, words = REFUSED[case]
    answer = await chat.bring("Ben", content, name)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert lying() == 0


@pytest.fixture
def scanner(monkeypatch):
    """A stand-in for ClamAV's daemon, in the words of its protocol (INSTREAM)."""

    class Daemon(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            stream = self.request.makefile("rb")
            assert stream.readline() == b"nINSTREAM\n"
            content = b""
            while size := int.from_bytes(stream.read(4), "big"):
                content += stream.read(size)
            said = b"stream: Eicar FOUND\n" if b"EICAR" in content else b"stream: OK\n"
            self.request.sendall(said)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Daemon)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    host, port = server.server_address[:2]
    monkeypatch.setattr(settings(), "scanner", f"{host}:{port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_scanner_is_asked_before_anybody_gets_a_file(chat, scanner):
    good = await chat.bring("Ben", PDF, "a.pdf")
    assert good.status_code == 200
    bad = await chat.bring("Ben", PDF + b"EICAR", "b.pdf")
    assert (bad.status_code, bad.json()["error"]) == (
        422,
        "This file carries something harmful and was not kept.",
    )
    assert lying() == 1


async def test_a_scanner_that_is_away_lets_nothing_through(chat, scanner, monkeypatch):
    monkeypatch.setattr(settings(), "scanner", "127.0.0.1:1")
    answer = await chat.bring("Ben", PDF, "a.pdf")
    assert answer.json()["error"].startswith("Files cannot be checked just now.")
    assert lying() == 0


async def test_a_file_over_the_limit_is_cut_off_whatever_it_says_of_its_length(chat):
    async def body():
        for _ in range(350):
            yield b"ID3" + b"\0" * 32_765

    answer = await chat.bring("Ben", body(), "song.mp3")
    assert answer.status_code == 422
    assert "10 MB" in answer.json()["error"]
    assert lying() == 0
    whole = await chat.bring("Ben", b"ID3" + b"\0" * 12_000_000, "song.mp3")
    assert whole.status_code == 413


async def test_the_room_of_a_person_ends(chat, monkeypatch):
    monkeypatch.setattr(settings(), "upload_files_per_person", 2)
    both = await asyncio.gather(*(chat.bring("Ben", PDF, "a.pdf") for _ in range(3)))
    assert sorted(answer.status_code for answer in both) == [200, 200, 422]
    assert lying() == 2


async def test_many_uploads_in_an_hour_are_stopped_in_words(chat, monkeypatch):
    monkeypatch.setattr(settings(), "uploads_per_hour", 2)
    limits.reset()
    answers = [await chat.bring("Ben", PDF, "a.pdf") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "within an hour" in answers[2].json()["error"]
    assert (await chat.bring("Ada", PDF, "a.pdf")).status_code == 200


async def test_a_file_goes_with_one_message_of_its_own_conversation_and_its_own_sender(chat):
    sent = await chat.bring("Ben", PDF, "a.pdf")
    with pytest.raises(Invalid):
        await chat.send("Ada", sent)
    await chat.send("Ben", sent)
    draft = messaging.Draft("another-one", "", files=[sent.json()["id"]])
    async with transaction(chat.people["Ben"]) as tx:
        with pytest.raises(Invalid):
            await messaging.send(tx, chat.people["Ben"], chat.id, draft)


async def test_what_was_attached_and_taken_back_is_gone_at_once(chat):
    said = (await chat.bring("Ben", PDF, "a.pdf")).json()
    address = f"/files/messages/{said['id']}/discard"
    chat.become("Ada")
    assert (await chat.browser.post(address)).status_code == 404
    chat.become("Ben")
    assert (await chat.browser.post(address)).status_code == 204
    await outbox.drain()
    assert lying() == 0


async def test_what_was_sent_cannot_be_taken_back_by_the_tray(chat):
    sent = await chat.bring("Ben", PDF, "a.pdf")
    await chat.send("Ben", sent)
    answer = await chat.browser.post(f"/files/messages/{sent.json()['id']}/discard")
    assert answer.status_code == 404


async def test_what_was_never_sent_goes_after_a_day(chat):
    kept = await chat.bring("Ben", PDF, "kept.pdf")
    await chat.send("Ben", kept)
    await chat.bring("Ben", PDF, "old.pdf")
    fresh = await chat.bring("Ben", PDF, "fresh.pdf")
    async with transaction(SYSTEM) as tx:
        await tx.db.execute(
            text("UPDATE message_files SET created_at = :old WHERE name <> 'fresh.pdf'"),
            {"old": tx.now.replace(year=tx.now.year - 1)},
        )
        await tx.enqueue("messaging.sweep_files", {})
    await outbox.drain()
    assert lying() == 2
    for answer in (kept, fresh):
        assert (await chat.get("Ben", answer.json()["url"])).status_code == 200


async def test_what_a_crash_left_half_written_goes_after_a_day(chat):
    kept = await chat.bring("Ben", PDF, "kept.pdf")
    half, fresh = store.incoming(store.new_key()), store.incoming(store.new_key())
    for path in (half, fresh):
        path.write_bytes(b"half")
    os.utime(half, (0, 0))
    async with transaction(SYSTEM) as tx:
        await tx.enqueue("messaging.sweep_files", {})
    await outbox.drain()
    assert (half.exists(), fresh.exists()) == (False, True)
    assert (await chat.get("Ben", kept.json()["url"])).status_code == 200


async def test_sound_is_played_from_the_middle(chat):
    said = (await chat.bring("Ben", b"ID3" + bytes(range(100)), "song.mp3")).json()
    answer = await chat.get("Ben", said["url"], range="bytes=3-12")
    assert answer.status_code == 206
    assert answer.content == bytes(range(10))
    assert "inline" in answer.headers["content-disposition"]


async def test_a_voice_note_keeps_its_wave_and_length_within_bounds(chat):
    content = b"\x1aE\xdf\xa3...webm...A_OPUS"
    peaks = ",".join(str(n) for n in [*range(0, 200, 2)])
    said = (await chat.bring("Ben", content, "voice.webm", voice=1, ms=12_400, peaks=peaks)).json()
    assert (said["kind"], said["seconds"]) == ("voice", 13)
    assert len(said["peaks"]) == 64
    assert max(said["peaks"]) == 100
    refused = await chat.bring("Ben", PDF, "voice.webm", voice=1, ms=1)
    assert refused.status_code == 422


async def test_what_cannot_be_shown_safely_is_only_saved(chat):
    said = (await chat.bring("Ben", b"some <script> in a text", "notes.txt")).json()
    answer = await chat.get("Ben", said["url"])
    assert "attachment" in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_pdf_is_read_in_the_browser_without_scripts_or_frames(chat):
    said = (await chat.bring("Ben", PDF, "plan.pdf")).json()
    answer = await chat.get("Ben", said["url"])
    rule = answer.headers["content-security-policy"]
    assert "default-src 'none'" in rule
    assert "frame-ancestors 'none'" in rule
    assert "script-src" not in rule
    assert "inline" in answer.headers["content-disposition"]


async def test_a_picture_seen_is_not_sent_again_but_asked_for(chat):
    said = (await chat.bring("Ben", picture())).json()
    first = await chat.get("Ben", said["thumb"])
    assert first.headers["cache-control"] == "private, no-cache"
    mark = first.headers["etag"]
    again = await chat.get("Ben", said["thumb"], **{"if-none-match": mark})
    assert (again.status_code, again.content) == (304, b"")
    refused = await chat.get("Ada", said["thumb"], **{"if-none-match": mark})
    assert refused.status_code == 404


async def test_a_name_is_kept_for_reading_and_does_no_harm(chat):
    name = "../../etc/\u202egnp.exe\nSet-Cookie: x.png"
    said = (await chat.bring("Ben", picture(), name)).json()
    assert said["name"] == "gnp.exeSet-Cookie_ x.png"
    answer = await chat.get("Ben", said["url"])
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


async def test_the_list_of_shared_files_holds_what_each_may_see(chat):
    pdf = await chat.bring("Ben", PDF, "plan.pdf")
    photo = await chat.bring("Ben", picture(), "face.png")
    await chat.bring("Ben", PDF, "not sent.pdf")
    await chat.send("Ben", pdf, photo)
    gone = await chat.bring("Ada", PDF, "gone.pdf")
    message_id = await chat.send("Ada", gone)
    ada, cleo = chat.people["Ada"], chat.people["Cleo"]
    async with transaction(ada) as tx:
        await messaging.delete(tx, ada, message_id)
    async with transaction(ada) as tx:
        found = await queries.shared_files(tx, ada, chat.id)
        pictures = await queries.shared_files(tx, ada, chat.id, kinds=["image"])
        rest = await queries.shared_files(tx, ada, chat.id, before=found[0].id)
    assert [one.file.name for one in found] == ["face.png", "plan.pdf"]
    assert (found[0].sender, found[0].number) == ("Ben Okafor", 1)
    assert [one.file.name for one in pictures] == ["face.png"]
    assert [one.file.name for one in rest] == ["plan.pdf"]
    async with transaction(cleo) as tx:
        assert await queries.shared_files(tx, cleo, chat.id) == []


@pytest.mark.parametrize(
    ("path", "microphone"),
    [("/messages/7", "self"), ("/messages", "self"), ("/messagesx", ""), ("/sessions", "")],
)
def test_only_the_chat_may_use_the_microphone(path, microphone):
    allowed = policy.response_headers(path, "text/html", "http://localhost")["permissions-policy"]
    assert f"microphone=({microphone})" in allowed
    assert "camera=()" in allowed
