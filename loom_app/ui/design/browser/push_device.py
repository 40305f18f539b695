"""Whether this browser takes pushes, and the two clicks that change it. Browsers ask their person
only in a click, so nothing is asked by a page that opens."""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_base.vars import VarData
from reflex_components_core.el.elements.typography import Div

_HOOK = """const pushKey = useRef("");
pushKey.current = @public;
useEffect(() => {
  if (!@ready) return;
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const same = (one) => {
    const mine = new Uint8Array(one.options.applicationServerKey || []);
    const wanted = bytes(pushKey.current);
    return mine.length === wanted.length && mine.every((byte, at) => byte === wanted[at]);
  };
  const held = async () => {
    const worker = await navigator.serviceWorker.getRegistration("/");
    return worker ? await worker.pushManager.getSubscription() : null;
  };
  const tell = async () => {
    if (!able) return (@on_found)("none", "");
    const found = await held().catch(() => null);
    if (Notification.permission === "denied") return (@on_found)("denied", "");
    (@on_found)(found ? "on" : "off", found ? found.endpoint : "");
  };
  refs["loom_push_on"] = async () => {
    const said = await Notification.requestPermission();
    if (said !== "granted") return tell();
    try {
      await navigator.serviceWorker.register("/sw.js");
      const worker = await navigator.serviceWorker.ready;
      let now = await worker.pushManager.getSubscription();
      if (now && !same(now)) { await now.unsubscribe(); now = null; }
      now = now || await worker.pushManager.subscribe(
        {userVisibleOnly: true, applicationServerKey: bytes(pushKey.current)});
      const {endpoint, keys} = now.toJSON();
      (@on_subscribed)(endpoint, keys.p256dh, keys.auth);
    } catch {
      (@on_found)("failed", "");
    }
  };
  refs["loom_push_off"] = async () => {
    const now = await held().catch(() => null);
    if (now) await now.unsubscribe().catch(() => null);
    (@on_left)(now ? now.endpoint : "");
  };
  tell();
}, [@ready]);
useEffect(() => {
  // its person has agreed before: a browser that wants to be asked again says so by failing
  if (@stale && Notification.permission === "granted") refs["loom_push_on"]?.();
}, [@stale]);"""


class PushDevice(Div):
    """Draws nothing. `on_found(status, endpoint)` comes with each connection (`ready` changes):
    none (this browser cannot), denied, off, on, or failed where its push service did not answer;
    `on_subscribed(endpoint, p256dh, auth)` and `on_left(endpoint)` follow the clicks. `public`:
    the key that pushes are signed with, in base64url. `stale`: what this browser has was asked for
    with another key, so it subscribes anew."""

    _OWN = ("ready", "public", "stale", "on_found", "on_subscribed", "on_left")

    ready: rx.Var[int]
    public: rx.Var[str]
    stale: rx.Var[bool]
    on_found: rx.EventHandler[passthrough_event_spec(str, str)]
    on_subscribed: rx.EventHandler[passthrough_event_spec(str, str, str)]
    on_left: rx.EventHandler[passthrough_event_spec(str)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect", "useRef"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        calls = {name: rx.Var.create(self.event_triggers[name]) for name in self._OWN[3:]}
        values = {
            "ready": self.ready,
            "public": self.public,
            "stale": self.stale,
            **calls,
        }
        body = _HOOK
        for name, value in values.items():
            body = body.replace(f"@{name}", str(value))
        data = VarData.merge(*(value._get_all_var_data() for value in values.values()))
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), *self._OWN]


def _click(name: str) -> rx.Var:
    data = VarData(imports={"$/utils/state": "refs"})
    return rx.Var(f"() => refs['{name}']?.()", _var_data=data)


def switch_on() -> rx.Var:
    """A click handler: asks for leave, and subscribes."""
    return _click("loom_push_on")


def switch_off() -> rx.Var:
    """A click handler."""
    return _click("loom_push_off")
