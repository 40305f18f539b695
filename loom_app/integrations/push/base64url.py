"""Bytes in base64url without padding (RFC 7515, appendix C), as web push writes all of its keys."""

import base64


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(words: str) -> bytes:
    """Raises ValueError for what is none."""
    return base64.urlsafe_b64decode(f"{words}{'=' * (-len(words) % 4)}")
