/** Computes WhatsApp's 24-hour window: how long the agent can still answer without a template. */

/** @import { Ticket, TranscriptEvent } from "./shapes.js" */

import { say } from "./facts.js";
import { now } from "./times.js";

const MINUTE_MS = 60_000;
const WARN_MS = 60 * MINUTE_MS;
const HOUR_MIN = 60;

/** @typedef {"" | "open" | "soon" | "closed"} State */

/**
 * Returns the window of `ticket` after `event`: a citizen's message opens it again.
 * @param {Pick<Ticket, "window">} ticket
 * @param {Pick<TranscriptEvent, "author" | "at">} event
 */
export function windowAfter(ticket, event) {
  if (!ticket.window || event.author !== "citizen") return ticket.window;
  return { ...ticket.window, open_until: event.at + ticket.window.lasts };
}

/**
 * Returns whether the window is closed: the citizen can be answered only with the template, or not at all.
 * @param {Pick<Ticket, "window"> | null} ticket
 */
export function isClosed(ticket) {
  return stateOf(ticket) === "closed";
}

/**
 * Returns the state of the window; "" for a ticket without one.
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
 * Returns the milliseconds until the window closes; negative once it has closed.
 * @param {Pick<Ticket, "window">} ticket
 */
export function leftMs(ticket) {
  return (ticket.window?.open_until ?? 0) - now();
}

/**
 * Returns the length of the window in hours; `lasts` excludes the last minute, in which a message may arrive too late.
 * @param {Pick<Ticket, "window">} ticket
 */
export function hoursOf(ticket) {
  return Math.ceil((ticket.window?.lasts ?? 0) / (HOUR_MIN * MINUTE_MS));
}

/**
 * Formats the time until the window closes.
 * @param {Pick<Ticket, "window">} ticket
 */
export function timeLeft(ticket) {
  const minutes = Math.max(1, Math.floor(leftMs(ticket) / MINUTE_MS));
  if (minutes < HOUR_MIN) return say("minutos", { n: minutes });
  return say("ventana_horas", { n: Math.floor(minutes / HOUR_MIN), m: minutes % HOUR_MIN });
}
