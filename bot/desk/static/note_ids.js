/**
 * Chooses the ids of notes. The server stores a note once for each id, so a note that is sent again after an error has the
 * same id: perhaps only the response was lost.
 */

import { newId } from "./http.js";

/** The last note of each ticket that is not known to be stored. @type {Map<string, { text: string, id: string }>} */
const unsure = new Map();

/**
 * Returns the id of a note on the ticket.
 * @param {string} ticket
 * @param {string} text
 */
export function noteId(ticket, text) {
  const last = unsure.get(ticket);
  if (last?.text === text) return last.id;
  const id = newId();
  unsure.set(ticket, { text, id });
  return id;
}

/**
 * Notes that the ticket's last note is stored; the same words are then another note.
 * @param {string} ticket
 */
export function noteStored(ticket) {
  unsure.delete(ticket);
}
