/** Shows the mark of a citizen who described a danger, in the list and in the head of the open conversation. */

/** @import { Ticket } from "./shapes.js" */

import { icon } from "./elements.js";

/**
 * Fills the mark; hides it for a ticket without a danger.
 * @param {HTMLElement} mark
 * @param {Ticket | null} ticket
 */
export function fillDanger(mark, ticket) {
  const danger = ticket?.danger;
  mark.hidden = !danger;
  if (!danger) return;
  mark.dataset.sure = String(danger.sure);
  if (mark.textContent !== danger.words) mark.replaceChildren(icon("alert"), danger.words);
}

/**
 * Returns the danger's words if the ticket has a mark that it did not have before, else "". That the citizen denies a danger shown before alerts nobody.
 * @param {Ticket} ticket
 * @param {Ticket | undefined} before
 */
export function newDanger(ticket, before) {
  const words = ticket.danger?.words ?? "";
  return (ticket.danger?.denied && before?.danger) || words === before?.danger?.words ? "" : words;
}
