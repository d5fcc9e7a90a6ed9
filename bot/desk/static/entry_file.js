/** The page that repairs a broken file: selects the wrong line in the text box. */

import { allWithin, within } from "./elements.js";

const root = within(document, ".file");

/**
 * Selects a line of the box, and scrolls it into view.
 * @param {HTMLTextAreaElement} box
 * @param {number} line Counted from 1.
 */
function select(box, line) {
  const lines = box.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  box.focus();
  box.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  box.scrollTop = (box.scrollHeight * (line - 1)) / lines.length - box.clientHeight / 3;
}

for (const button of allWithin(root, "[data-line]")) {
  const box = allWithin(root, "textarea").find(({ dataset }) => dataset.file === button.dataset.of);
  if (!(box instanceof HTMLTextAreaElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => select(box, Number(button.dataset.line)));
}
