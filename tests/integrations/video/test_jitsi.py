"""Rooms that cannot be guessed; tokens that open one of them for one person for a while."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest

from loom_app.integrations.video import jitsi
from loom_app.kit.settings import settings

OPENS = datetime(2026, 11, 21, 12, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=1)


@pytest.fixture
def configured(monkeypatch):
    monkeypatch.setenv("LOOM_VIDEO_URL", "https://meet.loom.test/")
    monkeypatch.setenv("LOOM_JITSI_APP_ID", "loom")
    monkeypatch.setenv("LOOM_JITSI_SECRET", "a secret that is shared with the server")
    settings.cache_clear()
    yield
    settings.cache_clear()


def enter(session_id: int = 7, *, host: bool = False) -> str:
    return jitsi.address(session_id, name="Ada & Ben", host=host, opens=OPENS, closes=CLOSES)


def test_a_room_has_a_name_of_its_own_that_stays():
    assert jitsi.room_name(7) == jitsi.room_name(7)
    assert jitsi.room_name(7) != jitsi.room_name(8)
    assert re.fullmatch(r"loom-7-[0-9a-f]{24}", jitsi.room_name(7))


def test_without_a_secret_the_address_carries_no_token():
    parts = urlsplit(enter())
    assert parts.query == ""
    assert f"{parts.scheme}://{parts.netloc}" == jitsi.origin() == "https://meet.jit.si"


def test_a_token_is_for_this_room_and_time(configured, at):
    at("2026-11-21T12:30Z")
    parts = urlsplit(enter(host=True))
    assert parts.netloc == "meet.loom.test"
    token = parse_qs(parts.query)["jwt"][0]
    claims = jwt.decode(token, settings().jitsi_secret, algorithms=["HS256"], audience="jitsi")
    assert claims["room"] == parts.path.strip("/") == jitsi.room_name(7)
    assert (claims["iss"], claims["sub"], claims["moderator"]) == ("loom", "meet.loom.test", True)
    at("2026-11-21T13:00:01Z")
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, settings().jitsi_secret, algorithms=["HS256"], audience="jitsi")


def test_nothing_is_recorded_and_the_chat_is_ours():
    options = dict(part.split("=", 1) for part in urlsplit(enter()).fragment.split("&"))
    said = {key: json.loads(unquote(value)) for key, value in options.items()}
    assert said["userInfo.displayName"] == "Ada & Ben"
    assert not {"chat", "recording", "livestreaming"} & set(said["config.toolbarButtons"])
    assert "desktop" in said["config.toolbarButtons"]
    assert said["config.localRecording.disable"] is True
