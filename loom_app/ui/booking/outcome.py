"""The last step: what became of the booking, by the database and not by the address."""

import reflex as rx

from loom_app.ui.booking.state import BookingState, address_of, number
from loom_app.ui.problems import Problems
from loom_app.ui.session import public


class OutcomeState(Problems, rx.State):
    """Waiting, confirmed, lost or failed; a signal of the session brings the news."""

    phase: str = ""  # "" while waiting, then "confirmed", "lost" or "failed"
    when: str = ""
    coach_name: str = ""
    offering_name: str = ""
    place_words: str = ""
    session_href: str = ""
    chat_href: str = ""
    again_href: str = ""
    _session_id: int = 0

    @rx.event
    @public
    async def open(self) -> None:
        booking = await self.get_state(BookingState)
        if booking.place != "confirmed":
            return
        _, _, query = address_of(self)
        self._session_id = number(query.get("session", ""))
