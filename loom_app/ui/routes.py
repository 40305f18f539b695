"""Every address of the app: path, page, title, what it loads, and who may see it."""

from dataclasses import replace

from loom_app.kit.settings import settings
from loom_app.ui import notifications
from loom_app.ui.account_routes import account_routes
from loom_app.ui.availability.page import availability_page
from loom_app.ui.availability.state import AvailabilityState
from loom_app.ui.availability.time_off_state import HolidayState, TimeOffState
from loom_app.ui.availability.why import why_page
from loom_app.ui.availability.why_state import WhyState
from loom_app.ui.booking.confirmed import confirmed_page
from loom_app.ui.booking.outcome import OutcomeState
from loom_app.ui.booking.page import booking_page
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.preparing import DetailsState
from loom_app.ui.booking.repeating import RepeatState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.booking.waiting import WaitingState
from loom_app.ui.chat.draft_state import DraftState
from loom_app.ui.chat.find_state import FindState
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.list_page import message_list
from loom_app.ui.chat.page import message_thread
from loom_app.ui.chat.panel_state import PanelState
from loom_app.ui.chat.schedule_state import ScheduleState
from loom_app.ui.chat.search import SearchState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.chat.typing import TypingState
from loom_app.ui.design.showcase import showcase
from loom_app.ui.directory.coach_page import coach_page
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.directory.page import coach_directory
from loom_app.ui.directory.state import DirectoryState
from loom_app.ui.earnings.account import account_page
from loom_app.ui.earnings.account_state import AccountState
from loom_app.ui.earnings.disputes import disputes_page
from loom_app.ui.earnings.disputes_state import DisputesState
from loom_app.ui.earnings.overview import overview_page
from loom_app.ui.earnings.payouts import payouts_page
from loom_app.ui.earnings.payouts_state import PayoutsState
from loom_app.ui.earnings.state import EarningsState
from loom_app.ui.embed.page import embed_page
from loom_app.ui.embed.site import site_page
from loom_app.ui.embed.site_state import SiteState
from loom_app.ui.embed.state import EmbedState
from loom_app.ui.invitations import routes as invitations
from loom_app.ui.offerings.editor import offering_page
from loom_app.ui.offerings.page import offerings_page
from loom_app.ui.offerings.profile import profile_page
from loom_app.ui.offerings.profile_state import CoachProfileState
from loom_app.ui.offerings.state import OfferingsState, OfferingState
from loom_app.ui.offerings.templates import template_page, templates_page
from loom_app.ui.offerings.templates_state import TemplatesState
from loom_app.ui.onboarding.page import onboarding_page
from loom_app.ui.onboarding.proofs import proofs_page
from loom_app.ui.onboarding.proofs_state import ProofsState
from loom_app.ui.onboarding.state import OnboardingState
from loom_app.ui.packages.buying import buy_package_page
from loom_app.ui.packages.buying_state import BuyPackageState
from loom_app.ui.packages.offers import package_offer_page, package_offers_page
from loom_app.ui.packages.offers_state import PackageOffersState, PackageOfferState
from loom_app.ui.packages.page import package_page, packages_page
from loom_app.ui.packages.state import PackagesState, PackageState
from loom_app.ui.payments.billing import BillingState, billing_page
from loom_app.ui.payments.history import history_page
from loom_app.ui.payments.history_state import HistoryState
from loom_app.ui.payments.methods import methods_page
from loom_app.ui.payments.methods_state import MethodsState
from loom_app.ui.payments.payment import payment_page
from loom_app.ui.payments.payment_state import PaymentState
from loom_app.ui.payments.requests import requests_page
from loom_app.ui.payments.requests_state import RequestsState
from loom_app.ui.places.editor import place_page
from loom_app.ui.places.page import places_page
from loom_app.ui.places.state import PlacesState, PlaceState
from loom_app.ui.public.page import home
from loom_app.ui.public.state import HomeState
from loom_app.ui.route import Route
from loom_app.ui.session import Viewer
from loom_app.ui.sessions.behalf import behalf_page
from loom_app.ui.sessions.behalf_state import BehalfState
from loom_app.ui.sessions.calendar import calendar_page
from loom_app.ui.sessions.calendar_state import CalendarState as SessionCalendarState
from loom_app.ui.sessions.detail import session_page
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.sessions.move import move_page
from loom_app.ui.sessions.move_state import MoveState
from loom_app.ui.sessions.page import sessions_page
from loom_app.ui.sessions.room import room_page
from loom_app.ui.sessions.room_state import RoomState
from loom_app.ui.sessions.state import SessionsState
from loom_app.ui.settings.blocks import BlocksState
from loom_app.ui.settings.calendar import CalendarState
from loom_app.ui.settings.data import data_page
from loom_app.ui.settings.data_state import DataState
from loom_app.ui.settings.page import settings_page
from loom_app.ui.settings.presence import PresenceState
from loom_app.ui.settings.state import SettingsState
from loom_app.ui.settings.video import VideoState
from loom_app.ui.shell.error_page import not_found
from loom_app.ui.shell.notice_state import NoticeState
from loom_app.ui.staff_routes import staff_routes
from loom_app.ui.text import t
from loom_app.ui.waitlist.page import waitlist_page
from loom_app.ui.waitlist.state import WaitlistState


