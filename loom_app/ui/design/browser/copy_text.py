"""Words into the clipboard, without asking the server."""

import reflex as rx
from reflex_base.vars import VarData

# what was copied last on this page, so that its button can say so
_copied = rx._x.client_state("copied", default="")


def copy_text(words: rx.Var) -> rx.Var:
    """A click handler. Browsers allow it on https and on localhost."""
    return rx.Var(
        f"() => {{ navigator.clipboard?.writeText({words!s});"
        f" refs['_client_state_setCopied']({words!s}); }}",
        _var_data=VarData.merge(
            VarData(imports={"$/utils/state": "refs"}),
            _copied._get_all_var_data(),
            words._get_all_var_data(),
        ),
    )


def is_copied(words: rx.Var) -> rx.Var:
    """Whether these are the words that were copied last."""
    return rx.Var(
        f"({_copied.value!s} === {words!s})",
        _var_data=VarData.merge(_copied.value._get_all_var_data(), words._get_all_var_data()),
    ).to(bool)
