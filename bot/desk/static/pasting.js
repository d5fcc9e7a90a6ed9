/** Pastes text copied from Word, Google Docs or a page as Markdown, which the server makes; Ctrl+Z undoes it. */

import { failure, post } from "./http.js";

const FORMATTED = /<(?:b|strong|h[1-6]|ul|ol|li|table|a|i|em|p)[\s>]/i;

/**
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} status Where what was dropped is said.
 */
export function pasteAsMarkdown(box, status) {
  box.addEventListener("paste", (event) => {
    const html = event.clipboardData?.getData("text/html") ?? "";
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!FORMATTED.test(html)) return;
    event.preventDefault();
    paste(box, status, html, text);
  });
  box.addEventListener("input", (event) => {
    if (event instanceof InputEvent && event.inputType === "historyUndo") status.textContent = "";
  });
}

/**
 * Inserts the Markdown where the cursor was, the plain text if the server fails.
 * @param {HTMLTextAreaElement} box
 * @param {HTMLElement} status
 * @param {string} html
 * @param {string} text
 */
async function paste(box, status, html, text) {
  const { selectionStart, selectionEnd, value } = box;
  status.textContent = "";
  try {
    const { markdown, message: words } = /** @type {{ markdown: string, message: string }} */ (await post("/pasted", { html }));
    insert(markdown);
    status.textContent = words;
  } catch (error) {
    insert(text);
    status.textContent = failure(error).message;
  }
  /** @param {string} made */
  function insert(made) {
    box.focus();
    if (box.value === value) box.setSelectionRange(selectionStart, selectionEnd);
    document.execCommand("insertText", false, made); // unlike setRangeText, it can be undone
  }
}
