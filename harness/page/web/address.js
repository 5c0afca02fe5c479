// What is shown stands in the URL's hash: "#case=ID", or the filters "#outcome=fail&subject=bind&q=reuse".
const FILTERS = ["outcome", "subject", "kernel", "claim", "arc", "q", "sort"];

function readAddress() {
  return new URLSearchParams(location.hash.slice(1));
}

function writeAddress(address, replace) {
  const hash = "#" + address.toString();
  if (hash === (location.hash || "#")) return;
  if (replace) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  show();
}

function setFilter(name, value, replace = false) {
  const address = readAddress();
  if (address.has("case")) address.delete("case");
  if (value) address.set(name, value);
  else address.delete(name);
  writeAddress(address, replace);
}

function caseAddress(id) {
  const address = readAddress();
  address.set("case", id);
  return "#" + address.toString();
}

function matches(run, address) {
  const is = (name, value) => !address.get(name) || address.get(name) === value;
  const has = (name, values) => !address.get(name) || values.includes(address.get(name));
  const words = (address.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const text = [run.name, run.id, run.reason, ...run.tags, ...run.claims].join(" ").toLowerCase();
  return is("outcome", run.outcome) && is("subject", run.subject) && is("kernel", run.kernel) &&
    has("claim", run.claims) && has("arc", run.arcs) && words.every((word) => text.includes(word));
}
