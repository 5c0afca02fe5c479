// What all runs together showed: each claim with its runs, and the table of states and events.
const ANSWERS_AT_ONCE = 3;

function runLink(id) {
  return make("a", { href: caseAddress(id) }, runs[runIndex.get(id)].name);
}

// Hundreds of links are made when a person asks for them.
function moreRuns(ids) {
  if (ids.length === 0) return null;
  const list = make("ul", {});
  const open = () => { if (!list.firstChild) fill(list, {}, ids.map((id) => make("li", {}, runLink(id)))); };
  return make("details", { ontoggle: open }, make("summary", {}, "and " + ids.length + " more"), list);
}

function claimProof(claim) {
  if (claim.runs.length > 0) return [make("b", { class: "good" }, "shown"), " by ", runLink(claim.runs[0]), moreRuns(claim.runs.slice(1))];
  return [make("b", { class: "bad" }, "not shown"),
    claim.announced ? ", although " + plural(claim.announced, "run") + " that passed named it" : ""];
}

function claimItem(claim) {
  const naming = runs.filter((run) => run.claims.includes(claim.id));
  const choose = naming.length === 0 ? null : make("button", { type: "button", title: "Show the runs that name " + claim.id,
    onclick: () => setFilter("claim", claim.id) }, plural(naming.length, "run"), bar(naming));
  return make("li", { "data-claim": claim.id },
    make("b", {}, claim.id), make("div", {}, make("p", {}, claim.text), make("div", { class: "proof" }, claimProof(claim))), choose);
}

function claimList() {
  const claims = overview.coverage.claims;
  if (claims.length === 0) return null;
  const shown = claims.filter((claim) => claim.runs.length > 0).length;
  return panel("Claims: " + shown + " of " + claims.length + " shown",
    make("p", { class: "dim" }, "A claim is shown when a run that names it passed and what is claimed was observed in it. A button lists all runs that name the claim."),
    make("ul", { class: "claims" }, claims.map(claimItem)));
}

function answerLink(answer, state) {
  const name = runs[runIndex.get(answer.run)].name;
  const title = "Open " + name + (answer.runs > 1 ? ", the first of " + answer.runs + " runs that showed this" : "");
  return make("a", { class: "answer", href: caseAddress(answer.run), title }, answer.answer ? make("span", {}, answer.answer, " ") : null,
    make("span", { class: answer.after === state ? "same" : "after" }, "→ " + answer.after.replaceAll("->", "→")),
    answer.runs > 1 ? make("small", {}, "\u00a0" + answer.runs + "×") : null);
}

function kernelsDiffer(kernels) {
  return make("details", {}, make("summary", { class: "open" }, "kernels differ"),
    Object.entries(kernels).map(([kernel, what]) => make("p", {}, make("b", {}, kernel), " " + what.replaceAll("->", "→"))));
}

function eventCell(cell, state) {
  if (cell.impossible)
    return make("td", { class: "impossible" }, make("details", { title: cell.impossible }, make("summary", {}, "cannot be"), cell.impossible));
  if (cell.answers.length === 0) return make("td", { class: "unseen" }, "not shown");
  const links = cell.answers.map((answer) => answerLink(answer, state)), more = links.slice(ANSWERS_AT_ONCE);
  return make("td", {}, links.slice(0, ANSWERS_AT_ONCE),
    more.length === 0 ? null : make("details", {}, make("summary", {}, "and " + more.length + " more"), more),
    cell.kernels ? kernelsDiffer(cell.kernels) : null);
}

function eventTable() {
  const { states, events, shown, possible } = overview.coverage;
  if (states.length === 0) return null;
  const words = "What a call returned or a segment drew in each state, and the state after it (→). " +
    "Each answer opens a run that showed it; a number with × says how many did.";
  const differ = states.flatMap((row) => row.cells).filter((cell) => cell.kernels).length;
  return panel("States and events: " + shown + " of " + possible + " cells shown", make("p", { class: "dim" }, words,
    differ ? " In " + plural(differ, "cell") + " kernels differ." : ""),
    make("div", { class: "scroll events", tabindex: 0, role: "region", "aria-label": "Table of states and events" }, make("table", {},
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "state"), events.map((event) => make("th", { scope: "col" }, event)))),
      make("tbody", {}, states.map((row) => make("tr", {}, make("th", { scope: "row", class: row.state }, row.state),
        row.cells.map((cell) => eventCell(cell, row.state))))))));
}
