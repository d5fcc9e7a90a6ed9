/** Reads the data embedded in the page: the account, limits, and all texts (from bot/core/texts). */

/** @import { PageFacts } from "./shapes.js" */

/** @type {PageFacts} */
export const facts = JSON.parse(document.getElementById("facts")?.textContent ?? "null");

/**
 * Returns the text of a key, with its placeholders filled in.
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
export function say(key, values = {}) {
  return facts.texts[key].replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}
