// Expectations with what was observed, and the events that prove it.
function marked(text, mark) {
  if (mark === null || mark === undefined) return [text];
  const bytes = new TextEncoder().encode(text), decode = (part) => new TextDecoder().decode(part);
  return [decode(bytes.slice(0, mark)), make("mark", {}, decode(bytes.slice(mark)))];
}

function evidenceList(data, finding) {
  const seen = finding.evidence.filter((event) => data.events[event]);
  if (seen.length === 0) return null;
  return make("details", {}, make("summary", {}, plural(seen.length, "event") + " of evidence"),
    make("ul", { class: "mono" }, seen.map((event) => make("li", {}, data.events[event][0] + "  " + data.events[event][1]))));
}

function findingItem(data, finding) {
  const element = make("li", { tabindex: 0 }, findingMark(finding), " ", make("b", {}, finding.kind), " ", make("code", {}, finding.text || finding.expected),
    make("span", { class: "dim" }, finding.line ? "  line " + finding.line : ""),
    finding.message ? make("p", {}, finding.message) : null,
    finding.holds ? null : make("pre", { class: "mono" }, "expected  ", marked(finding.expected, finding.expected_mark), "\nobserved  ", marked(finding.observed, finding.observed_mark)),
    evidenceList(data, finding));
  return { element, events: finding.evidence };
}
