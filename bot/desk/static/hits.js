/** Shows, in an opened conversation, the message that a search found, with the words marked. */

import { element } from "./elements.js";

/** @type {{ event: string, words: Set<string> } | null} */
let hit = null;

/**
 * Remembers the message to show when its conversation is rendered next.
 * @param {string} event
 * @param {string[]} words The words as the message has them.
 */
export function lookFor(event, words) {
  hit = event ? { event, words: new Set(words.map((word) => word.toLowerCase())) } : null;
}

/**
 * Scrolls to the remembered message, if it is among the rendered ones; returns whether it is.
 * @param {HTMLElement} lines
 */
export function showHit(lines) {
  const line = hit && lines.querySelector(`[data-event="${CSS.escape(hit.event)}"]`);
  if (!hit || !(line instanceof HTMLElement)) return false;
  line.classList.add("hit");
  const bubble = line.querySelector(".bubble");
  if (bubble) markWords(bubble, hit.words);
  line.scrollIntoView({ block: "center" });
  hit = null;
  return true;
}

/**
 * @param {Element} parent
 * @param {Set<string>} words
 */
function markWords(parent, words) {
  const walker = document.createTreeWalker(parent, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const pieces = (text.textContent ?? "").split(/([\p{L}\p{N}]+)/u);
    if (!pieces.some((piece) => words.has(piece.toLowerCase()))) continue;
    const made = pieces.map((piece) => (words.has(piece.toLowerCase()) ? element("mark", { text: piece }) : piece));
    text.parentNode?.replaceChild(fragmentOf(made), text);
  }
}

/** @param {(string | Node)[]} parts */
function fragmentOf(parts) {
  const made = document.createDocumentFragment();
  made.append(...parts);
  return made;
}
