/** Shows what the entry would answer: questions of the backlog, which become utterances with a tick, and its utterances. */

import { byId, element, within } from "./elements.js";
import { failure, post } from "./http.js";
import { Newest } from "./newest.js";

/** @typedef {{ text: string, reached: string, words: string, written?: boolean }} Reach */
/** @typedef {{ asked: Reach[], note: string, own: Reach[], summary: string }} Reached */

/** @type {Map<string, HTMLElement>} The rows of citizens' questions, by their text. */
const rows = new Map();

/**
 * Measures when the button is pressed, and at once after a publication.
 * @param {string} path The entry's path of the API.
 * @param {() => Promise<boolean>} save Saves what is typed, after what is being saved; returns whether it succeeded.
 */
export function reaching(path, save) {
  const panel = byId("reach");
  const said = byId("reach-said");
  const newest = new Newest();
  const measure = async () => {
    const isNewest = newest.ask();
    said.textContent = panel.dataset.measuring ?? "";
    try {
      const found = (await save()) ? /** @type {Reached} */ (await post(`${path}/reach`)) : null;
      if (!isNewest()) return;
      if (found) show(found);
      said.textContent = found ? "" : (panel.dataset.unsaved ?? "");
    } catch (error) {
      if (isNewest()) said.textContent = failure(error).message;
    }
  };
  panel.hidden = false;
  byId("reach-measure").addEventListener("click", measure);
  if (panel.dataset.now) measure();
}

/** @param {Reached} found */
function show({ asked, note, own, summary }) {
  byId("reached").hidden = false;
  const texts = new Set(asked.map(({ text }) => text));
  for (const [text, row] of rows) if (!texts.has(text) && !row.querySelector("input:checked")) forget(text, row);
  for (const one of asked) fill(rows.get(one.text) ?? added(one.text), one);
  byId("reach-note").textContent = asked.length || !rows.size ? note : "";
  byId("reach-summary").textContent = summary;
  byId("reach-own").replaceChildren(...own.map(ownRow));
}

/**
 * @param {string} text
 * @param {HTMLElement} row
 */
function forget(text, row) {
  row.remove();
  rows.delete(text);
}

/**
 * Says what becomes of a question, with a box that makes it an utterance. A question that is written has none, or it would
 * come back when its line is deleted; one that the page proposes anyway has its box there. A ticked box stays.
 * @param {HTMLElement} row
 * @param {Reach} one
 */
function fill(row, { text, words, written }) {
  const box = row.querySelector("input");
  within(row, ".soft").replaceChildren(words);
  if (box?.checked) return;
  if (written) box?.remove();
  else if (!box && !isProposed(text)) {
    within(row, ".choice").prepend(element("input", { type: "checkbox", name: "propuesta", value: text }));
  }
}

/** @param {string} text */
function added(text) {
  const row = element("li");
  const label = element("label", { className: "choice" });
  const words = element("span", { text: `${text} ` });
  words.append(element("span", { className: "soft" }));
  label.append(words);
  row.append(label);
  byId("reach-asked").append(row);
  rows.set(text, row);
  return row;
}

/** @param {string} text */
function isProposed(text) {
  const boxes = [...document.querySelectorAll('#entry input[name="propuesta"]')];
  return boxes.some((one) => one.getAttribute("value") === text);
}

/** @param {Reach} one */
function ownRow({ text, words, reached }) {
  const row = element("li", { className: reached });
  row.append(element("button", { type: "button", className: "quote", text }), element("span", { className: "soft", text: words }));
  return row;
}
