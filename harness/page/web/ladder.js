// The ladder as SVG. Heights come with the data; here are the widths, for the room there is.
const SHORT_STATES = { ESTABLISHED: "ESTAB", FIN_WAIT_1: "FIN_W1", FIN_WAIT_2: "FIN_W2", CLOSE_WAIT: "CLOSE_W", TIME_WAIT: "TIME_W" };

// On a phone there are no times at the side, and calls stand between the lifelines.
function ladderColumns(picture, room) {
  const wide = room >= 760, tiny = room < 520;
  const lane = (count) => (count > 3 ? 20 : tiny ? 50 : 84);
  const widths = { tiny, time: tiny ? 6 : 62, lanes: picture.lanes.map((count) => Math.max(count, 1) * lane(count)), lane: picture.lanes.map(lane) };
  const longest = (side) => Math.max(0, ...picture.notes.filter((note) => note.side === side).map((note) => (note.text + note.result).length));
  const calls = [0, 1].map((side) => (wide ? Math.min(200, longest(side) * 6.7 + 14) : 0));
  const fixed = widths.time + widths.lanes[0] + widths.lanes[1] + calls[0] + calls[1];
  const middle = Math.max(wide ? 236 : 176, room - fixed - 8);
  const left = widths.time + calls[0] + widths.lanes[0];
  return { ...widths, calls, wide, left, right: left + middle, width: fixed + middle + 4 };
}

function laneX(columns, band) {
  const width = columns.lane[band.side];
  return band.side === 0 ? columns.left - 4 - (band.lane + 1) * width : columns.right + 4 + band.lane * width;
}

function drawBand(columns, band) {
  const width = columns.lane[band.side] - 3, x = laneX(columns, band), height = band.bottom - band.top - 1;
  const short = columns.tiny || (band.first && band.state === "ESTABLISHED");
  const label = width < 40 ? null : draw("text", { x: x + (columns.tiny ? 2 : 4), y: band.top + 12 },
    band.first ? draw("tspan", { class: "socket" }, band.socket + " ") : null, (band.inferred ? "~" : "") + (short && SHORT_STATES[band.state] || band.state));
  return draw("g", { class: "item band " + band.state + (band.inferred ? " inferred" : "") },
    draw("title", {}, band.socket + " " + band.state + (band.lasted ? " for " + band.lasted : "")),
    draw("rect", { class: "state-fill", x, y: band.top, width, height: Math.max(height, 3), rx: 3 }), label);
}

// From where to where an arrow goes: lost ones end on the way, forged ones begin there.
function arrowEnds(columns, arrow) {
  const ends = [columns.left, columns.right];
  let from = ends[arrow.from], to = ends[1 - arrow.from];
  const share = (part) => ends[arrow.from] + (ends[1 - arrow.from] - ends[arrow.from]) * part;
  if (arrow.part === "lost" || arrow.part === "departs" || arrow.part === "loop") to = share(0.7);
  if (arrow.part === "forged" || arrow.part === "arrives") from = share(0.5);
  return { from, to };
}

function drawArrow(columns, arrow) {
  const { from, to } = arrowEnds(columns, arrow), direction = Math.sign(to - from);
  const slope = (arrow.bottom - arrow.top) / Math.abs(columns.right - columns.left);
  const end = arrow.part === "whole" || arrow.part === "forged" || arrow.part === "arrives" ? arrow.bottom : arrow.top + slope * Math.abs(to - from);
  const angle = Math.atan2(end - arrow.top, to - from) * 180 / Math.PI;
  const d = `M${from},${arrow.top} L${to},${end}`;
  const lost = arrow.part === "lost";
  const room = Math.abs(to - from) - 34, label = fitted(arrow.label, room / 6.7);
  const start = from + direction * (arrow.part === "forged" || arrow.part === "arrives" ? 12 : 16), startY = arrow.top + (end - arrow.top) * 16 / Math.abs(to - from);
  const fate = lost ? "lost" + (arrow.fate ? ": " + arrow.fate : "") : arrow.fate;
  return draw("g", { class: `item arrow ${arrow.tone} ${arrow.part}` }, draw("path", { class: "hit", d }), draw("path", { class: "shaft", d }),
    arrow.part === "forged" || arrow.part === "arrives" ? draw("circle", { class: "source", cx: from, cy: arrow.top, r: 4 }) : null,
    lost ? draw("path", { class: "cross", d: `M${to - 6},${end - 6} l12,12 m0,-12 l-12,12` }) :
      draw("path", { class: "head", d: "M0,0 L-9,-4 L-9,4 z", transform: `translate(${to},${end}) rotate(${angle})` }),
    draw("text", { x: start, y: startY - 3, "text-anchor": direction > 0 ? "start" : "end",
      transform: `rotate(${direction > 0 ? angle : angle + 180} ${start} ${startY})` }, label),
    fate ? draw("text", { class: "fate", x: to + direction * (lost ? 12 : -14), y: end + (lost ? 4 : 13), "text-anchor": (direction > 0) === lost ? "start" : "end" }, fate) : null);
}

