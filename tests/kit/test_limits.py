"""Limits: counted, refused, and allowed again; without a thread for every use."""

import threading
import uuid

from loom_app.kit.security import limits


def test_a_limit_refuses_the_one_too_many_and_allows_it_later(at):
    at("2026-11-21T12:00:00+00:00")
    key = uuid.uuid4().hex
    assert all(limits.allow("link", key) for _ in range(10))
    assert not limits.allow("link", key)
    at("2026-11-21T14:00:01+00:00")
    assert limits.allow("link", key)


def test_the_same_use_counts_once(at):
    at("2026-11-21T12:00:00+00:00")
    key = uuid.uuid4().hex
    assert all(limits.allow("link", key, use="one") for _ in range(20))
    assert all(limits.allow("link", key) for _ in range(9))
    assert not limits.allow("link", key, use="two")
    assert limits.allow("link", key, use="one")


def test_a_busy_moment_starts_no_thread_for_each_use():
    before = threading.active_count()
    for _ in range(200):
        limits.allow("page", uuid.uuid4().hex)
    assert threading.active_count() <= before + 1
