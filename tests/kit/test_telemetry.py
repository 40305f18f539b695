"""No log line holds a secret, a payload, or a line of its own."""

import logging

import pytest

from loom_app.kit.telemetry import MAX_LINE, Redaction, redact


@pytest.mark.parametrize(
    "line",
    [
        "cookie: loom_session=hunter2",
        "{'password': 'hunter2', 'name': 'Ben'}",
        "authorization=hunter2",
        "Authorization: Bearer hunter2",
        "cookie: theme=dark; loom_session=hunter2",
        "GET / with loom_visitor=hunter2; and more",
        'card="hunter2"',
        "Event data: {'form': 'hunter2'}",
        "payload: hunter2 and more",
        "got an unexpected field with value 'hunter2",
        'invalid input syntax for type integer: "hunter2"',
        "DETAIL:  Key (email_key)=(hunter2) already exists.",
        "[parameters: {'x': 'hunter2'}]",
    ],
)
def test_secrets_and_payloads_are_hidden(line):
    assert "hunter2" not in redact(line)


def test_a_line_cannot_forge_another_and_has_an_end():
    assert "\x1b" not in redact("red \x1b[31m")
    assert "\r" not in redact("one\rtwo")
    assert len(redact("x" * 10_000)) == MAX_LINE


def test_arguments_of_a_record_are_redacted_too():
    record = logging.LogRecord("reflex", 30, "", 1, "token=%s", ("hunter2",), None)
    assert Redaction().filter(record)
    assert "hunter2" not in record.getMessage()