function fitted(text, letters) {
  return text.length <= letters ? text : text.slice(0, Math.max(3, Math.floor(letters) - 1)) + "…";
}

function drawNote(columns, note) {
  const y = note.y + 4;
  if (note.side === null) return drawMiddleNote(columns, note);
  const outward = note.side === 0 ? -1 : 1, line = note.side === 0 ? columns.left : columns.right;
  const room = columns.wide ? columns.calls[note.side] - 10 : columns.right - columns.left - 16;
  const x = columns.wide ? line + outward * (columns.lanes[note.side] + 8) : line - outward * 8;
  const anchor = columns.wide === (note.side === 0) ? "end" : "start";
  const text = fitted(note.text, room / 6.7 - note.result.length) + note.result;
  const width = text.length * 6.7 + 8;
  return draw("g", { class: "item note " + note.tone }, draw("title", {}, note.text + note.result),
    draw("rect", { class: "glow", x: anchor === "end" ? x - width + 4 : x - 4, y: y - 12, width, height: 17, rx: 3 }),
    columns.wide ? draw("path", { class: "tick", d: `M${line - 4},${note.y} h8` }) : null,
    draw("text", { x, y, "text-anchor": anchor }, text));
}

function drawMiddleNote(columns, note) {
  const middle = (columns.left + columns.right) / 2, room = columns.right - columns.left - 20;
  const text = fitted(note.text + note.result, room / 6.7), width = text.length * 6.7 + 14;
  return draw("g", { class: "item note " + note.tone }, draw("title", {}, note.text + note.result),
    draw("rect", { class: "chip", x: middle - width / 2, y: note.y - 8, width, height: 17, rx: 8 }),
    draw("text", { x: middle, y: note.y + 4, "text-anchor": "middle" }, text));
}

function drawFold(columns, fold) {
  const zigzag = (x) => `M${x},${fold.y - 12} l-5,4 l10,8 l-10,8 l5,4`;
  const middle = (columns.left + columns.right) / 2;
  return draw("g", { class: "fold" }, draw("rect", { x: columns.left - 4, y: fold.y - 11, width: columns.right - columns.left + 8, height: 22 }),
    draw("path", { d: zigzag(columns.left) }), draw("path", { d: zigzag(columns.right) }),
    draw("text", { x: middle, y: fold.y + 4, "text-anchor": "middle" }, "⋯ " + fold.wait + " ⋯"));
}

// The time beside each thing, as far as there is room.
function drawTimes(columns, picture) {
  if (columns.tiny) return [];
  const moments = [...picture.arrows.map((each) => [each.top, each.at]), ...picture.notes.map((each) => [each.y, each.at]),
    ...picture.bands.map((each) => [each.top + 8, each.at])].sort((a, b) => a[0] - b[0]);
  let last = -100;
  const times = [];
  for (const [y, at] of moments) {
    if (y - last < 15) continue;
    last = y;
    times.push(draw("text", { class: "time", x: 56, y: y + 4, "text-anchor": "end" }, at));
  }
  return times;
}

function drawHosts(columns, picture) {
  const head = (side, x) => draw("text", { class: "host", x, y: 14, "text-anchor": side === 0 && !columns.tiny ? "end" : side === 1 && columns.tiny ? "end" : "start" },
    picture.hosts[side], draw("tspan", { class: "address" }, "  " + (columns.wide ? picture.addresses[side] : "")));
  return [head(0, columns.left), head(1, columns.right)];
}

// Returns the drawing and its items: each {element, events, ...data}, in the order of time.
function drawLadder(picture, room) {
  const columns = ladderColumns(picture, room), top = 26;
  const made = (list, drawOne) => list.map((data) => ({ ...data, element: drawOne(columns, data) }));
  const bands = made(picture.bands, drawBand), arrows = made(picture.arrows, drawArrow), notes = made(picture.notes, drawNote);
  const lifeline = (x) => draw("line", { class: "lifeline", x1: x, x2: x, y1: 2, y2: picture.end });
  const height = picture.end + top + 26;
  const nodes = (list) => list.map((item) => item.element);
  const svg = draw("svg", { width: columns.width, height, viewBox: `0 0 ${columns.width} ${height}`, class: columns.tiny ? "tiny" : null, role: "group", "aria-label": "Ladder of calls, states and segments" },
    drawHosts(columns, picture), draw("g", { transform: `translate(0,${top})` }, nodes(bands), lifeline(columns.left), lifeline(columns.right),
      picture.folds.map((fold) => drawFold(columns, fold)), drawTimes(columns, picture), nodes(notes.filter((note) => note.side !== null)), nodes(arrows), nodes(notes.filter((note) => note.side === null)),
      draw("text", { class: "time", x: (columns.left + columns.right) / 2, y: picture.end + 14, "text-anchor": "middle" }, "end of the story at " + picture.ended + " s")));
  const y = (item) => item.top ?? item.y;
  return { svg, width: columns.width, height, items: [...notes, ...arrows, ...bands].sort((a, b) => y(a) - y(b)) };
}
