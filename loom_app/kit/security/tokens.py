"""Secrets that are handed out, and what is kept of them."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken

from loom_app.kit.settings import settings


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token: hex SHA-256. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def seal(value: str, purpose: str) -> str:
    """An HMAC-SHA256 of a value for one purpose, URL-safe."""
    mac = hmac.new(settings().key(), f"{purpose}\0{value}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def signed(value: str, purpose: str) -> str:
    """value.signature"""
    return f"{value}.{seal(value, purpose)}"


def unsigned(text: str, purpose: str) -> str | None:
    """The value of a signed text, or None where the signature is not ours."""
    value, dot, mac = text.rpartition(".")
    return (
        value if dot and hmac.compare_digest(mac.encode(), seal(value, purpose).encode()) else None
    )


def _cipher(purpose: str) -> Fernet:
    """AES-128 in CBC mode with an HMAC, under a key made of ours for one purpose."""
    mac = hmac.new(settings().key(), f"{purpose}\0encrypt".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(mac))


def encrypted(value: str, purpose: str) -> str:
    """What must be read again by us and by nobody who only has the database."""
    return _cipher(purpose).encrypt(value.encode()).decode()


def decrypted(text: str, purpose: str) -> str | None:
    """The value, or None where it was not encrypted by our key for this purpose."""
    try:
        return _cipher(purpose).decrypt(text.encode()).decode()
    except InvalidToken:
        return None
