"""Every event handler is a public endpoint: which ones a visitor may call is written down here."""

import inspect

from reflex_base.registry import RegistrationContext

from loom_app import loom_app
from loom_app.ui import policy

assert loom_app.app is not None


def handlers():
    """Name → function, of every handler that any State of ours registers."""
    found = {}
    for name, registered in RegistrationContext.get().event_handlers.items():
        owner = registered.states[0]
        if owner.__module__.startswith("loom_app."):
            short = f"{owner.__name__}.{registered.handler.fn.__name__}"
            found[short] = registered.handler.fn
        assert name
    return found


OURS = handlers()

PUBLIC = frozenset(
    """
    AnswerState.decline
    AnswerState.load
    AppealState.load
    AppealState.send
    BookingState.hold_over
    BookingState.open
    CoachState.load
    DetailsState.open
    DetailsState.save
    DirectoryState.choose_sort
    DirectoryState.choose_view
    DirectoryState.clear_filters
    DirectoryState.load
    DirectoryState.narrow
    DirectoryState.narrow_all
    DirectoryState.narrow_day
    DirectoryState.search
    DirectoryState.toggle
    EmbedState.load
    ForgotState.load
    ForgotState.send
    HistoryState.clear_filters
    HistoryState.narrow
    HistoryState.narrow_all
    HistoryState.narrow_day
    HistoryState.toggle
    HomeState.find
    HomeState.load
    LinkState.choose
    LinkState.load
    LinkState.take_address
    LinkState.undo_address
    LostFactorState.finish
    LostFactorState.load
    LostFactorState.stop
    NoticeState.dismiss
    NoticeState.follow
    RepeatState.alone
    RepeatState.keep
    RepeatState.open
    RepeatState.pick
    RepeatState.set_every
    RepeatState.set_number
    ReviewState.open
    SessionsState.clear_filters
    SessionsState.narrow
    SessionsState.narrow_all
    SessionsState.narrow_day
    SessionsState.toggle
    SignInState.load
    SignUpState.load
    SignUpState.submit
    StrengthState.judge
    StrengthState.load
    TimesState.choose
    TimesState.open
    Toasts.dismiss
    VerifyState.load
    Viewer.arrive
    VisitState.ask_by_mail
    VisitState.load
    WaitingState.open
    """.split()  # noqa: SIM905 - one a line reads and changes best
)


def test_exactly_these_handlers_are_open_to_visitors():
    marked = {name for name, fn in OURS.items() if getattr(fn, "__loom_public__", False)}
    assert marked == PUBLIC


def test_every_argument_of_a_handler_can_be_validated():
    for name, fn in OURS.items():
        if fn.__name__ != "setvar":
            try:
                policy.check_annotations(fn)
            except Exception as error:
                error.add_note(name)
                raise


def test_no_handler_blocks_the_loop_for_long():
    """A plain function may only touch its own vars; anything that waits is a coroutine."""
    wrong = []
    for name, fn in OURS.items():
        if not inspect.iscoroutinefunction(fn) and not inspect.isasyncgenfunction(fn):
            source = inspect.getsource(fn)
            wrong += [name] if "transaction(" in source or "sleep" in source else []
    assert wrong == []
