"""Two people, two browsers: what one brings the other sees, hears and saves, and nobody else."""

import io
import re
import uuid
import wave

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def picture(size=(900, 600)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(b"\0\x20" * 8000)
    return out.getvalue()


def file(name: str, content: bytes, mime: str = "application/octet-stream"):
    return {"name": name, "mimeType": mime, "buffer": content}


def attach(one, *files) -> None:
    with one.page.expect_file_chooser() as chooser:
        one.page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(list(files))


def tray(one):
    return one.page.get_by_role("list", name="Files to send")


def log(one):
    return one.page.get_by_role("log")


def send(one) -> None:
    one.page.get_by_role("button", name="Send", exact=True).click()


def test_files_arrive_are_looked_at_and_saved_under_their_names(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    first, second = f"{mark} first.jpg", f"{mark} second.jpg"
    pdf = f"{mark} Zielplan über 2027.pdf"
    attach(
        ben,
        file(first, picture()),
        file(second, picture((600, 900))),
        file(pdf, b"%PDF-1.4\nwords"),
        file(f"{mark} prize.exe", b"MZ\x90\0" + b"\0" * 90),
    )
    expect(tray(ben).get_by_text("Programs, web pages and scripts cannot be sent")).to_be_visible()
    ben.page.get_by_role("button", name=re.compile("Cancel .* prize.exe")).click()
    expect(tray(ben).get_by_text("Ready to send")).to_have_count(3)
    send(ben)
    expect(tray(ben)).to_have_count(0)

    shown = log(ada).get_by_role("button", name=f"Look at {first}")
    expect(shown).to_be_visible()
    expect(log(ada).get_by_text(f"{mark} prize.exe")).to_have_count(0)
    expect(log(ben).get_by_role("button", name=f"Look at {first}")).to_have_count(1)

    shown.click()
    box = ada.page.get_by_role("dialog")
    expect(box.get_by_role("img", name=first)).to_have_js_property("complete", True)
    assert box.get_by_role("img", name=first).evaluate("img => img.naturalWidth") == 900
    ada.page.keyboard.press("ArrowRight")
    expect(box.get_by_role("img", name=second)).to_be_visible()
    ada.page.keyboard.press("ArrowRight")
    expect(box.get_by_role("img", name=first)).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(shown).to_be_focused()

    with ada.page.expect_download() as saved:
        log(ada).get_by_role("link", name=f"Save {pdf}").click()
    assert saved.value.suggested_filename == pdf
    assert saved.value.path().read_bytes() == b"%PDF-1.4\nwords"


def test_nobody_else_gets_what_two_people_share(pair, person):
    ada, ben = pair
    name = f"{uuid.uuid4().hex[:6]}.jpg"
    attach(ben, file(name, picture()))
    expect(tray(ben).get_by_text("Ready to send")).to_have_count(1)
    send(ben)
    source = log(ada).get_by_role("img", name=name).get_attribute("src")
    cleo, nobody = person(), person()
    cleo.sign_in("cleo@loom.test")
    for part in ("thumb", "view", name):
        address = source.replace("/thumb", f"/{part}")
        assert ada.context.request.get(f"{ada.url}{address}").status == 200
        for one in (cleo, nobody):
            assert one.context.request.get(f"{one.url}{address}").status == 404


def test_a_deleted_message_takes_its_pictures_with_it(pair):
    ada, ben = pair
    name = f"{uuid.uuid4().hex[:6]}.jpg"
    attach(ben, file(name, picture()))
    expect(tray(ben).get_by_text("Ready to send")).to_have_count(1)
    send(ben)
    seen = log(ada).get_by_role("button", name=f"Look at {name}")
    expect(seen).to_be_visible()
    source = seen.get_by_role("img").get_attribute("src")
    row = (
        log(ben)
        .get_by_role("listitem")
        .filter(has=ben.page.get_by_role("button", name=f"Look at {name}"))
    )
    row.hover()
    row.get_by_role("button", name="Message options").click()
    ben.page.get_by_text("Delete for everybody").click()
    ben.page.get_by_text("Yes, delete this message").click()
    expect(seen).to_have_count(0)
    assert ada.context.request.get(f"{ada.url}{source}").status == 404


def test_what_is_attached_offline_goes_when_the_network_is_back(pair):
    ada, ben = pair
    name = f"{uuid.uuid4().hex[:6]}.txt"
    ben.context.set_offline(True)
    attach(ben, file(name, b"words", "text/plain"))
    expect(tray(ben).get_by_text("The connection was lost")).to_be_visible()
    ben.context.set_offline(False)
    expect(tray(ben).get_by_text("Ready to send")).to_be_visible()
    ben.page.get_by_label("Message", exact=True).fill("here it is")
    ben.page.get_by_label("Message", exact=True).press("Enter")
    expect(log(ada).get_by_role("link", name=f"Save {name}").first).to_be_visible()


def test_enter_before_a_file_has_arrived_sends_when_it_has_and_a_cancelled_one_does_not_go(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    going = []
    ben.page.route("**/files/messages?*", lambda route: going.append(route))  # noqa: PLW0108
    attach(ben, file(f"{mark}.txt", b"words"), file(f"{mark} not.txt", b"words"))
    expect(tray(ben).get_by_role("progressbar")).to_have_count(2)
    box = ben.page.get_by_label("Message", exact=True)
    box.fill(f"{mark} text")
    box.press("Enter")
    ben.page.get_by_role("button", name=f"Cancel {mark} not.txt").click()
    expect(box).to_have_value(f"{mark} text")
    going[0].continue_()
    said = log(ada).get_by_role("listitem").filter(has_text=f"{mark} text")
    expect(said.get_by_role("link", name=f"Save {mark}.txt").first).to_be_visible()
    expect(box).to_have_value("")
    assert ben.server.query(
        "SELECT count(*) FROM message_files WHERE name LIKE :m", m=f"{mark}%"
    ) == [(1,)]


def test_dropped_and_pasted_files_are_attached_and_taken_back(pair):
    _, ben = pair
    ben.page.evaluate(
        """() => {
          const held = (name) => { const data = new DataTransfer();
            data.items.add(new File(["words"], name, { type: "text/plain" })); return data; };
          const way = { bubbles: true, cancelable: true };
          window.dispatchEvent(new DragEvent("dragover", { ...way, dataTransfer: held("a.txt") }));
          window.dispatchEvent(new DragEvent("drop", { ...way, dataTransfer: held("a.txt") }));
          document.dispatchEvent(
            new ClipboardEvent("paste", { ...way, clipboardData: held("b.txt") }));
        }"""
    )
    expect(tray(ben).get_by_text("Ready to send")).to_have_count(2)
    expect(ben.page.get_by_text("Drop files to attach them")).to_have_count(0)
    for name in ("a.txt", "b.txt"):
        ben.page.get_by_role("button", name=f"Remove {name}").click()
    expect(tray(ben)).to_have_count(0)


def test_a_voice_note_is_recorded_sent_and_heard(pair):
    ada, ben = pair
    ben.context.grant_permissions(["microphone"])
    heard = log(ada).get_by_role("button", name="Play the voice note")
    before = heard.count()
    # come from another page: its header forbids the microphone, so the chat is loaded anew
    ben.go("/sessions")
    ben.page.get_by_role("link", name=re.compile("Messages")).first.click()
    ben.page.get_by_role("link", name=re.compile("Ada Lindqvist")).first.click()
    ben.page.get_by_role("button", name="Record a voice note").click()
    expect(ben.page.get_by_role("timer")).to_have_text("0:02")
    ben.page.get_by_role("button", name="Send the voice note").click()
    expect(heard).to_have_count(before + 1)
    player = heard.last
    player.click()
    expect(player).to_have_attribute("aria-pressed", "true")
    expect(player).to_have_attribute("aria-pressed", "false")  # heard to its end
    (row,) = ben.server.query(
        "SELECT mime, duration_ms, jsonb_array_length(peaks) FROM message_files"
        " WHERE kind = 'voice' ORDER BY id DESC LIMIT 1"
    )
    assert row[0].startswith("audio/")
    assert row[1] >= 2000
    assert row[2] >= 10


def test_a_recording_that_is_dropped_is_sent_to_nobody(pair):
    _, ben = pair
    ben.context.grant_permissions(["microphone"])
    ben.page.reload()
    before = ben.server.query("SELECT count(*) FROM message_files")
    ben.page.get_by_role("button", name="Record a voice note").click()
    expect(ben.page.get_by_role("timer")).to_have_text("0:01")
    ben.page.keyboard.press("Escape")
    expect(ben.page.get_by_role("timer")).to_have_count(0)
    expect(ben.page.get_by_label("Message", exact=True)).to_be_visible()
    assert ben.server.query("SELECT count(*) FROM message_files") == before


def test_a_microphone_that_is_refused_is_said_in_words(pair):
    _, ben = pair
    ben.page.reload()
    ben.page.get_by_role("button", name="Record a voice note").click()
    expect(ben.page.get_by_role("alert").filter(has_text="microphone")).to_be_visible()
    ben.page.get_by_role("button", name="Close").click()
    expect(ben.page.get_by_label("Message", exact=True)).to_be_visible()
