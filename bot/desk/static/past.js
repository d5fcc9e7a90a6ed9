/** Opens a recorded conversation, read-only, and reopens its last ticket. */

/** @import { Conversation } from "./conversation.js" */

import { announce } from "./alerts.js";
import { loadPast, reopen } from "./api.js";
import { byId } from "./elements.js";
import { failure } from "./http.js";

const reopening = byId("reopen", HTMLButtonElement);
const refusal = byId("refusal");

/**
 * Shows a recorded conversation read-only; if it has an open ticket, opens that instead.
 * @param {Conversation} shown
 * @param {string} conversation
 * @param {{ stays: () => boolean, onTicket: (id: string) => void, onReopened: (id: string) => void }} acts
 */
export async function openPast(shown, conversation, { stays, onTicket, onReopened }) {
  shown.beginPast();
  try {
    const past = await loadPast(conversation);
    if (!stays()) return;
    if (past.ticket) return onTicket(past.ticket);
    shown.head.showPast(past);
    shown.log.showPast(past.events);
    if (past.closed) offerReopening(conversation, { stays, onReopened });
  } catch (error) {
    if (!stays()) return;
    shown.head.showPast(null);
    shown.log.fail(failure(error).message);
  }
  shown.head.focus();
}

/**
 * Offers to reopen the last ticket of the conversation that is shown.
 * @param {string} conversation
 * @param {{ stays: () => boolean, onReopened: (id: string) => void }} acts
 */
export function offerReopening(conversation, { stays, onReopened }) {
  reopening.hidden = false;
  reopening.onclick = () => reopenIt(conversation, { stays, onReopened });
}

/**
 * @param {string} conversation
 * @param {{ stays: () => boolean, onReopened: (id: string) => void }} acts
 */
async function reopenIt(conversation, { stays, onReopened }) {
  reopening.disabled = true;
  try {
    const { ticket } = await reopen(conversation);
    if (stays()) onReopened(ticket);
  } catch (error) {
    if (!stays()) return announce(failure(error).message);
    refusal.textContent = failure(error).message;
    refusal.hidden = false;
    announce(refusal.textContent);
  } finally {
    reopening.disabled = false;
  }
}
