"""Messages on their way: kept by the browser until the server has them.

A message gets its id here, is shown at once, is stored before it is sent, and is sent again after a
reload or a lost connection; the server knows the id, so nothing is doubled.
"""

from typing import Any

import reflex as rx
from reflex_base.event import passthrough_event_spec
from reflex_base.vars import VarData
from reflex_components_core.el.elements.typography import Div

# the browser's own list of {cid, conversation, body, reply, quote, files, problem, late}
pending = rx._x.client_state("unsent", default=[])

_KEEP = """const outbox =
  { person: @person, settled: @settled, refused: @refused, opened: @opened, early: @early };
// a page that reconnects does not know its person for a moment; what is written then is theirs
if (outbox.person) refs['loom_person'] = outbox.person;
const whose = outbox.person || refs['loom_person'] || 0;
useEffect(() => {
  const key = `loom_outbox_${whose}`;
  const read = () => {
    try { return JSON.parse(localStorage.getItem(key)) ?? [] } catch { return [] }
  };
  const keep = (list) => {
    localStorage.setItem(key, JSON.stringify(list));
    refs['_client_state_setUnsent'](list);
  };
  const change = (cid, values) =>
    keep(read().map((p) => p.cid === cid ? { ...p, ...values } : p));
  const before = (p) => {
    const list = messages().filter((q) => q.conversation === p.conversation);
    return list[list.findIndex((q) => q.cid === p.cid) - 1]?.cid ?? "";
  };
  const send = (p) => {
    if (p.target) return (@on_edit)(p.target, p.body, p.cid);
    (@on_send)(p.cid, p.conversation, p.body, p.reply ?? 0, p.files ?? [], before(p));
    setTimeout(() => change(p.cid, { late: true }), 15000);
  };
  const waiting = () => read().filter((p) => !p.problem);
  const messages = () => waiting().filter((p) => !p.target);
  const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (b) => b.toString(16).padStart(2, "0")).join("");
  refs['loom_outbox'] = {
    add: (conversation, body, more) => {
      const p =
        { cid: id(), conversation, body, ...more, problem: "", late: false, at: Date.now() };
      const stuck =
        messages().some((q) => q.conversation === conversation && p.at - q.at > 2000);
      keep([...read(), p]);
      if (!stuck) send(p);
    },
    // only the newest words for a message are of interest
    edit: (conversation, target, body) => {
      const p = { cid: id(), conversation, target, body, problem: "", at: Date.now() };
      keep([...read().filter((q) => q.target !== target), p]);
      send(p);
    },
    retry: (cid) => {
      change(cid, { problem: "", late: false });
      read().filter((p) => p.cid === cid).forEach(send);
    },
    drop: (cid) => keep(read().filter((p) => p.cid !== cid)),
    settle: (cids, refused) => {
      const list = read();
      const left = list.filter((p) => !cids.includes(p.cid))
        .map((p) => refused[p.cid] ? { ...p, problem: refused[p.cid] } : p);
      if (JSON.stringify(left) !== JSON.stringify(list)) keep(left);
    },
    // in portions, which the gate lets through; the rest goes with the next round
    resend: () => waiting().slice(0, 50).forEach(send),
  };
  keep(read());
  const again = setInterval(() => {
    if (waiting().some((p) => Date.now() - p.at > 4000)) refs['loom_outbox'].resend();
  }, 4000);
  return () => clearInterval(again);
}, [whose]);
useEffect(() => {
  // after the window has drawn what was settled: nothing disappears in between
  const { settled, refused } = outbox;
  const settle = () => refs['loom_outbox'].settle(settled, refused);
  (refs['loom_talk']?.after_drawing ?? setTimeout)(settle);
}, [outbox.settled, outbox.refused, whose]);
useEffect(() => {
  if (outbox.opened && outbox.person) refs['loom_outbox'].resend();
}, [outbox.opened, outbox.person]);
useEffect(() => {
  if (!outbox.early) return;
  // several are turned away together: one more try for all of them
  const soon = setTimeout(() => refs['loom_outbox'].resend(), 200);
  return () => clearTimeout(soon);
}, [outbox.early]);"""


class Outbox(Div):
    """Draws nothing. `settled` are ids that the server has, `refused` maps ids to words, `opened`
    changes whenever the page is (re)connected, `early` whenever the server had to turn a message
    away because the one before it is missing. `on_send(cid, conversation, body, reply, files,
    after)` is idempotent and temporal: what is not sent at once is sent again from here, in order,
    and by nobody else; `after` names the message before it that is still on its way. `on_edit(id,
    body, cid)` changes a message that is there, in the same way."""

    _OWN = ("person", "settled", "refused", "opened", "early", "on_send", "on_edit")

    person: rx.Var[int]
    settled: rx.Var[list[str]]
    refused: rx.Var[dict[str, str]]
    opened: rx.Var[int]
    early: rx.Var[int]
    on_send: rx.EventHandler[passthrough_event_spec(str, int, str, int, list[int], str)]
    on_edit: rx.EventHandler[passthrough_event_spec(int, str, str)]

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "$/utils/state": ["refs"]}

    def add_hooks(self) -> list[Any]:
        send = rx.Var.create(self.event_triggers["on_send"])
        edit = rx.Var.create(self.event_triggers["on_edit"])
        names = {
            "person": self.person,
            "settled": self.settled,
            "refused": self.refused,
            "opened": self.opened,
            "early": self.early,
        }
        body = _KEEP.replace("@on_send", str(send)).replace("@on_edit", str(edit))
        for name, var in names.items():
            body = body.replace(f"@{name}", str(var))
        data = VarData.merge(
            pending._get_all_var_data(),
            send._get_all_var_data(),
            edit._get_all_var_data(),
            *(var._get_all_var_data() for var in names.values()),
        )
        return [rx.Var(body, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), *self._OWN]


def unsent(conversation: rx.Var, shown: rx.Var) -> rx.Var:
    """What this browser still has to send in a conversation: not among the messages shown."""
    mine = f"{pending.value!s}.filter((p) => !p.target && p.conversation === {conversation!s}"
    known = f" && !{shown!s}.some((m) => m.cid === p.cid))"
    depends = (pending.value, conversation, shown)
    data = VarData.merge(*(var._get_all_var_data() for var in depends))
    return rx.Var(mine + known, _var_data=data).to(list[dict[str, str]])


def outbox_call(name: str, cid: rx.Var) -> rx.Var:
    """A click handler that never asks the server: `retry` or `drop` one message."""
    return rx.Var(
        f"() => refs['loom_outbox'].{name}({cid!s})",
        _var_data=VarData.merge(
            VarData(imports={"$/utils/state": "refs"}), cid._get_all_var_data()
        ),
    )
