"""Every mail about money that needs no row: whole sentences, the amount, and a way on.

`pytest -s -k gallery` prints them all, to be read as a person.
"""

import re
import sys
from typing import Any

import pytest

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications import coach_money, layout, mails, money_mails
from loom_app.kit.settings import settings

ADA = PersonView(id=1, name="Ada & Co", zone="Europe/Berlin", hue=0, avatar_url="", initials="A")
SUM = {"minor": 8500, "currency": "USD"}
PAYOUT = SUM | {"failure": "account_closed", "moved": True}
DISPUTE = SUM | {"what": "Focus session", "reason": "fraudulent", "due_by": "", "outcome": ""}
GALLERY: list[tuple[str, dict[str, Any]]] = [
    ("payout.paid", PAYOUT),
    ("payout.failed", PAYOUT),
    ("payout.failed", PAYOUT | {"moved": False, "failure": "payouts_not_allowed"}),
    (
        "payout.waits",
        SUM | {"coach": "Ada", "payout_id": 7, "since": "2026-12-01T12:00:00+00:00"},
    ),
    ("account.active", {}),
    ("account.restricted", {}),
    ("account.closed", {}),
    ("dispute.opened", DISPUTE | {"due_by": "2026-12-01T12:00:00+00:00"}),
    ("dispute.opened", DISPUTE),
    *[("dispute.closed", DISPUTE | {"outcome": end}) for end in ("won", "lost", "warning_closed")],
    ("payment.refund_failed", SUM | {"charge_id": 3}),
    ("payment.credit_expiring", SUM | {"expires_at": "2026-12-31T00:00:00+00:00"}),
]


@pytest.mark.parametrize(("event", "facts"), GALLERY)
async def test_gallery(event, facts):
    letter, file = await mails.WRITERS[event](None, facts, ADA)
    said, drawn = layout.draw_text(letter, ADA.name), layout.draw_html(letter, ADA.name)
    sys.stdout.write(f"\n--- {event}\n{letter.subject}\n\n{said}")
    assert file is None
    assert said.startswith("Hello Ada & Co,\n")
    assert "Ada &amp; Co," in drawn
    assert f"{settings().base_url}{letter.path}" in said
    assert f'href="{settings().base_url}{letter.path}"' in drawn
    assert "<!--[if mso" in drawn  # Outlook's own width
    assert not re.search(r"[{}!]|None", said + letter.subject)
    assert not letter.subject.endswith(".")
    assert all(line.endswith((".", ":", "”")) for line in letter.lines)
    if "minor" in facts:
        assert "$85" in letter.subject + said


def test_what_people_wrote_stays_words_in_a_mail():
    hostile = '</mj-text><script>x</script> --> & \x08"{{ 7 * 7 }}'
    letter = layout.Letter(hostile, [hostile], hostile, "/", [(hostile, hostile)])
    drawn = layout.draw_html(letter, hostile, layout.Foot(hostile))
    assert "<script" not in drawn
    assert "{{ 7 * 7 }}" in drawn
    assert drawn.count("&lt;script&gt;") >= 7


def test_the_gallery_is_whole():
    """What is not in it is drawn from rows, in the tests of those."""
    rows = {"document", "card_expiring", "refund_asked", "refund_decided"}
    pure = set(coach_money.WRITERS) | {
        name for name in money_mails.WRITERS if name.removeprefix("payment.") not in rows
    }
    assert pure == {event for event, _ in GALLERY}