def routes() -> list[Route]:
    """The route table; `/design` exists in development only."""
    # the first finds the coach and the place; of the rest, the step that is open fills itself
    steps = [TimesState, WaitingState, DetailsState, RepeatState, ReviewState]
    booking = [BookingState.open, *(step.open for step in steps)]
    table = [
        Route("/", home, t("Loom: coaching with people you trust"), [HomeState.load]),
        Route("/coaches", coach_directory, t("Find a coach · Loom"), [DirectoryState.load]),
        Route("/coaches/[slug]", coach_page, CoachState.page_title, [CoachState.load]),
        Route("/book/[slug]", booking_page, t("Book a session · Loom"), booking),
        Route(
            "/book/[slug]/confirmed",
            confirmed_page,
            t("Your booking · Loom"),
            [BookingState.open, OutcomeState.open],
            who="person",
        ),
        Route(
            "/book/[slug]/embed",
            embed_page,
            t("Book a session · Loom"),
            [EmbedState.load],
            framed=True,
        ),
        Route("/book/[slug]/[step]", booking_page, t("Book a session · Loom"), booking),
        Route(
            "/messages",
            message_list,
            t("Messages · Loom"),
            [ChatState.close, TypingState.listen, InboxState.load],
        ),
        Route(
            "/messages/[conversation]",
            message_thread,
            t("Messages · Loom"),
            [
                InboxState.load,
                ChatState.open,
                FindState.arrive,
                PanelState.load,
                SearchState.load,
                ScheduleState.load,
                DraftState.load,
                TypingState.listen,
            ],
        ),
        Route("/sessions", sessions_page, t("Sessions · Loom"), [SessionsState.load], who="person"),
        Route(
            "/sessions/calendar",
            calendar_page,
            t("Calendar · Loom"),
            [SessionCalendarState.load],
            who="person",
        ),
        Route(
            "/sessions/new",
            behalf_page,
            t("Book for a client · Loom"),
            [BehalfState.load],
            who="coach",
        ),
        Route("/waitlist", waitlist_page, t("Waitlist · Loom"), [WaitlistState.load], who="person"),
        Route(
            "/sessions/[session_id]",
            session_page,
            t("Session · Loom"),
            [SessionState.load],
            who="person",
        ),
        Route(
            "/sessions/[session_id]/room",
            room_page,
            t("Video room · Loom"),
            [RoomState.open],
            who="person",
        ),
        Route(
            "/sessions/[session_id]/move",
            move_page,
            t("Move a session · Loom"),
            [MoveState.open],
            who="person",
        ),
        Route(
            "/availability",
            availability_page,
            t("Hours · Loom"),
            [AvailabilityState.load, TimeOffState.load, HolidayState.load],
            who="coach",
        ),
        Route(
            "/availability/why",
            why_page,
            t("Why is a time closed? · Loom"),
            [WhyState.load],
            who="coach",
        ),
        Route(
            "/offerings", offerings_page, t("Offerings · Loom"), [OfferingsState.load], who="coach"
        ),
        Route(
            "/offerings/[offering_id]",
            offering_page,
            t("Offering · Loom"),
            [OfferingState.load],
            who="coach",
        ),
        Route(
            "/offerings/packages",
            package_offers_page,
            t("Packages · Loom"),
            [PackageOffersState.load],
            who="coach",
        ),
        Route(
            "/offerings/packages/[offer_id]",
            package_offer_page,
            t("Package · Loom"),
            [PackageOfferState.load],
            who="coach",
        ),
        Route(
            "/offerings/templates",
            templates_page,
            t("Templates · Loom"),
            [TemplatesState.load],
            who="coach",
        ),
        Route(
            "/offerings/templates/[template_id]",
            template_page,
            t("Template · Loom"),
            [TemplatesState.open],
            who="coach",
        ),
        Route("/places", places_page, t("Places · Loom"), [PlacesState.load], who="person"),
        Route("/places/[place_id]", place_page, t("Place · Loom"), [PlaceState.load], who="person"),
        Route("/packages", packages_page, t("Packages · Loom"), [PackagesState.load], who="person"),
        Route(
            "/packages/buy/[offer_id]",
            buy_package_page,
            t("Buy a package · Loom"),
            [BuyPackageState.load],
            who="person",
        ),
        Route(
            "/packages/[package_id]",
            package_page,
            t("Package · Loom"),
            [PackageState.load],
            who="person",
        ),
        Route("/earnings", overview_page, t("Earnings · Loom"), [EarningsState.load], who="coach"),
        Route(
            "/earnings/payouts",
            payouts_page,
            t("Payouts · Loom"),
            [PayoutsState.load],
            who="coach",
        ),
        Route(
            "/earnings/account",
            account_page,
            t("Payout account · Loom"),
            [AccountState.load],
            who="coach",
        ),
        Route(
            "/earnings/disputes",
            disputes_page,
            t("Disputes · Loom"),
            [DisputesState.load],
            who="coach",
        ),
        *staff_routes(),
        Route(
            "/become-a-coach",
            onboarding_page,
            t("Become a coach · Loom"),
            [OnboardingState.load],
            who="person",
        ),
        Route(
            "/become-a-coach/proofs",
            proofs_page,
            t("Proofs · Loom"),
            [ProofsState.load],
            who="coach",
        ),
        Route(
            "/profile",
            profile_page,
            t("Public profile · Loom"),
            [CoachProfileState.load],
            who="coach",
        ),
        Route("/profile/site", site_page, t("On your site · Loom"), [SiteState.load], who="coach"),
        Route(
            "/payments/methods",
            methods_page,
            t("Cards · Loom"),
            [MethodsState.load],
            who="person",
        ),
        Route("/payments", history_page, t("Payments · Loom"), [HistoryState.load], who="person"),
        Route(
            "/payments/billing",
            billing_page,
            t("Billing details · Loom"),
            [BillingState.load],
            who="person",
        ),
        Route(
            "/payments/requests",
            requests_page,
            t("Refund requests · Loom"),
            [RequestsState.load],
            who="coach",
        ),
        Route(
            "/payments/[charge_id]",
            payment_page,
            t("Payment · Loom"),
            [PaymentState.load],
            who="person",
        ),
        Route(
            "/settings",
            settings_page,
            t("Settings · Loom"),
            [
                SettingsState.load,
                CalendarState.load,
                VideoState.load,
                PresenceState.load,
                BlocksState.load,
            ],
        ),
        *invitations.routes(),
        *notifications.routes(),
        Route("/settings/data", data_page, t("Your data · Loom"), [DataState.load], who="person"),
        Route("/404", not_found, t("Nothing here · Loom")),
        *account_routes(),
    ]
    if not settings().production:
        table.append(Route("/design", showcase, "Design"))
    return [
        replace(route, on_load=[NoticeState.follow, *route.on_load])
        if route.framed
        else replace(route, on_load=[Viewer.arrive, NoticeState.follow, *route.on_load])
        for route in table
    ]
