// Loom's service worker, the one script that is written by hand: a browser takes no other for this.
// It shows what was pushed, opens it when it is chosen, and tells us when the address of pushes changed.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// only our own pages are opened, whatever a push says
const ours = (path) => {
  try {
    const url = new URL(path, self.location.origin);
    if (url.origin === self.location.origin) return url.href;
  } catch {}
  return `${self.location.origin}/notifications`;
};

self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data.json(); } catch {}
  event.waitUntil(self.registration.showNotification(told.title || "Loom", {
    body: told.body || "",
    tag: told.tag || "loom",
    renotify: true,
    lang: told.lang || "",
    dir: "auto",
    icon: "/favicon.ico",
    timestamp: told.at || Date.now(),
    data: {path: told.path || "/notifications"},
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const href = ours(event.notification.data && event.notification.data.path);
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({type: "window", includeUncontrolled: true});
    // no tab is led away from what it shows: it may be a call, or half a letter
    const here = open.find((one) => one.frameType !== "nested" && one.url === href);
    return here ? here.focus() : self.clients.openWindow(href);
  })());
});

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil((async () => {
    const old = event.oldSubscription;
    const now = event.newSubscription
      || old && await self.registration.pushManager.subscribe(old.options);
    if (!old || !now) return;
    await fetch("/push/renewed", {
      method: "POST",
      headers: {"content-type": "application/json"},
      body: JSON.stringify({former: old.endpoint, now: now.toJSON()}),
    });
  })());
});
