"""Passwords that everybody knows: zxcvbn's list, and a file of breached ones where one is set."""

import hashlib

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from loom_app.domains.accounts import rules
from loom_app.kit.errors import Invalid
from loom_app.kit.security.breached import is_breached
from loom_app.kit.settings import settings

KNOWN = [f"lantern drift {n} otter" for n in range(300)]


def test_no_common_password_is_strong_enough():
    long = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= rules.PASSWORD_MIN]
    assert len(long) > 200
    for common in long[::8]:
        for said in (common, common.title(), f"{common}1"):
            with pytest.raises(Invalid):
                rules.check_password(said)


@pytest.fixture
def listed(monkeypatch, folder):
    """A file as Have I Been Pwned gives it, of so many passwords."""

    def write(passwords, end="\r\n"):
        lines = sorted(
            hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper()
            for one in passwords
        )
        file = folder / "pwned.txt"
        file.write_text("".join(f"{line}:{n}{end}" for n, line in enumerate(lines)), newline="")
        monkeypatch.setenv("LOOM_BREACHED_PASSWORDS", str(file))
        settings.cache_clear()

    yield write
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("many", [0, 1, 2, 3, 7, 300])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_exactly_what_the_file_lists_is_breached(listed, many, end):
    listed(KNOWN[:many], end)
    assert [one for one in KNOWN if is_breached(one)] == KNOWN[:many]


def test_a_breached_password_is_refused_however_strong_it_looks(listed):
    strong = "seven purple lanterns drift"
    rules.check_password(strong)
    listed([strong])
    with pytest.raises(Invalid) as refused:
        rules.check_password(strong)
    assert refused.value.field == "password"
    rules.check_password(strong + " east")
