// The state diagram of RFC 9293: with the arcs that runs showed, or with the path of one run at both ends.
function arcKey(arc) {
  return arc.from + " " + arc.to;
}

function arcWords(arc) {
  return arc.from + " → " + arc.to + (arc.label ? ": " + arc.label : "");
}

// An arc that is not in the diagram's list goes straight from state to state.
function placeOf(key) {
  if (ARCS[key]) return ARCS[key];
  const [from, to] = key.split(" ").map((state) => NODES[state]);
  return ["M" + from + " L" + to, (from[0] + to[0]) / 2, (from[1] + to[1]) / 2, "middle"];
}

function pathMeasure(d) {
  const path = draw("path", { d });
  const length = path.getTotalLength();
  return { at: (share) => path.getPointAtLength(length * share), angle: () => {
    const end = path.getPointAtLength(length), before = path.getPointAtLength(length - 4);
    return Math.atan2(end.y - before.y, end.x - before.x) * 180 / Math.PI;
  } };
}

function drawArc(arc, classes, ...more) {
  const key = arcKey(arc), [d, x, y, anchor] = placeOf(key);
  const measure = pathMeasure(d), end = measure.at(1);
  const words = STUBS.includes(key) ? "CLOSED" : arc.label;
  return draw("g", { class: "arc " + arc.kind + " " + classes, "data-arc": key },
    draw("title", {}, arcWords(arc)), draw("path", { class: "track", d }),
    draw("path", { class: "head", d: "M0,0 L-10,-4.5 L-10,4.5 z", transform: `translate(${end.x},${end.y}) rotate(${measure.angle()})` }),
    draw("text", { class: "label", x, y, "text-anchor": anchor }, words),
    ...more, draw("path", { class: "hit", d }));
}

function drawNode(name, [x, y]) {
  const state = name === "CLOSED_END" ? "CLOSED" : name;
  return draw("g", { class: "node " + state }, draw("rect", { x: x - 68, y: y - 18, width: 136, height: 36, rx: 9 }),
    draw("text", { x, y: y + 5 }, state));
}

function diagramPicture(arcs, label) {
  return make("div", { class: "diagram" }, draw("svg", { viewBox: "0 0 940 810", role: "img", "aria-label": label }, arcs,
    Object.entries(NODES).map(([name, place]) => drawNode(name, place))));
}

function legend(...entries) {
  return make("p", { class: "legend" }, entries.map(([style, words]) => make("span", {}, make("i", { class: style }), words)));
}

const KINDS = [["figure", "in figure 5 of RFC 9293"], ["text", "in its text"], ["kernel", "added by Linux"]];

// Arcs that runs took and the diagram's list does not have.
function unlisted(keys) {
  const known = new Set(overview.diagram.map(arcKey));
  return distinct(keys.filter((key) => !known.has(key))).map((key) => {
    const [from, to] = key.split(" ");
    return { from, to, kind: "kernel", label: "" };
  });
}

function overviewDiagram() {
  const counts = new Map();
  for (const run of runs) for (const key of run.arcs) counts.set(key, (counts.get(key) || 0) + 1);
  const all = [...overview.diagram, ...unlisted([...counts.keys()])];
  const arcs = all.map((arc) => {
    const key = arcKey(arc), count = counts.get(key) || 0, middle = pathMeasure(placeOf(key)[0]).at(0.5);
    const arcNode = drawArc(arc, count ? "shown" : "never",
      draw("circle", { class: "badge", cx: middle.x, cy: middle.y, r: 10.5 }),
      draw("text", { class: "badge-text", x: middle.x, y: middle.y + 3.7 }, String(count)));
    fill(arcNode, { tabindex: 0, role: "button", "aria-label": arcWords(arc) + ", " + plural(count, "run"),
      onclick: () => setFilter("arc", key), onkeydown: (event) => { if (event.key === "Enter") setFilter("arc", key); } }, []);
    return arcNode;
  });
  const never = all.filter((arc) => !counts.has(arcKey(arc)));
  return panel("The state diagram, as these runs showed it",
    make("p", { class: "dim" }, "Each arc with the number of runs that took it. Choose one to see them. States that were only inferred do not count."),
    legend(["shown", "taken"], ...KINDS), diagramPicture(arcs, "State diagram with the arcs that runs took"),
    make("p", {}, make("b", {}, never.length === 0 ? "Every arc was taken." : "Never taken: "),
      never.map((arc) => make("span", { class: "tag" }, arc.from + " → " + arc.to))));
}

function stepMarks(taken, hosts, middle) {
  return taken.slice(0, 6).map((arc, index) => {
    const side = hosts.indexOf(arc.host) === 1 ? "server" : "client", x = middle.x + (index - (Math.min(taken.length, 6) - 1) / 2) * 19;
    return draw("g", { class: "step " + side }, draw("title", {}, arc.socket), draw("circle", { cx: x, cy: middle.y, r: 8.5 }),
      draw("text", { x, y: middle.y + 3.3 }, String(arc.order)));
  });
}

// The path of one run: each end in its colour, numbered in the order of time.
function caseDiagram(data, onHover) {
  const hosts = data.picture.hosts, orders = [0, 0];
  const path = data.arcs.map((arc) => ({ ...arc, order: ++orders[hosts.indexOf(arc.host) === 1 ? 1 : 0] }));
  const all = [...overview.diagram, ...unlisted(path.map(arcKey))];
  const arcs = all.map((arc) => {
    const key = arcKey(arc), d = placeOf(key)[0], taken = path.filter((each) => arcKey(each) === key);
    if (taken.length === 0) return drawArc(arc, "idle");
    const on = (side) => taken.some((each) => (hosts.indexOf(each.host) === 1) === (side === 1));
    const node = drawArc(arc, "taken", on(1) ? draw("path", { class: "server", d, "stroke-width": on(0) ? 8 : 4 }) : null,
      on(0) ? draw("path", { class: "client", d, "stroke-width": on(1) ? 3.5 : 4 }) : null,
      ...stepMarks(taken, hosts, pathMeasure(d).at(0.5)));
    const events = taken.map((each) => each.event);
    return fill(node, { tabindex: 0, onmouseenter: () => onHover(events), onmouseleave: () => onHover(null), onfocus: () => onHover(events) }, []);
  });
  return panel("The path of this run through the state diagram",
    legend(["client", hosts[0]], ["server", hosts[1]], ...KINDS),
    make("p", { class: "dim" }, "Numbers are the order in which each end changed its states."), diagramPicture(arcs, "State diagram with the path of this run"));
}
