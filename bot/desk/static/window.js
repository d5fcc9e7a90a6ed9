// WhatsApp's 24-hour window: how long this person may still be answered freely, and what can go out after it.

import { announce } from "./alerts.js";
import { icon, now, say } from "./words.js";

const MINUTE_MS = 60_000;
const WARN_MS = 60 * MINUTE_MS;
const BADGE_MS = 180 * MINUTE_MS;
const TICK_MS = 10_000;
const line = document.getElementById("window");
let shown = null;
let told = "";

/** Shows the open conversation's window in its head and keeps it true; none for a ticket without one. */
export function showWindow(ticket) {
  if (shown?.id !== ticket?.id) told = "";
  shown = ticket;
  render();
}

/** The small badge of a row: from three hours before the end on, and after it. */
export function fillWindowBadge(badge, ticket) {
  const state = stateOf(ticket);
  badge.hidden = !state || (state === "open" && leftMs(ticket) > BADGE_MS);
  if (badge.hidden) return;
  badge.dataset.state = state;
  const words = state === "closed" ? say("ventana_breve_cerrada") : say("ventana_breve", { tiempo: timeLeft(ticket) });
  badge.replaceChildren(icon(state === "open" ? "clock" : "alert"), words);
}

/** The window of `ticket` once its citizen wrote `event`. */
export function windowAfter(ticket, event) {
  if (!ticket.window || event.author !== "citizen") return ticket.window;
  return { ...ticket.window, open_until: event.at + ticket.window.lasts };
}

function render() {
  const state = stateOf(shown);
  line.hidden = !state;
  if (!state) return;
  line.dataset.state = state;
  const words = say({ open: "ventana_quedan", soon: "ventana_pronto", closed: "ventana_cerrada" }[state], { tiempo: timeLeft(shown), despues: shown.window.after });
  if (line.textContent !== words) line.replaceChildren(icon(state === "open" ? "clock" : "alert"), words);
  if (told && told !== state && state !== "open") announce(words);
  told = state;
}

/** Whether the citizen can be answered only through the template, or not at all. */
export function isClosed(ticket) {
  return stateOf(ticket) === "closed";
}

function stateOf(ticket) {
  if (!ticket?.window) return "";
  if (leftMs(ticket) <= 0) return "closed";
  return leftMs(ticket) < WARN_MS ? "soon" : "open";
}

function leftMs(ticket) {
  return ticket.window.open_until - now();
}

function timeLeft(ticket) {
  const minutes = Math.max(1, Math.floor(leftMs(ticket) / MINUTE_MS));
  if (minutes < 60) return say("minutos", { n: minutes });
  return say("ventana_horas", { n: Math.floor(minutes / 60), m: minutes % 60 });
}

setInterval(render, TICK_MS);
