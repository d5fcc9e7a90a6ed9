/**
 * The toolbar of the answer: marks for the selected text, and the parts of an answer, each shown as present or missing.
 */

import { allWithin, byId, within } from "./elements.js";

/** @typedef {{ lead: string, titles: string, parts: Record<string, string> }} Outline */

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * Shows the toolbar; it is one stop of the Tab key, and its buttons are reached with the arrow keys, Home and End.
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} bar
 */
export function answerTools(box, bar) {
  const buttons = allWithin(bar, "button");
  bar.hidden = false;
  for (const [place, button] of buttons.entries()) {
    button.tabIndex = place ? -1 : 0;
    button.addEventListener("click", () => (button.dataset.part ? part(box, button) : format(box, button.dataset.mark ?? "")));
    button.addEventListener("keydown", (event) => {
      const to = target(event.key, place, buttons.length);
      if (to === null) return;
      event.preventDefault();
      button.tabIndex = -1;
      buttons[to].tabIndex = 0;
      buttons[to].focus();
    });
  }
}

/**
 * Returns the place of the button to which a key leads from `place`; null if it is no key of a toolbar.
 * @param {string} key
 * @param {number} place
 * @param {number} count
 */
function target(key, place, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key !== "ArrowRight" && key !== "ArrowLeft") return null;
  return (place + STEPS[key] + count) % count;
}

/**
 * Puts a mark around or before the selected text.
 * @param {HTMLTextAreaElement} box
 * @param {string} mark
 */
function format(box, mark) {
  const chosen = box.value.slice(box.selectionStart, box.selectionEnd);
  const lines = chosen.split("\n").map((line) => `- ${line}`);
  insert(box, { bold: `**${chosen}**`, list: lines.join("\n"), link: `[${chosen}](https://)` }[mark] ?? chosen);
}

/**
 * Selects the title of an existing part; adds a missing part after the paragraph with the cursor.
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} button
 */
function part(box, button) {
  const title = button.dataset.title ?? "";
  const bold = box.value.indexOf(`**${title}`);
  const there = bold < 0 ? box.value.indexOf(title) : bold + 2;
  if (title && there >= 0) {
    box.focus();
    box.setSelectionRange(there, there + title.length);
    return;
  }
  const next = box.value.indexOf("\n\n", box.selectionEnd);
  const end = next < 0 ? box.value.trimEnd().length : next;
  box.setSelectionRange(end, next < 0 ? box.value.length : end);
  insert(box, `${end ? "\n\n" : ""}${button.dataset.insert ?? ""}`);
}

/**
 * Replaces the selected text, so that Ctrl+Z undoes the change.
 * @param {HTMLTextAreaElement} box
 * @param {string} text
 */
function insert(box, text) {
  box.focus();
  document.execCommand("insertText", false, text);
}

/**
 * Shows the lead of the saved answer, and which parts the answer has.
 * @param {Outline} outline
 */
export function showOutline({ lead, titles, parts }) {
  byId("outline-lead").textContent = lead;
  byId("outline-titles").textContent = titles;
  for (const button of allWithin(document, ".toolbar [data-part]")) {
    const title = parts[button.dataset.part ?? ""] ?? "";
    button.dataset.title = title;
    within(button, ".visually-hidden").textContent = (title ? button.dataset.there : button.dataset.absent) ?? "";
  }
}
