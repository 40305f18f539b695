"""One menu for all messages: opened beside the message whose button was used."""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData
from reflex_components_core.el.elements.typography import Div

# the message whose menu is open, or an empty one
chosen = rx._x.client_state("chosen", default={"id": 0})

_OPEN = """useEffect(() => {
  refs['loom_menu'] = {
    open: (m, from) => {
      const panel = @ref.current;
      refs['_client_state_setChosen'](m);
      panel.style.maxHeight = "";
      // what was unfolded for the message before, such as deleting it, is not for this one
      panel.querySelectorAll("details[open]").forEach((part) => { part.open = false; });
      panel.showPopover();
      requestAnimationFrame(() => {
        const at = from.getBoundingClientRect(), size = panel.getBoundingClientRect();
        const high = window.innerHeight;
        const below = high - at.bottom;
        const fits = size.height + 12 < below || below > at.top;
        const left = Math.min(Math.max(8, at.left), window.innerWidth - size.width - 8);
        // it hangs on the button's side and grows away from it, when more of it is unfolded, too
        const side = fits ? at.bottom + 4 : Math.max(8, high - at.top + 4);
        panel.style.left = `${left}px`;
        panel.style.top = fits ? `${side}px` : "auto";
        panel.style.bottom = fits ? "auto" : `${side}px`;
        panel.style.maxHeight = `${high - side - 8}px`;
        panel.querySelector("button")?.focus();
      });
    },
    close: () => @ref.current?.hidePopover(),
  };
}, []);"""

# as it was written: lines, list marks and quotes stay
_WORDS = r"""(@m.blocks.map((b, i, all) => {
  const words = b.spans.map((s) => s.kind === "break" ? "\n" : s.text).join("");
  const gap = !i ? "" : b.kind === "p" && all[i - 1].kind === "p" ? "\n\n" : "\n";
  if (b.kind === "quote") return gap + words.replace(/^/gm, "> ");
  return gap + (b.mark ? `${b.mark} ` : "") + words;
}).join(""))"""


class MessageMenu(Div):
    """A popover; Esc and a click beside it close it, focus goes back. Needs an `id`."""

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        body = _OPEN.replace("@ref", str(self.get_ref()))
        return [rx.Var(body, _var_data=chosen._get_all_var_data())]


def open_menu(message: Any) -> rx.Var:
    """The click handler of a message's button."""
    return rx.Var(
        f"(e) => refs['loom_menu'].open({message!s}, e.currentTarget)",
        _var_data=VarData.merge(
            VarData(imports={"$/utils/state": "refs"}), message._get_all_var_data()
        ),
    )


def picked(name: str, kind: type) -> Any:
    """One part of the message whose menu is open."""
    return rx.Var(f"{chosen.value!s}.{name}", _var_data=chosen.value._get_all_var_data()).to(kind)


def then_close(words: str, *depends: rx.Var) -> rx.Var:
    """A click handler in the browser that also closes the menu."""
    data = VarData.merge(
        VarData(imports={"$/utils/state": "refs"}),
        chosen.value._get_all_var_data(),
        *(var._get_all_var_data() for var in depends),
    )
    return rx.Var(f"() => {{ refs['loom_menu'].close(); {words} }}", _var_data=data)


def is_editable() -> rx.Var:
    """Whether the message may still be edited, at the time the menu opens."""
    m = f"{chosen.value!s}"
    words = f"!!({m}.source && {m}.editable_until > Date.now() / 1000)"
    return rx.Var(words, _var_data=chosen.value._get_all_var_data()).to(bool)


def has_words() -> rx.Var:
    """Whether there is anything to copy: a picture alone has none."""
    words = f"!!{chosen.value!s}.blocks?.length"
    return rx.Var(words, _var_data=chosen.value._get_all_var_data()).to(bool)


def words_of(message: str) -> str:
    """An expression: the text of the message that a name stands for."""
    return _WORDS.replace("@m", message)
