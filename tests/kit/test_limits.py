"""Limits: counted, refused, and allowed again; without a thread for every use."""

import asyncio
import re
import threading
import uuid

import pytest

from loom_app.kit.security import counters, limits


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


async def test_a_door_stays_shut_over_a_restart_and_opens_later(db, at):
    at("2026-11-21T12:00:00+00:00")
    assert all([await limits.admit("link", "one") for _ in range(10)])
    limits.reset()
    assert not await limits.admit("link", "one")
    assert await limits.admit("link", "another")
    at("2026-11-21T12:59:00+00:00")
    assert not await limits.admit("link", "one")
    at("2026-11-21T14:00:01+00:00")
    assert await limits.admit("link", "one")
    await counters.forget()
    assert await counters.Counters().reset() == 1, "what is over is not kept"


async def test_a_new_window_lets_nobody_have_one_more(db, at):
    at("2026-11-21T11:59:59.900+00:00")
    key = uuid.uuid4().hex
    assert all([await limits.admit("link", "one") for _ in range(10)])
    assert all(limits.allow("link", key) for _ in range(10))
    at("2026-11-21T12:00:00.100+00:00")
    assert not await limits.admit("link", "one")
    limits.watch()
    assert not limits.allow("link", key)
    assert limits.headers()["ratelimit"].startswith('"link";r=0;')
    assert limits.retry_after("link", key) == 3600


async def test_many_at_once_at_a_door_are_counted_each(db, at):
    at("2026-11-21T12:00:00+00:00")
    said = await asyncio.gather(*(limits.admit("link", "one") for _ in range(40)))
    assert sum(said) == 10


def test_what_a_request_used_stands_in_its_headers(at):
    at("2026-11-21T12:00:00+00:00")
    limits.watch()
    key = uuid.uuid4().hex
    limits.allow("link", key)
    limits.allow("link", key)
    said = limits.headers()
    assert said["ratelimit-policy"] == '"link";q=10;w=3600'
    assert re.fullmatch(r'"link";r=8;t=\d+', said["ratelimit"])


def test_a_busy_moment_starts_no_thread_for_each_use():
    before = threading.active_count()
    for _ in range(200):
        limits.allow("page", uuid.uuid4().hex)
    assert threading.active_count() <= before + 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("address:2001:db8:1:2::1", "address:2001:db8:1:2::2", True),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("session:7:2:3", "session:7:2:4", False),
    ],
)
def test_who_has_one_address_of_version_6_has_no_more_tries_than_others(one, other, same):
    assert (limits.place(one) == limits.place(other)) == same
    limits.reset()
    while limits.allow("csp", one):
        pass
    assert limits.allow("csp", other) != same
    limits.reset()
