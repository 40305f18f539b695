"""A form whose unsent words survive a reload, a lost connection and a restarted server."""

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.forms import Form

_KEEP = """useEffect(() => {
  const form = @form.current;
  if (!form) return;
  const name = "loom_typed:" + window.location.pathname;
  const typed = JSON.parse(sessionStorage.getItem(name) ?? "{}");
  for (const [field, text] of Object.entries(typed)) {
    if (form.elements[field]) form.elements[field].value = text;
  }
  const keep = ({ target }) => {
    typed[target.name] = target.value;
    sessionStorage.setItem(name, JSON.stringify(typed));
  };
  const sent = () => sessionStorage.removeItem(name);
  form.addEventListener("input", keep);
  form.addEventListener("submit", sent);
  return () => {
    form.removeEventListener("input", keep);
    form.removeEventListener("submit", sent);
  };
}, [@words])"""


class KeptForm(Form):
    """Keeps what is typed in the tab's own storage until it is sent; never use it for passwords.

    `words` changes when the server has other words for the fields; an `id` is needed.
    """

    words: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        hook = _KEEP.replace("@form", str(self.get_ref())).replace("@words", str(self.words))
        return [rx.Var(hook, _var_data=self.words._get_all_var_data())]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "words"]
