"""Encryption by the example of RFC 8291, who may be written to, and what answers mean."""

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from loom_app.integrations.push import client, endpoints, vapid
from loom_app.integrations.push.base64url import decoded
from loom_app.integrations.push.client import Subscription
from loom_app.kit.settings import Settings, settings

# RFC 8291, appendix A
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
FCM = "https://fcm.googleapis.com/fcm/send/abc:def"


def test_the_body_is_that_of_the_standards_own_example():
    pair = ec.derive_private_key(int.from_bytes(decoded(SENDER), "big"), ec.SECP256R1())
    made = client.sealed(
        b"When I grow up, I want to be a watermelon",
        Subscription(FCM, P256DH, AUTH),
        private_key=pair,
        salt=decoded(SALT),
    )
    assert made == decoded(BODY)


def test_each_body_is_sealed_anew():
    to = Subscription(FCM, P256DH, AUTH)
    assert client.sealed(b"hello", to) != client.sealed(b"hello", to)


def test_the_token_is_for_this_service_and_not_for_long(at):
    now = at("2026-11-21T12:00Z")
    scheme, _, rest = vapid.authorization(FCM, "help@example.org").partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(vapid.public_key()))
    claims = jwt.decode(
        parts["t"], key, algorithms=["ES256"], audience="https://fcm.googleapis.com"
    )
    assert (scheme, parts["k"]) == ("vapid", vapid.public_key())
    assert claims["sub"] == "mailto:help@example.org"
    assert 0 < claims["exp"] - now.timestamp() <= 24 * 3600


def test_the_pair_is_the_one_that_was_set_and_else_always_the_same(monkeypatch):
    made = vapid.public_key()
    vapid._private.cache_clear()
    assert vapid.public_key() == made
    monkeypatch.setenv("LOOM_VAPID_PRIVATE_KEY", SENDER)
    settings.cache_clear()
    vapid._private.cache_clear()
    assert vapid.public_key().startswith("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml")
    monkeypatch.undo()
    settings.cache_clear()
    vapid._private.cache_clear()


@pytest.mark.parametrize(
    ("endpoint", "fine"),
    [
        (FCM, True),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAA", True),
        ("https://web.push.apple.com/QGu", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=BQ", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/fcm", False),
        ("https://fcm.googleapis.com@169.254.169.254/", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://localhost/", False),
        ("http://127.0.0.1:5432/", False),
        ("https://evilfcm.googleapis.com.example.org/", False),
        ("https://evil-push.apple.com/", False),
        ("https://fcm.googleapis.com:x/", False),
        ("https://fcm.googleapis.com/\nhost: a", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_who_is_written_to(endpoint, fine):
    assert endpoints.is_service(endpoint) is fine


def test_this_machine_is_no_push_service_of_production(monkeypatch):
    here = "http://127.0.0.1:9999/push"
    chosen = Settings(push_hosts="127.0.0.1:9999")
    monkeypatch.setattr(endpoints, "settings", lambda: chosen)
    assert endpoints.is_service(here)
    monkeypatch.setattr(
        endpoints, "settings", lambda: chosen.model_copy(update={"public_url": "https://a.test"})
    )
    assert not endpoints.is_service(here)


@pytest.mark.parametrize(
    ("p256dh", "auth", "fine"),
    [
        (P256DH, AUTH, True),
        (P256DH, "AAAA", False),
        (P256DH[:-4] + "AAAA", AUTH, False),  # not a point on the curve
        ("", "", False),
        ("ä", AUTH, False),
    ],
)
def test_keys_are_keys(p256dh, auth, fine):
    assert endpoints.are_keys(p256dh, auth) is fine


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(seconds=1)),
        ("99999999", client.LATEST),
        ("Sat, 21 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_a_service_asks_to_wait(at, said, waits):
    at("2026-11-21T12:00Z")
    assert client._after(said) == waits
