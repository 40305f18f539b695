"""The addresses of inviting and being invited."""

from loom_app.ui.auth.strength import StrengthState
from loom_app.ui.invitations.answer import answer_page
from loom_app.ui.invitations.answer_state import AnswerState
from loom_app.ui.invitations.page import invitations_page
from loom_app.ui.invitations.sheet import sheet_page
from loom_app.ui.invitations.sheet_state import SheetState
from loom_app.ui.invitations.state import InvitationsState
from loom_app.ui.route import Route
from loom_app.ui.text import t


def routes() -> list[Route]:
    return [
        Route(
            "/invitations",
            invitations_page,
            t("Invitations · Loom"),
            [InvitationsState.load],
            who="coach",
        ),
        Route(
            "/invitations/many",
            sheet_page,
            t("Invite many · Loom"),
            [SheetState.load],
            who="coach",
        ),
        Route(
            "/invitation",
            answer_page,
            t("Your invitation · Loom"),
            [StrengthState.load, AnswerState.load],
        ),
    ]
