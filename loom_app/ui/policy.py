"""Default-deny in front of every event handler: an unmarked or malformed call goes nowhere.

Runs as Reflex middleware under the tab's lock before every handler, chained and background ones and
on_load included. Arguments are validated against the handler's annotations, strictly.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, get_type_hints
from urllib.parse import quote

import reflex as rx
import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.form import transform_form_data

from loom_app.domains.platform import queries as platform
from loom_app.kit import metrics
from loom_app.kit.security import limits
from loom_app.ui import problems, session
from loom_app.ui.shell.notice_state import NoticeState, network_of

log = structlog.get_logger("policy")

FRAMEWORK = frozenset(
    {"hydrate", "hydrate_and_load", "set_is_hydrated", "on_load_internal", "update_vars_internal"}
)
# modules and packages whose handlers run while Loom is closed
WHILE_CLOSED = frozenset(
    {
        "loom_app.ui.auth",
        "loom_app.ui.problems",
        "loom_app.ui.session",
        "loom_app.ui.settings.second_factor_state",
        "loom_app.ui.shell",
    }
)
MAX_TEXT = 20_000
MAX_NUMBER = 2**53 - 1  # what a browser can count to; the database holds it, too
Number = Annotated[int, Field(ge=-MAX_NUMBER, le=MAX_NUMBER)]


class Policy(Middleware):
    """The second of three layers: the gate stands before it, row-level security behind it."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        router_data = EventContext.get().router_data or state.router_data
        place = str(router_data.get("pathname") or "")[:200]
        structlog.contextvars.bind_contextvars(handler=event.name[:200], page=place)
        if too_fast(router_data):
            return await self._slowed(state, event)
        found = RegistrationContext.get().event_handlers.get(event.name)
        # setvar calls any method named set_… with whatever it is given
        if found is None or found.handler.fn.__name__ == "setvar":
            return refuse("unknown", event.name)
        handler, owner = found.handler.fn, found.states[0]
        if owner.__module__.startswith("reflex"):
            return self._framework(handler.__name__, event)
        if not await open_for(owner.__module__, router_data):
            return await self._closed(state, event)
        return await self._ours(handler, event, router_data)

    async def _ours(
        self, handler: Callable[..., Any], event: Event, router_data: dict[str, Any]
    ) -> StateUpdate | None:
        if unfit := payload_problems(handler, event.payload):
            return refuse(f"arguments: {unfit}", event.name)
        if getattr(handler, "__loom_public__", False):
            metrics.EVENTS.labels("taken").inc()
            return None
        away = await to_sign_in(router_data)
        metrics.EVENTS.labels("taken" if away is None else "sign-in").inc()
        return away

    async def _slowed(self, state: BaseState, event: Event) -> StateUpdate:
        """Drop it; the tab hears of it once in a while, not once for each."""
        update = refuse("too fast", event.name)
        if limits.allow("slow_words", EventContext.get().token):
            await problems.say(state, limits.words("event"), "error")
            update = await _told(state)
        return update

    async def _closed(self, state: BaseState, event: Event) -> StateUpdate:
        """Drop it; the page says that Loom is closed, and offers to begin again afterwards."""
        refuse("closed", event.name)
        notice = await state.get_state(NoticeState)
        notice._miss()  # noqa: SLF001 - a handler must not be able to
        await notice._say()  # noqa: SLF001
        return await _told(state)

    def _framework(self, name: str, event: Event) -> StateUpdate | None:
        if name == "handle_frontend_exception":
            if limits.allow("browser_error", "all"):
                tab = EventContext.get().token[: session.TAB_LETTERS].upper()
                log.warning("browser.error", reference=tab, text=str(event.payload)[:500])
            return StateUpdate()
        if name not in FRAMEWORK:
            return refuse("framework", event.name)
        if name == "update_vars_internal" and len(str(event.payload)) > 8_000:
            return refuse("storage", event.name)
        return None


