// One run: its source beside its ladder, what was expected and what proves it, and its path through the diagram.
class Story {
  constructor(data) {
    this.data = data;
    this.told = make("div", { class: "told dim", role: "status" }, "Point at a segment, a call or a state. Keys: j and k go through them.");
    this.lines = data.lines.map((line) => sourceLine(data, line));
    this.findings = data.findings.map((finding) => findingItem(data, finding));
    this.box = make("div", { class: "ladder", tabindex: 0, "aria-label": "Ladder" });
    this.zoomed = 1;
    this.current = -1;
    for (const line of this.lines.filter((each) => each.active)) this.listen(line.element, () => this.point(line.events, "evidence"));
    for (const finding of this.findings) this.listen(finding.element, () => this.point(finding.events, "evidence"));
  }

  listen(element, enter) {
    for (const kind of ["mouseenter", "focus"]) element.addEventListener(kind, enter);
    for (const kind of ["mouseleave", "blur"]) element.addEventListener(kind, () => this.clear());
  }

  layOut() {
    const room = this.box.clientWidth || 700;
    this.ladder = drawLadder(this.data.picture, room);
    this.box.replaceChildren(this.ladder.svg);
    this.items = this.ladder.items;
    for (const [index, item] of this.items.entries()) this.listen(item.element, () => this.hover(index));
    this.zoom(this.zoomed);
  }

  zoom(factor) {
    this.zoomed = Math.min(4, Math.max(0.3, factor));
    this.ladder.svg.setAttribute("width", this.ladder.width * this.zoomed);
    this.ladder.svg.setAttribute("height", this.ladder.height * this.zoomed);
  }

  clear() {
    for (const item of this.items || []) item.element.classList.remove("hot", "evidence");
    for (const line of this.lines) line.element.classList.remove("hot");
    for (const finding of this.findings) finding.element.classList.remove("hot");
  }

  // Everything that was drawn of these events.
  point(events, style) {
    this.clear();
    const wanted = new Set(events);
    for (const item of this.items) if (item.events.some((event) => wanted.has(event))) item.element.classList.add(style);
  }

  // The item itself, the state changes that came of it, what it came of, and the line of the case.
  hover(index) {
    const item = this.items[index];
    this.current = index;
    this.point([...item.events, ...(item.changes || []), ...(item.after === undefined ? [] : [item.after])], "hot");
    for (const line of this.lines) if (item.step !== undefined && line.steps.includes(item.step)) line.element.classList.add("hot");
    this.told.classList.remove("dim");
    this.told.replaceChildren(...this.words(item));
  }

  words(item) {
    const name = item.label ? (item.details || item.label) : item.state ? item.socket + " " + item.state : item.text + item.result;
    const facts = [item.travelled && "travelled " + item.travelled, item.part === "lost" && "never arrived", item.lasted && "lasted " + item.lasted,
      item.inferred && "inferred: not itself seen", item.fate, item.how].filter(Boolean).join("; ");
    const changes = (item.changes || []).map((event) => this.data.events[event]).filter(Boolean).map(([, words]) => words);
    return [make("b", { class: "mono" }, item.at + "  " + name), make("div", {}, facts), changes.length ? make("div", {}, "then " + changes.join("; ")) : ""];
  }

  step(by) {
    if (!this.items || this.items.length === 0) return;
    this.hover(Math.min(this.items.length - 1, Math.max(0, this.current + by)));
    this.items[this.current].element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function copyButton(text) {
  const button = make("button", { type: "button", id: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(document.getElementById("repeat"));
      button.textContent = "Selected";
    }
  });
  return button;
}

function links(data) {
  return [["record", data.record], ["capture for Wireshark", data.capture]].filter(([, target]) => target)
    .map(([words, target]) => make("a", { href: target, download: true }, words)).flatMap((link) => [" · ", link]);
}

function head(run, data) {
  const bad = run.outcome === "pass" ? null : make("p", { class: "reason " + outcomeClass(run.outcome) }, run.reason || data.error);
  return [
    make("div", { class: "title" }, make("span", { class: "verdict " + outcomeClass(run.outcome) }, run.outcome), make("h1", {}, run.name)),
    data.about ? make("p", {}, data.about) : null, bad,
    make("p", { class: "meta" }, [data.file, data.reference, data.observed, "seed " + data.seed, seconds(run.seconds)].filter(Boolean).join(" · "),
      ...links(data)),
    make("p", {}, run.claims.map((claim) => make("a", { class: "tag", href: "#claim=" + claim }, claim)), run.tags.map((tag) => make("span", { class: "tag" }, tag))),
    data.repeat ? make("div", { class: "repeat" }, make("code", { id: "repeat" }, data.repeat), copyButton(data.repeat)) : null,
  ];
}

function ladderPanel(story) {
  const zoom = (words, factor, label) => make("button", { type: "button", "aria-label": label, onclick: () => story.zoom(factor === 0 ? 1 : story.zoomed * factor) }, words);
  story.box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    story.zoom(story.zoomed * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  }, { passive: false });
  return make("section", { class: "panel" }, make("div", { class: "ladder-head" }, make("h2", {}, "What happened"),
    make("span", { class: "zoom" }, zoom("−", 1 / 1.25, "Smaller"), " ", zoom("1:1", 0, "Normal size"), " ", zoom("+", 1.25, "Larger"))), story.told, story.box);
}

let openStory = null;

async function showCase(main, id) {
  const run = runs[runIndex.get(id)], data = await openRun(id);
  if (readAddress().get("case") !== id) return;
  document.title = run.name + " – tcpwitness";
  const story = new Story(data);
  const drawn = data.picture.arrows.length + data.picture.notes.length + data.picture.bands.length > 0;
  const source = make("section", { class: "panel" }, make("h2", {}, "The case"), make("div", { class: "source" }, story.lines.map((line) => line.element)));
  main.replaceChildren(...head(run, data).filter(Boolean), make("div", { class: "story" }, source, drawn ? ladderPanel(story) : null),
    make("div", { class: "columns" }, panel("What was expected", make("ul", { class: "findings" }, story.findings.map((finding) => finding.element))),
      data.arcs.length === 0 ? make("div") : caseDiagram(data, (events) => (events ? story.point(events, "evidence") : story.clear()))),
    ...Object.entries(data.outputs).map(([program, text]) => panel("Output of " + program, make("pre", { class: "output" }, text))));
  if (drawn) story.layOut();
  openStory = drawn ? story : null;
  scrollTo(0, 0);
}
