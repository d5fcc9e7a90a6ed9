/** Adds a name and value to a description list (<dl>), unless the value is empty. */

import { element } from "./elements.js";

/**
 * @param {Element} list
 * @param {string} name
 * @param {string | Node | null | undefined} value
 */
export function addFact(list, name, value) {
  if (!value) return;
  const fact = element("dd");
  fact.append(value);
  list.append(element("dt", { text: name }), fact);
}
