"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  const [form, list, detail, chart, axis, root] = [by("filter"), by("lanes"), by("detail"), by("density"), by("axis"), document.documentElement];
  const field = (name) => form.elements.namedItem(name);
  const whole = Math.max(1, data.length);
  const SVG = "http://www.w3.org/2000/svg";
  const ROWS = 150, SHORTEST = 10, WIDE = 960, HIGH = 90, LANE = 22;
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000];

  const view = { from: 0, to: whole, rows: ROWS, chosen: -1 };

  // ---- words --------------------------------------------------------------------------------------------------------

  const length = (seconds) => {
    const [days, hours, minutes, left] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds % 60)];
    const two = (number) => String(number).padStart(2, "0");
    if (days) return `${days}d${hours}h`;
    if (hours) return `${hours}h${two(minutes)}m`;
    return minutes ? `${minutes}m${two(left)}s` : `${left}s`;
  };
  const after = (seconds) => (seconds < 0 ? `-${length(-seconds)}` : `+${length(seconds)}`);
  const date = (seconds) => new Date((data.start + Math.round(seconds)) * 1000).toISOString().replace(".000Z", "Z");
  const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
  const name = (thing) => [thing.k, thing.s, thing.n].filter(Boolean).join("/");
  const tick = (seconds) => date(seconds).slice(...(view.to - view.from < 2 * 86400 ? [11, view.to - view.from < 600 ? 19 : 16] : [5, 10]));

  // ---- drawing ------------------------------------------------------------------------------------------------------

  const element = (tag, properties = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (key.includes("-") || key === "role") made.setAttribute(key, value);
      else made[key] = value;
    }
    made.append(...children);
    return made;
  };
  const box = (kind, x, y, width, height) => {
    const made = document.createElementNS(SVG, "rect");
    for (const [key, value] of Object.entries({ class: kind, x, y, width, height })) made.setAttribute(key, value);
    return made;
  };
  const picture = (wide, high) => {
    const made = document.createElementNS(SVG, "svg");
    made.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    made.setAttribute("preserveAspectRatio", "none");
    made.setAttribute("aria-hidden", "true");
    return made;
  };
  const place = (seconds) => ((seconds - view.from) / (view.to - view.from)) * WIDE;
  const inside = (from, to) => to >= view.from && from <= view.to;
  // What is shorter than a pixel is seen all the same.
  const bar = (kind, from, to, y, high, least) => {
    const [left, right] = [Math.max(0, place(from)), Math.min(WIDE, place(to))];
    return box(kind, Math.min(left, WIDE - least), y, Math.max(least, right - left), high);
  };

  const drawBars = (svg, counts, kind, high) => {
    const first = Math.max(0, Math.floor(view.from / data.width));
    const last = Math.min(counts.length - 1, Math.floor(view.to / data.width));
    const most = counts.slice(first, last + 1).reduce((one, other) => Math.max(one, other), 0);
    for (let number = first; number <= last; number++) {
      if (!counts[number]) continue;
      const tall = Math.max(2, (high * counts[number]) / most);
      const made = bar(kind, number * data.width, (number + 0.92) * data.width, high - tall, tall, 1);
      const title = document.createElementNS(SVG, "title");
      title.textContent = `${after(number * data.width)}: ${plural(counts[number], "change")}`;
      made.append(title);
      svg.append(made);
    }
    return most;
  };

  const drawChart = () => {
    chart.replaceChildren();
    const most = drawBars(chart, data.density, "change", HIGH);
    by("bar-most").textContent = most.toLocaleString("en");
    const shown = `${date(view.from)} to ${date(view.to)}, ${length(view.to - view.from)}`;
    by("window").textContent = shown;
    chart.setAttribute("aria-label", `Changes from ${shown}: a bar is ${length(data.width)}, the highest has ${most.toLocaleString("en")}`);
    const room = Math.max(2, Math.floor(chart.clientWidth / 110));
    const step = STEPS.find((seconds) => (view.to - view.from) / seconds <= room) ?? (view.to - view.from) / room;
    axis.replaceChildren();
    axis.classList.add("placed");
    const offset = data.start % step;
    for (let time = Math.ceil((view.from + offset) / step) * step - offset; time <= view.to; time += step) {
      const share = place(time) / WIDE;
      const label = element("span", { textContent: tick(time), className: share < 0.03 ? "first" : share > 0.97 ? "last" : "" });
      label.style.left = `${share * 100}%`;
      axis.append(label);
    }
  };

  const drawLane = (thing) => {
    const svg = picture(WIDE, LANE);
    const shared = [];
    for (const [from, to] of thing.t) if (inside(from, to ?? whole)) shared.push(bar("there", from, to ?? whole, 3, 11, 2));
    for (const time of thing.m) if (inside(time, time)) shared.push(bar("mark", time, time, 3, 11, 2.5));
    for (const [from, to] of thing.p ?? []) if (inside(from, to ?? whole)) shared.push(bar("pod", from, to ?? whole, 16, 4, 2));
    svg.append(...shared);
    return svg;
  };

  // ---- the list -----------------------------------------------------------------------------------------------------

  const worst = (thing) => ["error", "warning", "info"].find((level) => (thing.f ?? []).some((finding) => finding.l === level));
  const texts = data.objects.map((thing) => `${name(thing)} ${(thing.f ?? []).map((finding) => finding.c).join(" ")}`.toLowerCase());

  const fitting = () => {
    const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [kind, space, only] = [field("kind").value, field("space").value, field("only").value];
    const found = [];
    data.objects.forEach((thing, number) => {
      if (kind && thing.k !== kind) return;
      if (space && (thing.s || "(none)") !== space) return;
      if (only === "findings" && !thing.f) return;
      if (only === "changed" && !thing.m.some((time) => time > 0 && inside(time, time))) return;
      if (words.every((word) => texts[number].includes(word))) found.push(number);
    });
    return found;
  };

  const about = (thing) => {
    const parts = [plural(thing.v.length, "version")];
    if (thing.p) parts.push(plural(thing.p.length, "pod"));
    if (thing.f) parts.push(plural(thing.f.length, "finding"));
    const last = thing.t.length ? thing.t[thing.t.length - 1][1] : null;
    if (thing.t.length) parts.push(`there from ${after(thing.t[0][0])} ${last === null ? "to the end" : `until ${after(last)}`}`);
    return parts.join(", ");
  };

  const lane = (number) => {
    const thing = data.objects[number];
    const label = element("span", { className: "label", title: name(thing) });
    const level = worst(thing);
    if (level) label.append(element("span", { className: `flag ${level}` }));
    label.append(element("small", { textContent: `${thing.k} ${thing.s ? `${thing.s}/` : ""}` }), thing.n, element("span", { className: "unseen", textContent: `: ${about(thing)}` }));
    const made = element("button", { type: "button", className: "lane", "aria-expanded": String(number === view.chosen), "aria-controls": "detail" }, label, drawLane(thing));
    made.dataset.number = number;
    return element("li", {}, made);
  };

  const drawList = () => {
    const found = fitting();
    const held = document.activeElement?.dataset?.number;
    list.replaceChildren(...found.slice(0, view.rows).map(lane));
    if (held !== undefined) list.querySelector(`[data-number="${held}"]`)?.focus();
    by("more").hidden = found.length <= view.rows;
    by("more").textContent = `${plural(found.length - view.rows, "more object")}: show ${Math.min(ROWS, found.length - view.rows)}`;
    by("nothing").hidden = found.length > 0;
    by("shown").textContent = `${found.length.toLocaleString("en")} of ${data.objects.length.toLocaleString("en")}`;
  };

  const drawKinds = () => {
    by("kinds").replaceChildren(...data.kinds.map((row) => {
      const svg = picture(WIDE, LANE);
      drawBars(svg, row.c, "change", LANE - 2);
      const label = element("span", { className: "label" }, row.k, element("small", { textContent: ` ${plural(row.n, "object")}` }));
      return element("li", {}, element("div", { className: "lane" }, label, svg));
    }));
  };

  const draw = () => { drawChart(); drawList(); drawKinds(); };

  // ---- one object ---------------------------------------------------------------------------------------------------

  const lines = (version) => {
    const differs = version.w === "changed";
    const kind = (line) => (!differs ? "" : line.startsWith("@@") ? "where" : line[0] === "+" ? "plus" : line[0] === "-" ? "minus" : "");
    return element("pre", { tabIndex: 0, role: "region", "aria-label": differs ? "Difference to the version before" : "Manifest" },
      ...version.x.split("\n").map((line) => element("span", { className: kind(line), textContent: line })));
  };

  const versionOf = (version, number) => {
    const said = { new: "applied, new", changed: "applied", same: "applied, nothing shown is different", deleted: "deleted", "left out": "applied; its text is not in this page" }[version.w];
    const heading = `${after(version.t)}  ${date(version.t)}  event ${version.e}  ${said}`;
    const made = version.x
      ? element("details", { open: version.w === "changed" && number < 40 }, element("summary", { textContent: heading }), lines(version))
      : element("p", { textContent: heading });
    if (!inside(version.t, version.t)) made.classList.add("out");
    return element("li", {}, made);
  };

  const show = (number, { focus = true } = {}) => {
    const thing = data.objects[number];
    view.chosen = thing ? number : -1;
    detail.hidden = !thing;
    document.querySelector(".columns").classList.toggle("split", Boolean(thing));
    for (const row of list.querySelectorAll(".lane")) row.setAttribute("aria-expanded", String(Number(row.dataset.number) === view.chosen));
    if (!thing) return;
    by("detail-title").textContent = name(thing);
    by("detail-about").textContent = about(thing);
    by("detail-findings").replaceChildren(...(thing.f ?? []).map((finding) =>
      element("p", { title: finding.h }, element("span", { className: `badge ${finding.l}`, textContent: finding.l }), ` ${finding.c} ${finding.x}`)));
    by("versions").replaceChildren(...thing.v.map(versionOf));
    detail.scrollTop = 0;
    if (focus) detail.focus({ preventScroll: innerWidth > 960 });
  };

  const back = () => {
    const row = list.querySelector(`[data-number="${view.chosen}"]`);
    show(-1);
    remember();
    (row ?? by("objects")).focus();
  };

  // ---- time ---------------------------------------------------------------------------------------------------------

  const look = (from, to) => {
    const wide = Math.min(whole, Math.max(SHORTEST, to - from));
    const start = Math.min(Math.max(0, from), whole - wide);
    if (start === view.from && start + wide === view.to) return;
    [view.from, view.to] = [start, start + wide];
    draw();
    remember();
  };
  const zoom = (factor, around = (view.from + view.to) / 2) => look(around - (around - view.from) * factor, around + (view.to - around) * factor);
  const moves = {
    in: () => zoom(0.5),
    out: () => zoom(2),
    earlier: () => look(view.from - (view.to - view.from) / 2, view.to - (view.to - view.from) / 2),
    later: () => look(view.from + (view.to - view.from) / 2, view.to + (view.to - view.from) / 2),
    all: () => look(0, whole),
  };
  const at = (event) => {
    const area = chart.getBoundingClientRect();
    return view.from + ((event.clientX - area.left) / area.width) * (view.to - view.from);
  };

  by("zoom").addEventListener("click", (event) => moves[event.target.dataset?.zoom]?.());
  chart.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, at(event));
  }, { passive: false });
  let drag = null;
  chart.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    drag = { from: at(event), choice: box("choice", 0, 0, 0, HIGH) };
    chart.append(drag.choice);
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [from, to] = [drag.from, at(event)].sort((one, other) => one - other);
    drag.choice.setAttribute("x", place(from));
    drag.choice.setAttribute("width", Math.max(0, place(to) - place(from)));
  });
  chart.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const [from, to] = [drag.from, at(event)].sort((one, other) => one - other);
    drag.choice.remove();
    drag = null;
    if (place(to) - place(from) > 6) look(from, to);
  });
  chart.addEventListener("pointercancel", () => { drag?.choice.remove(); drag = null; });

  // ---- keys ---------------------------------------------------------------------------------------------------------

  const KEYS = { "+": "in", "=": "in", "-": "out", 0: "all", "[": "earlier", "]": "later" };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !detail.hidden && event.target !== field("text")) { back(); return; }
    if (event.target.matches("input, select, textarea")) return;
    if (event.key === "/") { event.preventDefault(); field("text").focus(); } else if (KEYS[event.key]) { moves[KEYS[event.key]](); }
  });
  list.addEventListener("keydown", (event) => {
    const rows = [...list.querySelectorAll(".lane")];
    const here = rows.indexOf(document.activeElement);
    const there = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (here < 0 || there === undefined || !rows[there]) return;
    event.preventDefault();
    rows[there].focus();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest(".lane");
    if (!row) return;
    if (Number(row.dataset.number) === view.chosen) back();
    else { show(Number(row.dataset.number)); remember(); }
  });
  by("close").addEventListener("click", back);
  by("more").addEventListener("click", () => {
    const shown = view.rows;
    view.rows += ROWS;
    drawList();
    list.children[shown]?.firstElementChild.focus();
  });

  // ---- the address keeps what one sees, so that a link leads to it -----------------------------------------------------

  const NAMES = ["text", "kind", "space", "only"];
  const remember = () => {
    const state = new URLSearchParams();
    for (const key of NAMES) if (field(key).value) state.set(key, field(key).value);
    if (view.from > 0 || view.to < whole) { state.set("from", Math.round(view.from)); state.set("to", Math.round(view.to)); }
    if (view.chosen >= 0) state.set("object", name(data.objects[view.chosen]));
    if (root.dataset.theme) state.set("theme", root.dataset.theme);
    history.replaceState(null, "", `#${state}`);
  };
  const recall = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const key of NAMES) field(key).value = state.get(key) ?? "";
    const [from, to] = [Number(state.get("from") ?? 0), Number(state.get("to") ?? whole)];
    [view.from, view.to] = from < to && from >= 0 && to <= whole ? [from, to] : [0, whole];
    view.rows = ROWS;
    draw();
    show(data.objects.findIndex((thing) => name(thing) === state.get("object")), { focus: false });
  };

  const options = (key, values) => field(key).append(...[...new Set(values)].sort().map((value) => element("option", { value, textContent: value })));
  options("kind", data.objects.map((thing) => thing.k));
  options("space", data.objects.map((thing) => thing.s || "(none)"));
  const changed = () => { view.rows = ROWS; drawList(); remember(); };
  form.addEventListener("input", changed);
  form.addEventListener("reset", () => setTimeout(changed));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", recall);
  addEventListener("resize", drawChart);
  for (const part of [form, by("zoom"), by("keys"), by("legend"), by("kinds-panel")]) part.hidden = false;
  recall();
})();
