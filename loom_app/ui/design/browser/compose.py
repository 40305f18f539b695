"""The message line: Enter sends, the draft is kept, focus stays."""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData
from reflex_components_core.el.elements.forms import Form

# Enter sends where there is a keyboard; on touch it breaks the line and the button sends
_COMPOSE = """useEffect(() => {
  const form = @ref.current;
  const area = form?.querySelector("textarea");
  if (!area) return;
  const key = `loom_draft_${@person}_${@conversation}`;
  area.value = localStorage.getItem(key) ?? "";
  const submit = (e) => {
    e?.preventDefault();
    const body = area.value.trim();
    if (!body) return;
    area.value = "";
    localStorage.removeItem(key);
    refs['loom_outbox'].add(@conversation, body);
    area.focus();
  };
  const onKey = (e) => {
    const touch = window.matchMedia("(pointer: coarse)").matches;
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing && !touch) submit(e);
  };
  const onInput = () => localStorage.setItem(key, area.value);
  area.addEventListener("keydown", onKey);
  area.addEventListener("input", onInput);
  form.addEventListener("submit", submit);
  return () => {
    area.removeEventListener("keydown", onKey);
    area.removeEventListener("input", onInput);
    form.removeEventListener("submit", submit);
  };
}, [@person, @conversation]);"""


class Compose(Form):
    """A form around one textarea; hands what was typed to the outbox of the same page."""

    person: rx.Var[int]
    conversation: rx.Var[int]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> Any:
        return super(Form, cls).create(*children, **props)

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        body = (
            _COMPOSE.replace("@ref", str(self.get_ref()))
            .replace("@person", str(self.person))
            .replace("@conversation", str(self.conversation))
        )
        data = VarData.merge(self.person._get_all_var_data(), self.conversation._get_all_var_data())
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "person", "conversation"]