async def _told(state: BaseState) -> StateUpdate:
    """What changed in the tab, as Reflex sends it after a handler."""
    root = state._get_root_state()  # noqa: SLF001 - no public way
    update = StateUpdate(delta=await root._get_resolved_delta())  # noqa: SLF001
    root._clean()  # noqa: SLF001
    return update


async def open_for(module: str, router_data: dict[str, Any]) -> bool:
    """Whether a handler of this module may run: while Loom is closed, for those who are let in, and
    for everybody what says so and by which staff comes in."""
    closed = platform.maintenance()
    if closed is None or {module, module.rpartition(".")[0]} & WHILE_CLOSED:
        return True
    return platform.lets_in(closed, await session.actor_of(router_data), network_of(router_data))


def too_fast(router_data: dict[str, Any]) -> bool:
    """Count an event of this sign-in, or of the address of visitors."""
    session_id, _ = session.headers_of(router_data)
    key = f"session:{session_id}" if session_id else f"address:{router_data.get('ip', '')}"
    return not limits.allow("event", key)


async def to_sign_in(router_data: dict[str, Any]) -> StateUpdate | None:
    """Where a visitor is led who calls what needs a person; None for a person."""
    actor = await session.actor_of(router_data)
    if actor.person_id is not None:
        return None
    path = router_data.get("asPath") or router_data.get("pathname") or "/"
    target = f"/sign-in?next={quote(str(path)[:500], safe='/')}"
    return StateUpdate(events=Event.from_event_type(rx.redirect(target)))


def refuse(why: str, name: str) -> StateUpdate:
    """Drop the event; the log holds no payload, since it may hold a password."""
    metrics.EVENTS.labels(why.partition(":")[0]).inc()
    log.warning("event.refused", why=why, handler=name[:200])
    return StateUpdate()


def payload_problems(handler: Callable[..., Any], payload: dict[str, Any]) -> str:
    """Strictly the declared arguments: no more, no fewer, of their types, and no endless text.

    Returns what is wrong with which argument, without its value; "" for a good payload.
    """
    model = payload_model(handler)
    try:
        # a form arrives as a list of its entries, and becomes what the handler will get
        given = {
            name: transform_form_data(value, model.model_fields[name].annotation)
            if name in model.model_fields
            else value
            for name, value in payload.items()
        }
        model.model_validate(given)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        if not isinstance(error, ValidationError):
            return type(error).__name__
        found = error.errors(include_url=False, include_input=False, include_context=False)
        return ", ".join(f"{'.'.join(map(str, one['loc']))} {one['type']}" for one in found[:5])
    if not _storable(payload):
        return "characters that no text has"
    return "too long" if _length(payload) > MAX_TEXT else ""


@cache
def payload_model(handler: Callable[..., Any]) -> type[BaseModel]:
    """A strict pydantic model of a handler's arguments."""
    hints = get_type_hints(handler)
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(handler).parameters.items())[1:]:
        if name.startswith("_"):  # pydantic would take it for its own, and refuse every call
            raise TypeError(f"an argument of a handler may not begin with _: {name}")
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[name] = (Number if hints[name] is int else hints[name], default)
    return create_model(
        f"{handler.__qualname__}Payload",
        __config__=ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=False),
        **fields,
    )


def check_annotations(handler: Callable[..., Any]) -> None:
    """Raises for a handler whose arguments cannot be validated; a test calls it for all."""
    for field in payload_model(handler).model_fields.values():
        TypeAdapter[Any](field.annotation)


def _storable(value: Any) -> bool:
    """No NUL and no half of a character anywhere: PostgreSQL keeps neither."""
    if isinstance(value, str):
        return "\x00" not in value and value.encode(errors="replace").decode() == value
    if isinstance(value, dict):
        return all(_storable(part) and _storable(key) for key, part in value.items())
    return all(map(_storable, value)) if isinstance(value, list) else True


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_length(part) + _length(key) for key, part in value.items())
    if isinstance(value, list):
        return sum(_length(part) for part in value)
    return 0
