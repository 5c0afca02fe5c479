// The data of the page: the overview, read at once, and each run's own, unpacked when it is opened.
const overview = JSON.parse(document.getElementById("overview").textContent);
const runs = overview.cases;
const runIndex = new Map(runs.map((run, index) => [run.id, index]));
const opened = new Map();

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function openRun(id) {
  if (!opened.has(id)) {
    const script = document.getElementById("case-" + runIndex.get(id));
    opened.set(id, unpack(script.textContent));
  }
  return opened.get(id);
}
