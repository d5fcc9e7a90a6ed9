/** Pastes what is copied from Word, Google Docs or a page as Markdown, which the server makes; Ctrl+Z takes it back. */

import { failure, post } from "./http.js";

const FORMATTED = /<(?:b|strong|h[1-6]|ul|ol|li|table|a|i|em|p)[\s>]/i;

/**
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} told Where what was dropped is said.
 */
export function pasteAsMarkdown(box, told) {
  box.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!FORMATTED.test(html)) return;
    event.preventDefault();
    paste(box, told, html, text);
  });
  box.addEventListener("input", (event) => {
    if (event instanceof InputEvent && event.inputType === "historyUndo") told.textContent = "";
  });
}

/**
 * Inserts the Markdown where the cursor was, the plain text if the server fails.
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} told
 * @param {string} html
 * @param {string} text
 */
async function paste(box, told, html, text) {
  const { selectionStart, selectionEnd, value } = box;
  told.textContent = "";
  try {
    const { markdown, told: words } = /** @type {{ markdown: string, told: string }} */ (await post("/pasted", { html }));
    insert(markdown);
    told.textContent = words;
  } catch (error) {
    insert(text);
    told.textContent = failure(error).message;
  }
  /** @param {string} made */
  function insert(made) {
    box.focus();
    if (box.value === value) box.setSelectionRange(selectionStart, selectionEnd);
    document.execCommand("insertText", false, made); // unlike setRangeText, it can be undone
  }
}
