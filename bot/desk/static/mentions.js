/** Finds whom a note mentions. */

/** @import { NamedColleague } from "./shapes.js" */

const GOES_ON = /^[\p{L}\p{N}]/u;

/**
 * Returns the ids of the colleagues whose names follow an "@". The longest name counts: "@Ana Sotomayor" does not mention
 * Ana Soto. Colleagues of the same name are all mentioned.
 * @param {string} text
 * @param {NamedColleague[]} colleagues
 * @returns {string[]}
 */
export function mentioned(text, colleagues) {
  const longestFirst = colleagues.map(({ name }) => name).sort((one, other) => other.length - one.length);
  const parts = [...text.matchAll(/@/g)].map(({ index }) => text.slice(index + 1)); // an account's name may be an address
  const names = new Set(parts.map((words) => longestFirst.find((name) => words.startsWith(name) && !GOES_ON.test(words.slice(name.length)))));
  return colleagues.filter(({ name }) => names.has(name)).map(({ id }) => id);
}
