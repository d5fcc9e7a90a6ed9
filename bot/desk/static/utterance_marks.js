/**
 * Marks the lines of the utterances that an editor should review: highlights the lines, and shows below the box what to
 * do. Below both boxes, the utterances are grouped by kind.
 */

import { allWithin, around, byId, element, within } from "./elements.js";

/** @typedef {{ field: string, text: string, message: string, fix: string, link: string, title: string }} Mark */

const BOXES = ["variantes", "frases"];

/** @type {Map<string, () => void>} */
const paints = new Map();

/** Shows the page's initial marks; a press on a mark selects its line. */
export function utteranceMarks() {
  for (const name of BOXES) {
    const box = byId(`f-${name}`, HTMLTextAreaElement);
    const behind = element("div", { className: "lines-behind", "aria-hidden": "true" });
    const frame = element("div", { className: "lines-of" });
    box.before(frame);
    frame.append(behind, box);
    const paint = () => underline(name, box, behind);
    paints.set(name, paint);
    box.addEventListener("input", paint);
    box.addEventListener("scroll", () => (behind.scrollTop = box.scrollTop));
    byId(`marks-${name}`).addEventListener("click", (event) => select(box, around(event, ".quote")?.textContent ?? ""));
    paint();
  }
  for (const list of ["kinds", "reach"]) {
    byId(list).addEventListener("click", (event) => {
      const text = around(event, ".quote")?.textContent ?? "";
      for (const name of BOXES) select(byId(`f-${name}`, HTMLTextAreaElement), text);
    });
  }
}

/**
 * Shows the utterances of each kind; for a kind without utterances, shows which to add.
 * @param {Record<string, string[]>} kinds
 */
export function showKinds(kinds) {
  for (const [kind, texts] of Object.entries(kinds)) {
    const row = within(byId("kinds"), `[data-kind="${kind}"]`);
    const quotes = texts.map((text) => {
      const line = element("li");
      line.append(element("button", { type: "button", className: "quote", text }));
      return line;
    });
    within(row, "details").hidden = texts.length === 0;
    within(row, ":scope > p").hidden = texts.length > 0;
    within(row, ".tag").textContent = String(texts.length);
    within(row, "ul").replaceChildren(...quotes);
  }
}

/**
 * Replaces the marks with the marks of the saved text.
 * @param {Mark[]} marks
 */
export function showMarks(marks) {
  for (const name of BOXES) {
    const some = marks.filter((one) => one.field === name);
    const list = byId(`marks-${name}`);
    list.hidden = some.length === 0;
    within(list, "ul").replaceChildren(...some.map((one) => row(one, list.dataset.see ?? "")));
    paints.get(name)?.();
  }
}

/**
 * @param {Mark} mark
 * @param {string} see
 */
function row({ text, message, fix, link, title }, see) {
  const made = element("li");
  made.append(element("button", { type: "button", className: "quote", text }), ` ${message} ${fix} `);
  if (link) made.append(element("a", { href: `/desk/respuestas/${link}`, text: see.replace("{pregunta}", title) }));
  return made;
}

/**
 * Draws behind the box its own text, in which the marked lines have a background.
 * @param {string} name
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} behind
 */
function underline(name, box, behind) {
  const marked = new Set(allWithin(byId(`marks-${name}`), ".quote").map((one) => one.textContent));
  const lines = box.value.split("\n").flatMap((line) => [marked.has(line.trim()) ? element("mark", { text: line }) : line, "\n"]);
  behind.replaceChildren(...lines);
  behind.scrollTop = box.scrollTop;
}

/**
 * Selects the last line of the box that says `text`: of two equal lines, the later line is redundant.
 * @param {HTMLTextAreaElement} box
 * @param {string} text
 */
function select(box, text) {
  const lines = box.value.split("\n");
  const place = text ? lines.map((line) => line.trim()).lastIndexOf(text) : -1;
  if (place < 0) return;
  const start = lines.slice(0, place).join("\n").length + (place ? 1 : 0);
  box.focus();
  box.setSelectionRange(start, start + lines[place].length);
}
