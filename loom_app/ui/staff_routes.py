"""The addresses of what staff see and do."""

from loom_app.ui.route import Route
from loom_app.ui.sessions.behalf_state import BehalfState
from loom_app.ui.staff.audit import audit_page
from loom_app.ui.staff.audit_state import AuditState
from loom_app.ui.staff.booking import staff_booking_page
from loom_app.ui.staff.call_off import call_off_page
from loom_app.ui.staff.call_off_state import CallOffState
from loom_app.ui.staff.case import case_page
from loom_app.ui.staff.coaches import coach_queue_page, coach_sheet_page
from loom_app.ui.staff.coaches_state import CoachQueueState, CoachSheetState
from loom_app.ui.staff.health import health_page
from loom_app.ui.staff.health_state import HealthState
from loom_app.ui.staff.integrations import integrations_page
from loom_app.ui.staff.integrations_state import IntegrationsState
from loom_app.ui.staff.moderation import moderation_page
from loom_app.ui.staff.moderation_state import CaseState, ModerationState
from loom_app.ui.staff.money import money_desk
from loom_app.ui.staff.money_state import MoneyDeskState
from loom_app.ui.staff.people import people_page
from loom_app.ui.staff.people_state import PeopleState
from loom_app.ui.staff.platform import platform_page
from loom_app.ui.staff.platform_state import PlatformState
from loom_app.ui.staff.roles import roles_page
from loom_app.ui.staff.roles_state import RolesState
from loom_app.ui.staff.session import staff_session_page
from loom_app.ui.staff.session_state import StaffSessionState
from loom_app.ui.text import t


def staff_routes() -> list[Route]:
    """A part of the route table."""
    return [
        Route(
            "/staff/money",
            money_desk,
            t("Money desk · Loom"),
            [MoneyDeskState.load],
            who="staff",
        ),
        Route(
            "/staff/book",
            staff_booking_page,
            t("Book for anybody · Loom"),
            [BehalfState.load_desk],
            who="staff",
        ),
        Route(
            "/staff/sessions/[session_id]",
            staff_session_page,
            t("A session · Loom"),
            [StaffSessionState.load],
            who="staff",
        ),
        Route(
            "/staff/call-off/[person_id]",
            call_off_page,
            t("Sessions of somebody · Loom"),
            [CallOffState.load],
            who="staff",
        ),
        Route(
            "/staff/health", health_page, t("How Loom is · Loom"), [HealthState.load], who="staff"
        ),
        Route(
            "/staff/integrations",
            integrations_page,
            t("Services outside · Loom"),
            [IntegrationsState.load],
            who="staff",
        ),
        Route("/staff/audit", audit_page, t("Audit trail · Loom"), [AuditState.load], who="staff"),
        Route(
            "/staff/people",
            people_page,
            t("Help people back in · Loom"),
            [PeopleState.load],
            who="staff",
        ),
        Route("/staff/roles", roles_page, t("Staff roles · Loom"), [RolesState.load], who="staff"),
        *(
            Route(f"/staff/{page}", platform_page(page), title, [PlatformState.load], who="staff")
            for page, title in (
                ("settings", t("Platform settings · Loom")),
                ("notices", t("Notices · Loom")),
                ("flags", t("Features · Loom")),
            )
        ),
        Route(
            "/staff/moderation",
            moderation_page,
            t("Moderation · Loom"),
            [ModerationState.load],
            who="staff",
        ),
        Route(
            "/staff/moderation/[case]",
            case_page,
            t("A case · Loom"),
            [CaseState.load],
            who="staff",
        ),
        Route(
            "/staff/coaches",
            coach_queue_page,
            t("Verify coaches · Loom"),
            [CoachQueueState.load],
            who="staff",
        ),
        Route(
            "/staff/coaches/[coach_id]",
            coach_sheet_page,
            t("Verify a coach · Loom"),
            [CoachSheetState.load],
            who="staff",
        ),
    ]
