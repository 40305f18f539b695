"""What people call a time zone."""

from datetime import UTC, datetime

import pytest

from loom_app.kit.i18n import times


@pytest.mark.parametrize(
    ("zone", "label"),
    [
        ("Asia/Calcutta", "Kolkata (GMT+5:30)"),  # as browsers still say it
        ("Asia/Katmandu", "Kathmandu (GMT+5:45)"),
        ("America/Argentina/Ushuaia", "Ushuaia (GMT−3)"),
        ("America/New_York", "New York (GMT−5)"),
        ("UTC", "UTC (GMT+0)"),
    ],
)
def test_a_zone_is_called_by_a_place_of_today(zone, label):
    assert times.zone_label(zone, datetime(2026, 11, 23, tzinfo=UTC)) == label
