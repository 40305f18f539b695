"""Something that is over after a while, timed by an animation: no script, no timer to clear."""

import reflex as rx
from reflex_base.event import no_args_event_spec
from reflex_components_core.el.elements.inline import Span


class Lapse(Span):
    """Tells when its own animation has ended; `.lapse` in the tokens says how long that is."""

    on_animation_end: rx.EventHandler[no_args_event_spec]
