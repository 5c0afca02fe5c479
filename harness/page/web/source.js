// The case's source with what came of each line.
function stepMark(step) {
  if (!step.taken) return make("span", { class: "dim" }, "not reached");
  return make("span", { class: step.good ? "good" : "bad" }, (step.good ? "✓ " : "✗ ") + step.text);
}

function findingMark(finding) {
  if (finding.undecided) return make("span", { class: "open", title: finding.message }, "? undecided");
  return make("span", { class: finding.holds ? "good" : "bad", title: finding.message }, finding.holds ? "✓" : "✗");
}

function sourceText(text) {
  const comment = text.search(/(^|\s)#/);
  if (comment < 0) return [text];
  return [text.slice(0, comment), make("span", { class: "comment" }, text.slice(comment))];
}

function sourceLine(data, line) {
  const steps = (line.steps || []).map((index) => data.steps[index]);
  const findings = (line.findings || []).map((index) => data.findings[index]).filter((finding) => finding.kind !== "step" || steps.length === 0);
  const came = [...steps.map(stepMark), ...findings.map(findingMark)];
  const active = came.length > 0;
  const element = make("div", { class: "line" + (line.file ? " included" : "") + (active ? " active" : ""), title: line.file ? line.file + ":" + line.n : null, tabindex: active ? 0 : null },
    make("span", { class: "n" }, line.file ? "·" : String(line.n)), make("span", { class: "text" }, sourceText(line.text)), make("span", { class: "came" }, came));
  const events = [...steps.flatMap((step) => step.events), ...findings.flatMap((finding) => finding.evidence)];
  return { element, events, steps: line.steps || [], active };
}
