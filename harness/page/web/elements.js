// Making elements: make("p", {class: "dim"}, "words", child). Text is always text, never HTML.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function panel(title, ...children) {
  return make("section", { class: "panel" }, make("h2", {}, title), ...children);
}

function outcomeClass(outcome) {
  return outcome === "skip" ? "skip-outcome" : outcome;
}

function seconds(value) {
  return value < 9.995 ? value.toFixed(2) + " s" : value.toFixed(1) + " s";
}

function plural(count, word) {
  return count + " " + word + (count === 1 ? "" : "s");
}
