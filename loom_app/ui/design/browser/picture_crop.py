"""Choosing a picture and the part of it that is shown: cut in the browser's view by the npm package
`react-easy-crop`, by touch, mouse or keys, and by the server in truth.

What is sent is the file and the chosen part in percent. A picture that the browser cannot draw
(some phones' formats) is sent whole and cut in the middle.
"""

from typing import Any

import reflex as rx
from reflex_base.event import EventChain, passthrough_event_spec
from reflex_base.vars import VarData
from reflex_base.vars.function import FunctionVar
from reflex_components_core.el.elements.forms import Input

# {src, crop, zoom}: the picture that is being cut, as a blob of the browser; src "" is none
cut = rx._x.client_state("cut", default={"src": "", "crop": {"x": 0, "y": 0}, "zoom": 1})

_REFS = VarData(imports={"$/utils/state": "refs"})
_NONE = '{ src: "", crop: { x: 0, y: 0 }, zoom: 1 }'

_CHOOSE = """useEffect(() => {
  const input = @ref.current;
  if (!input) return;
  let file = null;
  const close = () => {
    const src = refs['_client_state_cut']?.src;
    if (src) URL.revokeObjectURL(src);
    refs['_client_state_setCut'](@none);
    file = null;
  };
  const send = async (part) => {
    if (!file) return;
    const body = file;
    const query = part ? "?" + new URLSearchParams(part) : "";
    close();
    try {
      const answer = await fetch(@url + query, { method: "POST", body, credentials: "include" });
      const words = await answer.text();
      const json = answer.headers.get("content-type")?.includes("json");
      const said = json ? JSON.parse(words) : { error: words };
      (@on_done)(said.url ?? "", said.error ?? "");
    } catch { (@on_done)("", @failed); }
  };
  const choose = () => {
    const chosen = input.files[0];
    if (!chosen) return;
    input.value = "";
    if (chosen.size > @most) { (@on_done)("", @too_large); return; }
    file = chosen;
    refs['loom_part'] = null;
    refs['_client_state_setCut']({ ...@none, src: URL.createObjectURL(chosen) });
  };
  refs['loom_cut'] = { send, close };
  input.addEventListener("change", choose);
  return () => { input.removeEventListener("change", choose); if (file) close(); };
}, []);"""


class PictureChoice(Input):
    """The file input. `refs['loom_cut'].send(part)` posts what was chosen to `url`; then
    `on_done(url, error)` is called, one of them empty."""

    url: rx.Var[str]
    most: rx.Var[int]
    too_large: rx.Var[str]
    failed: rx.Var[str]
    on_done: rx.EventHandler[passthrough_event_spec(str, str)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        done = rx.Var.create(self.event_triggers["on_done"])
        body = _CHOOSE.replace("@ref", str(self.get_ref())).replace("@none", _NONE)
        for name in ("url", "most", "too_large", "failed"):
            body = body.replace(f"@{name}", str(getattr(self, name)))
        data = VarData.merge(done._get_all_var_data(), cut._get_all_var_data())
        return [rx.Var(body.replace("@on_done", str(done)), _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "url", "most", "too_large", "failed", "on_done"]


class EasyCrop(rx.NoSSRComponent):
    """The package's own component."""

    library = "react-easy-crop@6.2.5"
    tag = "Cropper"
    is_default = True


def _of_cut(expression: str, kind: type) -> Any:
    """A var of what is being cut; `@` stands for it."""
    data = cut.value._get_all_var_data()
    return rx.Var(expression.replace("@", str(cut.value)), _var_data=data).to(kind)


def _call(body: str) -> rx.Var:
    return rx.Var(body, _var_data=_REFS)


def crop_area(label: Any) -> rx.Component:
    """The picture under a round window; arrow keys move it, the wheel and two fingers zoom."""
    change = "refs['_client_state_setCut']({ ...refs['_client_state_cut'], %s })"
    return rx.el.div(
        EasyCrop.create(
            custom_attrs={
                "image": _of_cut("@.src", str),
                "crop": _of_cut("@.crop", dict),
                "zoom": _of_cut("@.zoom", float),
                "aspect": 1,
                "cropShape": "round",
                "showGrid": False,
                "keyboardStep": 8,
                "onCropChange": _call(f"(crop) => {change % 'crop'}"),
                "onZoomChange": _call(f"(zoom) => {change % 'zoom'}"),
                "onCropComplete": _call("(part) => { refs['loom_part'] = part; }"),
                "cropperProps": {"aria-label": label, "role": "group"},
                "mediaProps": {
                    "alt": "",
                    "onError": _call("() => refs['loom_cut'].send(null)"),
                },
            }
        ),
        class_name="relative h-72 w-full overflow-hidden rounded-control bg-sunken sm:h-80",
    )


def zoom_range(label: Any) -> rx.Component:
    """How near: a slider, for who has no wheel."""
    return rx.el.label(
        rx.el.span(label, class_name="text-sm font-medium"),
        rx.el.input(
            type="range",
            min="1",
            max="3",
            step="0.05",
            class_name="h-11 w-full accent-[var(--brand)]",
            custom_attrs={
                "value": _of_cut("@.zoom", float),
                "onChange": _call(
                    "(e) => refs['_client_state_setCut']({ ...refs['_client_state_cut'],"
                    " zoom: Number(e.target.value) })"
                ),
            },
        ),
        class_name="mt-4 block",
    )


def is_cutting() -> Any:
    return _of_cut('@.src !== ""', bool)


def send_cut() -> Any:
    """A click handler: this part of it."""
    return _call("() => refs['loom_cut'].send(refs['loom_part'])").to(FunctionVar, EventChain)


def stop_cutting() -> Any:
    """For `on_open_change`: not this picture."""
    body = "(open) => { if (!open) refs['loom_cut']?.close(); }"
    return _call(body).to(FunctionVar, EventChain)
