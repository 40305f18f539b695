"""Argon2id in a small thread pool, never on the event loop.

Parameters: OWASP Password Storage Cheat Sheet (m = 46 MiB, t = 1, p = 1).
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("the password of nobody")


def hash_now(password: str) -> str:
    """Blocking; for seeding."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """No hash costs the time of a wrong password, so that timing tells nobody who is registered; ""
    is an account without a password, and no password opens it."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    try:
        return _hasher.check_needs_rehash(password_hash)
    except InvalidHashError:
        return False
