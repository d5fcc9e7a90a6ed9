/** Shows WhatsApp's 24-hour window in the head of the open conversation, and as a badge in the list. */

/** @import { Ticket } from "./shapes.js" */

import { announce } from "./alerts.js";
import { byId, icon } from "./elements.js";
import { say } from "./facts.js";
import { hoursOf, leftMs, stateOf, timeLeft } from "./reply_window.js";

const BADGE_MS = 180 * 60_000;
const TICK_MS = 10_000;
const WORDS = { open: "ventana_quedan", soon: "ventana_pronto", closed: "ventana_cerrada" };
const line = byId("window");

/** @type {Ticket | null} */
let shown = null;
let announced = "";

/**
 * Shows the open conversation's window and keeps it up to date; hides it for a ticket without one.
 * @param {Ticket | null} ticket
 */
export function showWindow(ticket) {
  if (shown?.id !== ticket?.id) announced = "";
  shown = ticket;
  render();
}

/**
 * Fills the window badge of a row, which is shown from three hours before the window closes.
 * @param {HTMLElement} badge
 * @param {Ticket} ticket
 */
export function fillWindowBadge(badge, ticket) {
  const state = stateOf(ticket);
  badge.hidden = !state || (state === "open" && leftMs(ticket) > BADGE_MS);
  if (badge.hidden) return;
  badge.dataset.state = state;
  const facts = { tiempo: timeLeft(ticket), horas: hoursOf(ticket) };
  const words = say(state === "closed" ? "ventana_breve_cerrada" : "ventana_breve", facts);
  badge.replaceChildren(icon(state === "open" ? "clock" : "alert"), words);
}

function render() {
  const state = stateOf(shown);
  line.hidden = !state;
  if (!state || !shown?.window) return;
  line.dataset.state = state;
  const facts = { tiempo: timeLeft(shown), despues: shown.window.after, canal: shown.channel_words, horas: hoursOf(shown) };
  const words = say(WORDS[state], facts);
  if (line.textContent !== words) line.replaceChildren(icon(state === "open" ? "clock" : "alert"), words);
  if (announced && announced !== state && state !== "open") announce(words);
  announced = state;
}

setInterval(render, TICK_MS);
