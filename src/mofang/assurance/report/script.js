"use strict";
/* The page's one script. Data stand in JSON blocks of the page and are parsed when first needed; whatever comes
   from questions, answers or judges is set as text, never as markup. Nothing is fetched, stored or sent. */
(() => {
  const byId = (id) => document.getElementById(id);
  const once = (make) => { let made; let done = false; return () => { if (!done) { made = make(); done = true; } return made; }; };
  const block = (name) => { const found = byId("data-" + name); return found ? JSON.parse(found.textContent) : null; };
  const words = block("words") || {};
  const items = once(() => block("items"));
  const figures = once(() => indexed(block("figures")));
  const texts = once(() => block("texts"));
  const holdsTexts = byId("data-texts") !== null;
  const PAGE = 20;
  const WORD = { p: "pass", f: "fail", u: "unscored" };
  const GLYPH = { pass: "✓", fail: "✗", unscored: "?", none: "·" };

  const language = () => (byId("en").checked ? 1 : 0);
  const pick = (pair) => (pair ? pair[language()] : "");
  const say = (id) => (words[id] ? pick(words[id]) : id);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => String(values[name]));

  /** An element; `given` are attributes (`text` its text, `on` its listeners), the rest children. */
  function make(tag, given = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name === "text") element.textContent = value;
      else if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  /* ---- copying ---- */
  function toast(text) {
    const place = byId("toast");
    place.textContent = text;
    place.classList.add("on");
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => place.classList.remove("on"), 2600);
  }
  async function copy(text) {
    try { await navigator.clipboard.writeText(text); } catch {
      const field = make("textarea", { class: "hide", "aria-hidden": "true" });
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    toast(say("copied") + "  " + text);
  }
  const command = (ref) => make("button", { type: "button", class: "show", title: say("copy"), on: { click: () => copy("mofang show " + ref) } },
    make("code", { text: "mofang show " + short(ref) }));
  const short = (ref) => ref.replace(/sha256:([0-9a-f]{12})[0-9a-f]+/, "sha256:$1");

  /* ---- the card of a figure or a cell ---- */
  function indexed(cards) {
    const places = new Map();
    cards.groups.forEach((group, n) => group.fields.forEach((row) => places.set(row[1], n)));
    return { ...cards, places };
  }
  const label = (name, other) => pick(figures().labels[name]) || other;
  let opener = null;
  let leaving = 0;

  const BRIEF = ["n", "passed", "failed", "unscored", "rate", "lower", "lower_simultaneous", "wanted", "needed", "p_adjusted", "simultaneous"];
  function cardOf(id, cell) {
    const at = figures().places.get(id);
    if (at === undefined) return null;
    const group = figures().groups[at];
    const fields = cell ? group.fields.filter(([field]) => BRIEF.includes(field)) : group.fields;
    const title = cell ? [riskName(cell.dataset.risk), say("judge_" + cell.dataset.judge)].join(" · ") : label(group.metric, group.metric);
    const rows = fields.map(([field, fig, printed, exact]) => make("tr", { class: fig === id && !cell ? "here" : null },
      make("th", { scope: "row", text: label(group.metric + "." + field, field) }),
      make("td", { class: "num" }, make("b", { text: label("=" + printed, printed) }), printed === exact ? null : make("small", { text: exact })),
      make("td", {}, make("button", { type: "button", class: "show", title: "mofang show fig:" + fig.slice(7, 27), "data-fig": fig,
        on: { click: () => copy("mofang show fig:" + fig.slice(7, 27)) } }, make("code", { text: "fig:" + fig.slice(7, 15) })))));
    return [
      make("header", {}, make("h3", { id: "card-title", text: title }),
        make("button", { type: "button", class: "close", "aria-label": say("close"), text: "×", on: { click: () => closeCard(true) } })),
      cell ? make("p", { class: "note", text: cell.querySelector(".hide [lang=" + (language() ? "en" : "zh") + "]").textContent }) : null,
      make("table", { class: "plain" }, make("tbody", {}, ...rows)),
      cell ? null : make("details", {}, make("summary", { text: say("params") + " · " + say("inputs") }),
        make("p", {}, make("code", { text: group.metric + "@" + group.version + " " + group.params })),
        ...group.inputs.map(([name, digest]) => make("p", {}, make("span", { text: name + " " }), command(digest)))),
    ].filter(Boolean);
  }
  function openCard(id, from, focus) {
    const content = cardOf(id, from.matches("button.cell") ? from : null);
    if (!content) return;
    const card = byId("card");
    clearTimeout(leaving);
    card.replaceChildren(...content);
    card.hidden = false;
    opener = from;
    place(card, from.getBoundingClientRect());
    if (focus) card.focus();
  }
  function place(card, near) {
    if (innerWidth < 720) { card.style.left = card.style.top = ""; return; }
    const own = card.getBoundingClientRect();
    const right = near.right + 10 + own.width < innerWidth;
    card.style.left = Math.max(8, right ? near.right + 10 : near.left - own.width - 10) + "px";
    card.style.top = Math.max(8, Math.min(near.top - 20, innerHeight - own.height - 8)) + "px";
  }
  function closeCard(back) {
    const card = byId("card");
    if (card.hidden) return;
    card.hidden = true;
    if (back && opener) opener.focus();
  }
  const leave = () => { clearTimeout(leaving); leaving = setTimeout(() => closeCard(false), 260); };

  /* ---- heat map ---- */
  let entered = 0;
  function heat() {
    for (const table of document.querySelectorAll("table.heat")) {
      const cells = [...table.querySelectorAll("button.cell")];
      cells.forEach((cell, n) => { cell.tabIndex = n ? -1 : 0; });
      table.addEventListener("keydown", (event) => walk(event, table, cells));
    }
    for (const cell of document.querySelectorAll("button.cell")) {
      cell.addEventListener("mouseenter", () => { clearTimeout(entered); entered = setTimeout(() => openCard(cell.dataset.anchor, cell, false), 140); });
      cell.addEventListener("mouseleave", () => { clearTimeout(entered); leave(); });
      cell.addEventListener("focus", () => { if (cell.matches(":focus-visible")) openCard(cell.dataset.anchor, cell, false); });
      cell.addEventListener("click", () => chosenCell(cell));
    }
    byId("card").addEventListener("mouseenter", () => clearTimeout(leaving));
    byId("card").addEventListener("mouseleave", () => { if (!byId("card").contains(document.activeElement)) leave(); });
  }
  function walk(event, table, cells) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target.closest("button.cell");
    if (!step || !cell) return;
    event.preventDefault();
    const lines = [...table.querySelectorAll("tbody tr")].filter((line) => line.querySelector("td"));
    let row = lines.indexOf(cell.closest("tr"));
    let column = [...cell.closest("tr").children].indexOf(cell.parentElement);
    for (;;) {
      row += step[0];
      column += step[1];
      const found = lines[row] && lines[row].children[column];
      if (!found || column < 1) return;
      const next = found.querySelector("button.cell");
      if (next) { cells.forEach((each) => { each.tabIndex = -1; }); next.tabIndex = 0; next.focus(); return; }
    }
  }
  function chosenCell(cell) {
    closeCard(false);
    if (!list) return;
    Object.assign(list.filter, { target: items().answers.service ? "service" : list.filter.target, kind: cell.dataset.kind,
      risk: cell.dataset.risk, judge: cell.dataset.judge, verdict: "", id: "", split: false, pattern: null });
    list.from = cell;
    showList();
  }
  function showList() {
    list.open = null;
    list.many = PAGE;
    drawFilters();
    drawRows();
    byId("items").scrollIntoView({ block: "start" });
    byId("chosen").focus({ preventScroll: true });
  }

  /* ---- the list of items ---- */
  let list = null;
  function begin() {
    const all = items();
    if (!all || !byId("rows") || !Object.keys(all.answers).length) return;
    const targets = Object.keys(all.answers);
    const target = targets.includes("service") ? "service" : targets[0];
    list = { filter: { target, kind: "", risk: "", judge: "", verdict: "", id: "", split: true, pattern: null }, many: PAGE, open: null, shown: false, from: null };
    if (!(all.ranks[target] || []).length) list.filter.split = false;
    byId("filters").hidden = false;
    byId("chosen").tabIndex = -1;
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("input", () => {
      const form = byId("filters");
      for (const name of ["target", "kind", "risk", "judge", "verdict", "id"]) list.filter[name] = form.elements[name].value;
      list.filter.split = form.elements.split.checked;
      list.filter.pattern = null;
      Object.assign(list, { many: PAGE, open: null, shown: false });
      drawRows();
    });
    for (const button of document.querySelectorAll("button[data-pattern]")) button.addEventListener("click", () => {
      Object.assign(list.filter, { target: button.dataset.target, kind: button.dataset.kind, risk: "", judge: "", verdict: "", id: "", split: false,
        pattern: { votes: button.dataset.pattern.split(","), judges: button.dataset.judges.split(",") } });
      list.from = button;
      showList();
    });
    drawFilters();
    drawRows();
  }
  const option = (value, text, chosen) => make("option", { value, text, selected: value === chosen });
  function drawFilters() {
    const all = items();
    const form = byId("filters").elements;
    const filter = list.filter;
    const kinds = [...new Set(all.items.map((item) => item[1]))].filter((n) => n >= 0).sort();
    const risks = [...all.risks].sort();
    const fields = {
      target: Object.keys(all.answers).map((name) => [name, say("target_" + name)]),
      kind: [["", say("all_kinds")], ...kinds.map((n) => [all.kinds[n], say("kind_" + all.kinds[n])])],
      risk: [["", say("all_risks")], ...risks.map((code) => [code, riskName(code)])],
      judge: [["", say("all_judges")], ...all.order.map((n) => [all.judges[n], say("judge_" + all.judges[n])])],
      verdict: [["", say("any_verdict")], ...["fail", "unscored", "pass"].map((word) => [word, say("verdict_" + word)])],
    };
    for (const [name, options] of Object.entries(fields)) form[name].replaceChildren(...options.map(([value, text]) => option(value, text, filter[name])));
    form.id.value = filter.id;
    form.split.checked = filter.split;
  }
  const riskName = (code) => { const name = pick(items().names[code]); return name && name !== code ? (code.includes(".") ? code + " " + name : name) : code; };
  const differs = (votes) => votes.some((vote) => vote[1] === "p") && votes.some((vote) => vote[1] === "f");
  const voteOf = (votes, judge) => votes.find((vote) => items().judges[vote[0]] === judge);
  const wordOf = (vote) => (vote ? WORD[vote[1]] : "none");

  function matching() {
    const all = items();
    const filter = list.filter;
    const rows = all.answers[filter.target] || [];
    const ranks = all.ranks[filter.target] || [];
    const ranked = new Set(ranks);
    const order = [...ranks, ...rows.keys()].filter((n, at) => at < ranks.length || !ranked.has(n));
    const wanted = filter.id.trim().toLowerCase();
    const found = order.filter((n) => {
      const [item, , , , , , votes] = rows[n];
      const [id, kind, risk] = all.items[item];
      if (filter.kind && all.kinds[kind] !== filter.kind) return false;
      if (filter.risk && all.risks[risk] !== filter.risk) return false;
      if (wanted && !id.toLowerCase().includes(wanted)) return false;
      if (filter.split && !differs(votes)) return false;
      if (filter.pattern && !filter.pattern.judges.every((judge, at) => wordOf(voteOf(votes, judge)) === filter.pattern.votes[at])) return false;
      if (filter.judge && !voteOf(votes, filter.judge)) return false;
      if (filter.verdict) return filter.judge ? wordOf(voteOf(votes, filter.judge)) === filter.verdict : votes.some((vote) => wordOf(vote) === filter.verdict);
      return true;
    });
    const rank = { f: 0, u: 1, p: 2 };
    return filter.judge ? found.sort((a, b) => rank[voteOf(rows[a][6], filter.judge)[1]] - rank[voteOf(rows[b][6], filter.judge)[1]]) : found;
  }

  function drawRows() {
    const found = matching();
    const shown = found.slice(0, list.many);
    const note = [make("span", { text: fill(say("rows_shown"), { shown: shown.length, total: found.length }) })];
    if (list.filter.pattern) {
      const { judges, votes } = list.filter.pattern;
      note.push(make("span", { class: "chip", text: say("pattern_filter") + "：" + judges.map((judge, n) => say("judge_" + judge) + " " + GLYPH[votes[n]]).join("  ") }),
        make("button", { type: "button", class: "link", text: say("clear"), on: { click: () => { list.filter.pattern = null; drawRows(); } } }));
    }
    if (list.from) note.push(make("button", { type: "button", class: "link", text: "↑ " + say("back"), on: { click: goBack } }));
    byId("chosen").replaceChildren(...note);
    const rows = shown.map(row);
    if (!found.length) rows.push(make("p", { class: "empty", text: say("rows_none") }));
    if (found.length > shown.length) rows.push(make("button", { type: "button", class: "more", text: say("more_rows"), on: { click: () => { list.many += PAGE; drawRows(); focusRow(shown.length); } } }));
    byId("rows").replaceChildren(...rows);
  }
  const focusRow = (n) => { const next = byId("rows").children[n]; if (next) next.querySelector("button").focus(); };
  function goBack() { const from = list.from; list.from = null; drawRows(); from.scrollIntoView({ block: "center" }); from.focus(); }

  const chip = (name, vote) => make("span", { class: "vote v-" + wordOf(vote) }, make("span", { class: "judge", text: name }), " ",
    make("span", { class: "glyph", "aria-hidden": "true", text: GLYPH[wordOf(vote)] }), make("span", { class: "hide", text: say("verdict_" + wordOf(vote)) }));
  function chips(votes) {
    const all = items();
    return make("span", { class: "votes" }, ...all.order.filter((n) => votes.some((vote) => vote[0] === n))
      .map((n) => chip(say("judge_" + all.judges[n]), votes.find((vote) => vote[0] === n))));
  }
  function row(n) {
    const all = items();
    const answer = all.answers[list.filter.target][n];
    const [id, kind, risk, , , demo] = all.items[answer[0]];
    const open = list.open === n;
    const head = make("button", { type: "button", class: "row-head", "aria-expanded": String(open), on: { click: () => toggle(n) } },
      make("code", { class: "row-id", text: id }),
      make("span", { class: "row-what", text: [kind < 0 ? "" : say("kind_" + all.kinds[kind]), risk < 0 ? "" : riskName(all.risks[risk])].filter(Boolean).join(" · ") + (answer[1] ? " · " + say("repeat") + " " + answer[1] : "") + (demo ? " · " + say("demo_short") : "") }),
      chips(answer[6]));
    return make("article", { class: "row" + (differs(answer[6]) ? " split" : "") + (open ? " open" : ""), "data-item": id }, head, open ? detail(n) : null);
  }
  function toggle(n) {
    // Whatever was opened before is veiled again: no text stays on the page unseen.
    list.shown = false;
    list.open = list.open === n ? null : n;
    redraw(n);
  }
  function redraw(n) {
    drawRows();
    const id = items().items[items().answers[list.filter.target][n][0]][0];
    const head = [...byId("rows").children].find((each) => each.dataset.item === id && each.querySelector(".row-head"));
    if (head) head.querySelector(".row-head").focus({ preventScroll: true });
  }

  const ref = (segment, leaf) => (segment < 0 ? null : items().digests[segment] + (leaf < 0 ? "" : "#" + leaf));
  function detail(n) {
    const all = items();
    const target = list.filter.target;
    const answer = all.answers[target][n];
    const item = all.items[answer[0]];
    const refs = [["question", ref(item[3], item[4])], ["answer", ref(answer[2], answer[3])]].filter(([, found]) => found);
    return make("div", { class: "detail" },
      make("table", { class: "plain" }, make("caption", { class: "hide", text: say("votes") }),
        make("thead", {}, make("tr", {}, ...["judge", "verdict", "reason", "score"].map((name) => make("th", { scope: "col", text: say(name) })))),
        make("tbody", {}, ...all.order.map((j) => answer[6].find((vote) => vote[0] === j)).filter(Boolean).map(voteRow))),
      make("dl", { class: "facts tight" }, ...refs.flatMap(([name, found]) => [make("dt", { text: say(name) }), make("dd", {}, command(found))]), ...state(answer)),
      others(n),
      veil(n));
  }
  const state = (answer) => (answer[4] === "a" && !answer[5] ? [] : [make("dt", { text: say("state") }),
    make("dd", { text: [answer[4] === "a" ? "" : say("state_" + answer[4]), answer[5] ? say("truncated") : ""].filter(Boolean).join(" · ") })]);
  function voteRow([judge, word, reason, score, refused, terms]) {
    const all = items();
    const why = [all.reasons[reason] ? say("reason_" + all.reasons[reason]).replace(/^reason_/, "") : "", refused < 0 ? "" : say(refused ? "refused_yes" : "refused_no"), terms ? say("terms_hit") + " " + terms : ""];
    return make("tr", {}, make("th", { scope: "row", text: say("judge_" + all.judges[judge]) }),
      make("td", {}, make("span", { class: "vote v-" + WORD[word] }, make("span", { class: "glyph", "aria-hidden": "true", text: GLYPH[WORD[word]] }), " " + say("verdict_" + WORD[word]))),
      make("td", { text: why.filter(Boolean).join(" · ") }), make("td", { class: "num", text: score || "" }));
  }
  function others(n) {
    const all = items();
    const here = all.answers[list.filter.target][n];
    const found = Object.entries(all.answers).flatMap(([target, rows]) => rows.map((answer, at) => [target, answer, at]))
      .filter(([target, answer, at]) => answer[0] === here[0] && !(target === list.filter.target && at === n));
    if (!found.length) return null;
    return make("div", { class: "others" }, make("h5", { text: say("other_targets") }), ...found.map(([target, answer, at]) => make("p", {},
      make("button", { type: "button", class: "link", text: say("target_" + target) + (answer[1] ? " · " + say("repeat") + " " + answer[1] : ""),
        on: { click: () => { Object.assign(list.filter, { target, pattern: null, split: false, judge: "", verdict: "" }); Object.assign(list, { open: at, shown: false }); drawFilters(); pin(at); redraw(at); } } }), " ", chips(answer[6]))));
  }
  /** Make sure that a row is among those listed. */
  function pin(n) {
    const at = matching().indexOf(n);
    if (at < 0) Object.assign(list.filter, { kind: "", risk: "", id: "" });
    list.many = Math.max(list.many, matching().indexOf(n) + 1);
    drawFilters();
  }

  /* ---- texts: not in the document until one is opened, one at a time ---- */
  function veil(n) {
    if (!holdsTexts) return null;
    if (!list.shown) return make("div", { class: "veil" }, make("div", { class: "blur", "aria-hidden": "true" }),
      make("button", { type: "button", class: "reveal", on: { click: () => { list.shown = true; redraw(n); const first = document.querySelector(".said"); if (first) first.focus(); } } }, say("show_text")),
      make("p", { class: "note", text: say("veiled") }));
    const answer = items().answers[list.filter.target][n];
    return make("div", { class: "texts" }, said("question", texts().questions[answer[0]]), said("answer", (texts().answers[list.filter.target] || [])[n]),
      make("button", { type: "button", class: "reveal", on: { click: () => { list.shown = false; redraw(n); } } }, say("hide_text")),
      make("p", { class: "note", text: say("one_open") }));
  }
  function said(name, found) {
    const [text, cut] = Array.isArray(found) ? found : [found, 0];
    return make("div", { class: "words" }, make("h5", { text: say(name) + (cut ? " · " + say("shortened") : "") }),
      text === null || text === undefined ? make("p", { class: "empty", text: say("not_embedded") })
        : make("div", { class: "said", tabindex: "0", role: "group", "aria-label": say(name), dir: "auto", text }));
  }
  function veilAll() { if (list && list.shown) { list.shown = false; drawRows(); } }

  /* ---- links to one item, languages, theme ---- */
  function follow() {
    const wanted = /^#item=(.+)$/.exec(location.hash);
    if (!wanted || !list) return;
    let id = wanted[1];
    try { id = decodeURIComponent(id); } catch { /* taken as it stands */ }
    Object.assign(list.filter, { kind: "", risk: "", judge: "", verdict: "", id: "", split: false, pattern: null });
    const all = items();
    const n = (all.answers[list.filter.target] || []).findIndex((answer) => all.items[answer[0]][0] === id);
    if (n < 0) return;
    Object.assign(list, { open: n, shown: false });
    pin(n);
    redraw(n);
    const here = document.querySelector(".row.open");
    if (here) here.scrollIntoView({ block: "center" });
  }
  function tongue() {
    document.documentElement.lang = language() ? "en" : "zh-CN";
    closeCard(false);
    if (list) { list.shown = false; drawFilters(); drawRows(); }
  }
  function theme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const figure = target && target.closest("button.fig");
    if (figure) { openCard(figure.dataset.fig, figure, true); return; }
    const shown = target && target.closest("button[data-copy]");
    if (shown) { copy(shown.dataset.copy); return; }
    if (target && !target.closest("#card, button.cell")) closeCard(false);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeCard(true); });
  for (const id of ["zh", "en"]) byId(id).addEventListener("change", tongue);
  byId("theme").hidden = false;
  byId("theme").addEventListener("click", theme);
  addEventListener("beforeprint", veilAll);
  addEventListener("hashchange", follow);
  document.documentElement.lang = language() ? "en" : "zh-CN";
  heat();
  begin();
  follow();
})();
