"""The centre of what happened, and the choice of what one hears of."""

from loom_app.ui.notifications.centre import centre_page
from loom_app.ui.notifications.centre_state import CentreState
from loom_app.ui.notifications.grid import grid_page
from loom_app.ui.notifications.grid_state import GridState
from loom_app.ui.notifications.phone_state import PhoneState
from loom_app.ui.route import Route
from loom_app.ui.settings.mail_stopped import MailStoppedState
from loom_app.ui.settings.reminders import RemindersState
from loom_app.ui.shell.push_state import PushState
from loom_app.ui.text import t


def routes() -> list[Route]:
    """A part of the route table."""
    return [
        Route(
            "/notifications",
            centre_page,
            t("Notifications · Loom"),
            [CentreState.load],
            who="person",
        ),
        Route(
            "/settings/notifications",
            grid_page,
            t("Notifications · Loom"),
            [
                GridState.load,
                MailStoppedState.load,
                PhoneState.load,
                PushState.load,
                RemindersState.load,
            ],
            who="person",
        ),
    ]
