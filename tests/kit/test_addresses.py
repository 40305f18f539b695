"""What strangers may write into an address."""

from datetime import date

import pytest

from loom_app.kit import addresses


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), ("007", 7), ("", 0), ("-7", 0), ("7;--", 0), ("٧", 0), ("²", 0),
     ("9" * 17, 10**17 - 1),
     ("9" * 18, 0), ("9" * 30, 0)],
)  # fmt: skip
def test_only_numbers_are_numbers(text: str, value: int) -> None:
    assert addresses.number(text) == value


@pytest.mark.parametrize(
    ("path", "value"),
    [("/sessions/7", 7), ("/sessions/7/", 7), ("/offerings/new", 0), ("/", 0), ("", 0)],
)
def test_a_page_of_one_thing_ends_with_its_number(path: str, value: int) -> None:
    assert addresses.last_number(path) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("1970-01-01", date(1970, 1, 1)),
        ("1969-12-31", None),
        ("9000-01-01", date(9000, 1, 1)),
        ("9999-12-31", None),
        ("0001-01-01", None),
        ("21 November", None),
        ("", None),
    ],
)
def test_a_day_is_one_that_can_be_reckoned_with(text: str, value: date | None) -> None:
    assert addresses.day(text) == value


@pytest.mark.parametrize(
    ("words", "good"),
    [
        ("help@example.org", True),
        ("first.last+loom@sub.example.org", True),
        ("a@b.", False),
        ("a..b@c.de", False),
        (".a@b.de", False),
        ("a@.b", False),
        ("hélp@example.org", False),
        ("help@exämple.org", False),
        ("Help <help@example.org>", False),
        ("a@b.de\r\nBcc: x@y.de", False),
        ("nobody", False),
        ("@", False),
    ],
)
def test_an_address_for_answers_is_one_that_a_mail_can_name(words, good):
    assert addresses.is_header_address(words) == good
