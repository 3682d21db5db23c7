// Keeps a page of `vmt serve` current, and shows beside it what `vmt check` says. The server is in
// src/serve/http.rs, the messages are in src/serve/snapshot.rs.
(() => {
  "use strict";

  const OWN = "/.vmt/";
  // What the server says of this page, as it was when it was served.
  const served = { ...document.currentScript.dataset };

  // Storage may be switched off: then nothing is remembered.
  const remember = (key, value) => {
    try {
      sessionStorage.setItem(key, value);
    } catch {}
  };
  const recall = (key) => {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  };

  // ---- Reloading

  let digests = new Map();
  let greeted = false;
  let reloading = false;

  const pathOf = (url) => {
    const address = new URL(url, location.href);
    return address.origin === location.origin ? decodeURIComponent(address.pathname.slice(1)) : null;
  };

  const stylesheets = () =>
    [...document.querySelectorAll('link[rel~="stylesheet"]')].filter((link) => !link.dataset.leaving);

  // Everything of this site that the page has loaded: styles, scripts, images, data.
  const used = () => {
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const named = [...document.scripts].map((script) => script.src).filter(Boolean);
    return new Set([...loaded, ...named].map(pathOf).filter((path) => path !== null));
  };

  const reload = () => {
    if (reloading) return;
    reloading = true;
    remember("vmt-scroll", JSON.stringify({ path: location.pathname, x: scrollX, y: scrollY }));
    location.reload();
  };

  const restoreScroll = () => {
    const kept = JSON.parse(recall("vmt-scroll") ?? "null");
    remember("vmt-scroll", "null");
    if (kept?.path === location.pathname && !location.hash) scrollTo(kept.x, kept.y);
  };

  // The new stylesheet is in force before the old one goes, so that the page never stands bare.
  const swap = (link, digest) => {
    const address = new URL(link.href);
    address.searchParams.set("vmt", digest);
    const next = link.cloneNode();
    next.href = address.href;
    link.dataset.leaving = "yes";
    next.addEventListener("load", () => link.remove());
    next.addEventListener("error", () => link.remove());
    link.after(next);
  };

  const take = (message) => {
    const before = digests;
    digests = message.whole ? new Map() : new Map(before);
    for (const [path, digest] of Object.entries(message.files)) {
      if (digest === null) digests.delete(path);
      else digests.set(path, digest);
    }
    const changed = (path) => before.has(path) && before.get(path) !== digests.get(path);
    const pageChanged = (digests.get(served.path) ?? "") !== served.page;
    // A build between the page and its first message: what the page loaded may be older or newer.
    const missed = !greeted && message.assets !== served.assets;
    greeted = true;
    const others = [...used()].filter((path) => path !== served.path && !path.endsWith(".css"));
    if (pageChanged || missed || others.some(changed)) {
      reload();
      return;
    }
    for (const link of stylesheets()) {
      const path = pathOf(link.href);
      if (changed(path)) swap(link, digests.get(path) ?? "");
    }
    overlay.update(message.report);
  };

  // ---- The connection

  let source = null;
  let lost = 0;

  const disconnect = () => {
    source?.close();
    source = null;
    clearTimeout(lost);
  };

  const connect = () => {
    disconnect();
    source = new EventSource(OWN + "events");
    source.addEventListener("message", (event) => {
      clearTimeout(lost);
      lost = 0;
      overlay.connected(true);
      take(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      // A restart takes less than this; only a longer silence is worth a word.
      if (!lost) lost = setTimeout(() => overlay.connected(false), 1500);
      // The browser tries again by itself, unless the answer was an error.
      if (source?.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
    });
  };

  // A browser keeps six connections to a server: pages in the background leave theirs to others.
  const attend = () => (document.hidden ? disconnect() : connect());

  // ---- The overlay

  const element = (name, properties = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made) made[key] = value;
      else made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  };

  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  const inWords = ({ errors, warnings, advice }) => {
    const parts = [];
    if (errors) parts.push(plural(errors, "error"));
    if (warnings) parts.push(plural(warnings, "warning"));
    if (advice) parts.push(`${advice} advice`);
    return parts.join(", ") || "no findings";
  };

  const countOf = (findings) => {
    const count = { errors: 0, warnings: 0, advice: 0 };
    const names = { error: "errors", warning: "warnings", advice: "advice" };
    for (const finding of findings) count[names[finding.severity]] += 1;
    return count;
  };

  const findingItem = (finding) =>
    element(
      "li",
      { className: `vmt-${finding.severity}` },
      element("p", {}, element("strong", {}, finding.severity), ` ${finding.message}`),
      finding.help ? element("p", {}, `help: ${finding.help}`) : null,
      element(
        "p",
        { className: "vmt-place" },
        `${finding.file}:${finding.line}:${finding.column}`,
        element("br"),
        element("code", { title: `vmt explain ${finding.rule}` }, finding.rule),
      ),
    );

  const pageItem = (count) =>
    element(
      "li",
      {},
      element("a", { href: encodeURI(count.page) }, count.id),
      ` ${inWords(count)}`,
    );

  const overlay = (() => {
    const toggle = element("button", { type: "button", "aria-controls": "vmt-live-body" });
    const status = element("p", { role: "status" });
    const body = element("div", {
      id: "vmt-live-body",
      role: "group",
      "aria-label": "Findings",
      tabIndex: 0,
    });
    const heading = element("h2", { id: "vmt-live-title" }, "vmt check");
    const panel = element(
      "aside",
      { id: "vmt-live", "aria-labelledby": "vmt-live-title" },
      element("div", { className: "vmt-bar" }, heading, toggle),
      status,
      body,
    );
    let shown = null;
    let words = "";
    let asked = 0;

    const say = (text) => {
      // The same words again would be read out again.
      if (status.textContent !== text) status.textContent = text;
    };

    const open = (isOpen) => {
      body.hidden = !isOpen;
      toggle.textContent = isOpen ? "Hide" : "Show";
      toggle.setAttribute("aria-expanded", String(isOpen));
      document.documentElement.classList.toggle("vmt-live-open", isOpen);
    };

    const list = (name, items) => (items.length ? element(name, {}, ...items) : null);

    const show = (report) => {
      const own = report.document !== null;
      const here = own ? `${report.document}: ${inWords(countOf(report.findings))}` : null;
      const everywhere = `Workspace: ${inWords(report.summary)}`;
      const kept = body.scrollTop;
      const parts = [];
      if (report.error !== null) {
        parts.push(
          element("h3", { className: "vmt-error" }, "The last build failed; this page is older"),
          element("pre", {}, report.error),
        );
      }
      parts.push(list("ol", report.findings.map(findingItem)));
      if (!own && report.pages.length) {
        parts.push(element("h3", {}, "Documents with findings"));
        parts.push(list("ul", report.pages.map(pageItem)));
      }
      if (own) parts.push(element("p", {}, everywhere));
      body.replaceChildren(...parts.filter((part) => part !== null));
      body.scrollTop = kept;
      panel.classList.toggle("vmt-failed", report.error !== null);
      words = (report.error === null ? "" : "Build failed. ") + (here ?? everywhere);
      say(words);
      if (!panel.isConnected) document.body.append(panel);
    };

    toggle.addEventListener("click", () => {
      open(body.hidden);
      remember("vmt-overlay", body.hidden ? "hidden" : "shown");
    });
    open(recall("vmt-overlay") !== "hidden");

    return {
      async update(digest) {
        if (digest === shown) return;
        shown = digest;
        const turn = ++asked;
        try {
          const path = encodeURIComponent("/" + served.path);
          const answer = await fetch(`${OWN}findings.json?path=${path}`);
          const report = await answer.json();
          // An older answer must not come over a newer one.
          if (turn === asked) show(report);
        } catch {
          // The server has gone: what it says when it is back is asked for anew.
          shown = null;
        }
      },
      connected(isConnected) {
        say(isConnected ? words : "vmt serve has stopped: this page is not kept current");
      },
    };
  })();

  if (document.readyState === "complete") restoreScroll();
  else addEventListener("load", restoreScroll);
  document.addEventListener("visibilitychange", attend);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && attend());
  attend();
})();
