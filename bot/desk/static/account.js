/**
 * Starts the page anew once its account may see or do something else, so that nothing of before stays on it; while
 * somebody writes, a line with a button offers it instead.
 */

/** @import { Board } from "./shapes.js" */
/** @import { Outbox } from "./outbox.js" */

import { byId, within } from "./elements.js";
import { facts } from "./facts.js";

const offer = byId("account-changed");
const box = byId("text", HTMLTextAreaElement);
const chip = byId("attachment");

within(offer, "button").addEventListener("click", () => location.reload());

/**
 * Returns whether the page starts anew: it shows another account by now, or its account's rights have changed.
 * @param {Pick<Board, "staff"> & { rights?: string }} list A process of an earlier release names no rights.
 * @param {Outbox} outbox
 */
export function startsAnew({ staff, rights = facts.rights }, outbox) {
  const isSame = staff === facts.staff;
  const changed = !isSame || rights !== facts.rights;
  const waits = changed && isSame && isWriting(outbox);
  offer.hidden = !waits;
  if (changed && !waits) location.reload();
  return changed && !waits;
}

/** @param {Outbox} outbox */
function isWriting(outbox) {
  return box.value.trim() !== "" || !chip.hidden || !outbox.isEmpty || document.querySelector("dialog[open]") !== null;
}
