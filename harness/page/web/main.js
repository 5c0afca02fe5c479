// What the address says is what is shown.
const main = document.getElementById("main");
let shown = null;

function show() {
  const address = readAddress(), id = address.get("case");
  if (id && runIndex.has(id)) {
    shown = "case";
    showCase(main, id);
    return;
  }
  openStory = null;
  const typing = shown === "overview" && document.activeElement && document.activeElement.id === "search";
  shown = "overview";
  if (typing) refreshList(address);
  else showOverview(main, address);
}

function goBy(step) {
  const links = [...document.querySelectorAll("#list a")];
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))];
  if (next) next.focus();
}

function leaveCase() {
  const address = readAddress();
  address.delete("case");
  writeAddress(address);
}

function onKey(event) {
  const field = ["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName);
  if (event.key === "Escape") return field ? event.target.blur() : leaveCase();
  if (field || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const keys = {
    "/": () => document.getElementById("search")?.focus(), t: toggleTheme,
    j: () => (openStory ? openStory.step(1) : goBy(1)), k: () => (openStory ? openStory.step(-1) : goBy(-1)),
    "+": () => openStory?.zoom(openStory.zoomed * 1.25), "-": () => openStory?.zoom(openStory.zoomed / 1.25),
  };
  if (!keys[event.key]) return undefined;
  event.preventDefault();
  return keys[event.key]();
}

function start() {
  startTheme();
  document.getElementById("machine").textContent = overview.machine;
  document.getElementById("footer").textContent = plural(runs.length, "run") + " · made by tcpwitness " + overview.tool +
    " · keys: / search, j k next and previous, Escape overview, t light or dark";
  document.getElementById("home").addEventListener("click", leaveCase);
  document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
  addEventListener("hashchange", show);
  addEventListener("keydown", onKey);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    openStory?.layOut();
  });
  show();
}

start();
performance.mark("first-view");
