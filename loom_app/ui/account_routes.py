"""The addresses of signing up and in, of what mails open, and of the security settings."""

from loom_app.ui.auth.appeal import appeal_page
from loom_app.ui.auth.appeal_state import AppealState
from loom_app.ui.auth.check_mail import check_mail, verify
from loom_app.ui.auth.confirm import confirm_page
from loom_app.ui.auth.confirm_state import ConfirmState
from loom_app.ui.auth.link_state import ForgotState, LinkState
from loom_app.ui.auth.links import forgot, new_address, reset, undo_address
from loom_app.ui.auth.lost_factor import lost_factor
from loom_app.ui.auth.lost_factor_state import LostFactorState
from loom_app.ui.auth.sign_in import sign_in, sign_in_code
from loom_app.ui.auth.sign_up import sign_up
from loom_app.ui.auth.state import SignInState, SignUpState, VerifyState
from loom_app.ui.auth.strength import StrengthState
from loom_app.ui.auth.ways import connect, welcome
from loom_app.ui.auth.ways_state import VisitState
from loom_app.ui.route import Route
from loom_app.ui.settings.mail_stopped import MailStoppedState
from loom_app.ui.settings.second_factor_state import SecondFactorState
from loom_app.ui.settings.security import security_page
from loom_app.ui.settings.security_state import SecurityState
from loom_app.ui.settings.ways_state import WaysState
from loom_app.ui.text import t


def account_routes() -> list[Route]:
    """A part of the route table."""
    return [
        Route(
            "/sign-up",
            sign_up,
            t("Create your account · Loom"),
            [SignUpState.load, StrengthState.load],
        ),
        Route("/sign-in", sign_in, t("Sign in · Loom"), [SignInState.load]),
        Route("/welcome", welcome, t("Welcome · Loom"), [VisitState.load]),
        Route("/connect", connect, t("Link your account · Loom"), [VisitState.load]),
        Route("/sign-in/code", sign_in_code, t("Enter your code · Loom"), [SignInState.load]),
        Route("/forgot", forgot, t("Forgot your password? · Loom"), [ForgotState.load]),
        Route(
            "/reset",
            reset,
            t("Choose a new password · Loom"),
            [LinkState.load, StrengthState.load],
        ),
        Route("/new-address", new_address, t("Confirm your address · Loom"), [LinkState.load]),
        Route("/undo-address", undo_address, t("Take your address back · Loom"), [LinkState.load]),
        Route(
            "/lost-second-factor",
            lost_factor,
            t("Your lost second factor · Loom"),
            [LostFactorState.load],
        ),
        Route("/appeal", appeal_page, t("A decision of our team · Loom"), [AppealState.load]),
        Route("/check-mail", check_mail, t("Check your mail · Loom"), [VerifyState.load]),
        Route("/verify", verify, t("Confirm your address · Loom"), [VerifyState.load]),
        Route(
            "/settings/security",
            security_page,
            t("Security · Loom"),
            [
                SecurityState.load,
                WaysState.load,
                SecondFactorState.load,
                StrengthState.load,
                MailStoppedState.load,
            ],
            who="person",
        ),
        Route(
            "/confirm-it-is-you",
            confirm_page,
            t("Confirm that it is you · Loom"),
            [ConfirmState.load],
            who="person",
        ),
    ]
