// The overview: counts, subjects by kernel, what took longest, what differs, and the list with its filters, which comes
// first as soon as there is a filter.
const OUTCOMES = ["pass", "fail", "error", "skip"];

function distinct(values) {
  return [...new Set(values.filter(Boolean))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}

function countButtons(address) {
  const words = { pass: "passed", fail: "failed", error: "errors", skip: "skipped" };
  return make("div", { class: "counts" }, OUTCOMES.map((outcome) => {
    const pressed = address.get("outcome") === outcome;
    return make("button", {
      type: "button", "aria-pressed": String(pressed), "data-outcome": outcome,
      onclick: () => setFilter("outcome", pressed ? "" : outcome),
    }, make("b", { class: outcomeClass(outcome) }, String(overview.counts[outcome])), words[outcome]);
  }));
}

function bar(of) {
  return make("span", { class: "bar" }, OUTCOMES.map((outcome) => {
    const share = of.filter((run) => run.outcome === outcome).length / of.length;
    return share === 0 ? null : make("i", { class: outcomeClass(outcome), style: "width:" + (100 * share).toFixed(2) + "%" });
  }));
}

function cell(subject, kernel) {
  const of = runs.filter((run) => run.subject === subject && run.kernel === kernel);
  if (of.length === 0) return make("td", { class: "dim" }, "–");
  const words = OUTCOMES.map((outcome) => [of.filter((run) => run.outcome === outcome).length, outcome])
    .filter(([count]) => count > 0).map(([count, outcome]) => count + " " + outcome).join(", ");
  const choose = () => { const address = readAddress(); address.set("subject", subject); address.set("kernel", kernel); writeAddress(address); };
  return make("td", {}, make("button", { type: "button", onclick: choose, title: "Show these" }, bar(of), make("small", {}, words)));
}

function subjectTable() {
  const kernels = distinct(runs.map((run) => run.kernel));
  const subjects = distinct(runs.map((run) => run.subject));
  if (subjects.length === 0 || kernels.length === 0) return null;
  return panel("Subjects and kernels", make("div", { class: "scroll" }, make("table", { class: "matrix" },
    make("thead", {}, make("tr", {}, make("th", {}, "subject"), kernels.map((kernel) => make("th", {}, kernel)))),
    make("tbody", {}, subjects.map((subject) =>
      make("tr", {}, make("td", {}, subject), kernels.map((kernel) => cell(subject, kernel))))))));
}

function chooser(address, name, values) {
  return make("select", { "aria-label": name, onchange: (event) => setFilter(name, event.target.value) },
    make("option", { value: "" }, "any " + name),
    values.map((value) => make("option", { value, selected: address.get(name) === value }, value)));
}

function filterBar(address) {
  const search = make("input", {
    type: "search", id: "search", placeholder: "words of name, tag, claim, reason  ( / )", value: address.get("q") || "",
    "aria-label": "Search", oninput: (event) => setFilter("q", event.target.value, true),
  });
  const clear = () => writeAddress(new URLSearchParams());
  return make("div", { class: "filters" }, search,
    chooser(address, "outcome", OUTCOMES), chooser(address, "subject", distinct(runs.map((run) => run.subject))),
    chooser(address, "kernel", distinct(runs.map((run) => run.kernel))),
    make("select", { "aria-label": "order", onchange: (event) => setFilter("sort", event.target.value) },
      [["", "in order of the run"], ["slow", "slowest first"], ["name", "by name"]].map(([value, words]) =>
        make("option", { value, selected: (address.get("sort") || "") === value }, words))),
    make("button", { type: "button", onclick: clear }, "Clear"));
}

function listItem(run) {
  const why = run.outcome === "pass" || !run.reason ? null : make("span", { class: "why" }, run.reason);
  return make("li", {}, make("a", { href: caseAddress(run.id), "data-run": run.id },
    make("span", { class: outcomeClass(run.outcome) }, run.outcome), make("span", {}, run.name),
    make("span", { class: "dim kernel" }, run.kernel), make("span", { class: "dim number" }, seconds(run.seconds)), why));
}

function sorted(found, order) {
  if (order === "slow") return [...found].sort((a, b) => b.seconds - a.seconds);
  if (order === "name") return [...found].sort((a, b) => a.name.localeCompare(b.name));
  return [...found].sort((a, b) => (a.outcome === "fail" || a.outcome === "error" ? 0 : 1) - (b.outcome === "fail" || b.outcome === "error" ? 0 : 1));
}

function caseList(address) {
  const found = sorted(runs.filter((run) => matches(run, address)), address.get("sort"));
  const arc = address.get("arc"), claim = address.get("claim");
  const also = [arc && "that went " + arc.replace(" ", " → "), claim && "with claim " + claim].filter(Boolean).join(", ");
  return make("section", { class: "panel", id: "cases" },
    make("h2", {}, plural(found.length, "run") + " of " + runs.length + (also ? ", " + also : "")), filterBar(address),
    make("ul", { class: "list", id: "list" }, found.map(listItem)));
}

function present(...nodes) {
  return nodes.filter(Boolean);
}

function slowest() {
  const most = [...runs].sort((a, b) => b.seconds - a.seconds).slice(0, 6);
  return panel("Slowest", make("table", {}, most.map((run) => make("tr", {},
    make("td", {}, make("a", { href: caseAddress(run.id) }, run.name)), make("td", { class: "number" }, seconds(run.seconds))))));
}

function differences() {
  if (overview.kernels.length < 2) return null;
  const rows = overview.differences;
  const words = rows.length === 0 ? "None of the " + overview.compared + " runs made on several kernels differs." :
    rows.length + " of " + overview.compared + " went differently. Times, and numbers that kernels choose, are not compared.";
  const groups = (row) => row.groups.map((group) => make("dd", {}, make("b", {}, group.places.join(", ")), " ",
    make("span", { class: outcomeClass(group.outcome) }, group.outcome),
    group.kind ? make("span", {}, "; " + group.kind + " ", make("code", {}, group.here), " instead of ", make("code", {}, group.first)) : null));
  return panel("What differs between kernels", make("p", { class: "dim" }, words),
    make("dl", { class: "difference" }, rows.map((row) => [make("dt", {}, row.name), ...groups(row)])));
}

function showOverview(main, address) {
  document.title = "tcpwitness report";
  const filtered = FILTERS.some((name) => address.get(name));
  const whole = [make("div", { class: "columns" }, make("div", {}, ...present(subjectTable(), slowest())), overviewDiagram()),
    ...present(claimList(), eventTable(), differences())];
  main.replaceChildren(countButtons(address), ...(filtered ? [caseList(address), ...whole] : [...whole, caseList(address)]));
}

// While a person types, only the list changes, so that the field keeps its cursor.
function refreshList(address) {
  const found = sorted(runs.filter((run) => matches(run, address)), address.get("sort"));
  document.querySelector("#cases h2").textContent = plural(found.length, "run") + " of " + runs.length;
  document.getElementById("list").replaceChildren(...found.map(listItem));
}
