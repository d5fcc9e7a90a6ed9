/** Fills what surrounds the rows of a group of the list: the count, the text for an empty group, and the button to show more. */

import { within } from "./elements.js";
import { say } from "./facts.js";

/**
 * Shows how many tickets the group has.
 * @param {HTMLElement} group
 * @param {number} all
 * @param {number} of The number without filters; 0 if there are none.
 */
export function fillCount(group, all, of) {
  const count = within(group, "[data-count]");
  count.textContent = of ? say("de_tantas", { n: all, total: of }) : String(all);
  count.classList.toggle("some", all > 0);
}

/**
 * Shows the text for an empty group, or the button to show more.
 * @param {HTMLElement} group
 * @param {number} all
 * @param {number} drawn
 */
export function fillFrame(group, all, drawn) {
  const empty = group.querySelector(".empty");
  if (empty instanceof HTMLElement) empty.hidden = all > 0;
  group.hidden = !empty && all === 0;
  within(group, ".rows").hidden = all === 0;
  const more = within(group, ".more");
  more.hidden = drawn === all;
  more.textContent = say("y_mas", { n: all - drawn });
}
