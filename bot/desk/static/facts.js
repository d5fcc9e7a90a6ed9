/** Reads what the page knows from the start: who is signed in, limits, and every wording (bot/core/texts/desk.yml). */

/** @import { PageFacts } from "./shapes.js" */

/** @type {PageFacts} */
export const facts = JSON.parse(document.getElementById("facts")?.textContent ?? "null");

/**
 * The wording of a key, with values in it.
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
export function say(key, values = {}) {
  return facts.texts[key].replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}
