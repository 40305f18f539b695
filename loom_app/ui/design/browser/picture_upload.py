"""A file input that streams its picture to a route of ours and reports what came of it."""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_base.vars import VarData
from reflex_components_core.el.elements.forms import Input

_UPLOAD = """useEffect(() => {
  const input = @ref.current;
  if (!input) return;
  const upload = async () => {
    const file = input.files[0];
    if (!file) return;
    input.value = "";
    if (file.size > @most) { (@on_done)("", @too_large); return; }
    try {
      const name = @named ? `?name=${encodeURIComponent(file.name)}` : "";
      const sent = { method: "POST", body: file, credentials: "include" };
      const answer = await fetch(@url + name, sent);
      const words = await answer.text();
      const json = answer.headers.get("content-type")?.includes("json");
      const said = json ? JSON.parse(words) : { error: words };
      (@on_done)(said.url ?? "", said.error ?? "");
    } catch { (@on_done)("", @failed); }
  };
  input.addEventListener("change", upload);
  return () => input.removeEventListener("change", upload);
}, [@url]);"""


class PictureUpload(Input):
    """Posts the chosen file to `url`; calls `on_done(url, error)`, one of them empty. `named`: with
    its name in the query."""

    url: rx.Var[str]
    named: rx.Var[bool] = rx.Var.create(False)
    most: rx.Var[int]
    too_large: rx.Var[str]
    failed: rx.Var[str]
    on_done: rx.EventHandler[passthrough_event_spec(str, str)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"]}

    def add_hooks(self) -> list[Any]:
        done = rx.Var.create(self.event_triggers["on_done"])
        body = (
            _UPLOAD.replace("@ref", str(self.get_ref()))
            .replace("@url", str(self.url))
            .replace("@named", str(self.named))
            .replace("@most", str(self.most))
            .replace("@too_large", str(self.too_large))
            .replace("@failed", str(self.failed))
            .replace("@on_done", str(done))
        )
        data = VarData.merge(done._get_all_var_data(), self.url._get_all_var_data())
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "url", "named", "most", "too_large", "failed", "on_done"]
