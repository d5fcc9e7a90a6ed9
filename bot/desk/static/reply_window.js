/** Reckons WhatsApp's 24-hour window: how long a citizen may still be answered freely. */

/** @import { Ticket, TranscriptEvent } from "./shapes.js" */

import { say } from "./facts.js";
import { now } from "./times.js";

const MINUTE_MS = 60_000;
const WARN_MS = 60 * MINUTE_MS;
const HOUR_MIN = 60;

/** @typedef {"" | "open" | "soon" | "closed"} State */

/**
 * The window of `ticket` once its citizen wrote `event`.
 * @param {Pick<Ticket, "window">} ticket
 * @param {Pick<TranscriptEvent, "author" | "at">} event
 */
export function windowAfter(ticket, event) {
  if (!ticket.window || event.author !== "citizen") return ticket.window;
  return { ...ticket.window, open_until: event.at + ticket.window.lasts };
}

/**
 * Whether the citizen can be answered only through the template, or not at all.
 * @param {Pick<Ticket, "window"> | null} ticket
 */
export function isClosed(ticket) {
  return stateOf(ticket) === "closed";
}

/**
 * How the window is: "" for a ticket without one.
 * @param {Pick<Ticket, "window"> | null | undefined} ticket
 * @returns {State}
 */
export function stateOf(ticket) {
  if (!ticket?.window) return "";
  const left = leftMs(ticket);
  if (left <= 0) return "closed";
  return left < WARN_MS ? "soon" : "open";
}

/**
 * Milliseconds until its end, below 0 after it.
 * @param {Pick<Ticket, "window">} ticket
 */
export function leftMs(ticket) {
  return (ticket.window?.open_until ?? 0) - now();
}

/**
 * Hours that it lasts; what is sent in its last minute may come too late, so that is not in `lasts`.
 * @param {Pick<Ticket, "window">} ticket
 */
export function hoursOf(ticket) {
  return Math.ceil((ticket.window?.lasts ?? 0) / (HOUR_MIN * MINUTE_MS));
}

/**
 * The time until its end in words.
 * @param {Pick<Ticket, "window">} ticket
 */
export function timeLeft(ticket) {
  const minutes = Math.max(1, Math.floor(leftMs(ticket) / MINUTE_MS));
  if (minutes < HOUR_MIN) return say("minutos", { n: minutes });
  return say("ventana_horas", { n: Math.floor(minutes / HOUR_MIN), m: minutes % HOUR_MIN });
}
