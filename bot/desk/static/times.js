/** Formats moments and waiting times. Moments are milliseconds since 1970 by the server's clock. */

import { say } from "./facts.js";

const ZONE = undefined; // the browser's time zone
const clockFormat = new Intl.DateTimeFormat("es-CL", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE });
const dayFormat = new Intl.DateTimeFormat("es-CL", { weekday: "long", day: "numeric", month: "long", timeZone: ZONE });
const MINUTE_MS = 60_000;
const HOUR_MIN = 60;
const DAY_MIN = 24 * HOUR_MIN;

const LATE_MIN = 5;
const VERY_LATE_MIN = 15;

let serverAheadMs = 0;

/** Returns the server's time, since the browser's clock may be wrong. */
export function now() {
  return Date.now() + serverAheadMs;
}

/** @param {number} milliseconds */
export function setServerTime(milliseconds) {
  serverAheadMs = milliseconds - Date.now();
}

/**
 * Formats the time elapsed since a moment.
 * @param {number} since
 */
export function elapsed(since) {
  const minutes = Math.floor(Math.max(0, now() - since) / MINUTE_MS);
  if (minutes < 1) return say("espera_ahora");
  if (minutes < HOUR_MIN) return say("minutos", { n: minutes });
  if (minutes >= DAY_MIN) return say("dias", { n: Math.floor(minutes / DAY_MIN) });
  return say("horas", { n: Math.floor(minutes / HOUR_MIN), m: String(minutes % HOUR_MIN).padStart(2, "0") });
}

/**
 * Formats how long a citizen has waited.
 * @param {number} since
 */
export function waitingWords(since) {
  const words = elapsed(since);
  return words === say("espera_ahora") ? say("acaba_de_llegar") : say("esperando", { tiempo: words });
}

/**
 * Returns how long a wait since a moment is: fresh, late or very late.
 * @param {number} since
 * @returns {"fresh" | "late" | "very_late"}
 */
export function ageOf(since) {
  const minutes = (now() - since) / MINUTE_MS;
  if (minutes < LATE_MIN) return "fresh";
  return minutes < VERY_LATE_MIN ? "late" : "very_late";
}

/** @param {number} at */
export function clock(at) {
  return clockFormat.format(at);
}

/** Returns today's date as YYYY-MM-DD, by the server's clock and the browser's time zone. */
export function today() {
  const date = new Date(now());
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** @param {number} at */
export function day(at) {
  const words = dayFormat.format(at);
  if (words === dayFormat.format(now())) return say("hoy");
  if (words === dayFormat.format(now() - DAY_MIN * MINUTE_MS)) return say("ayer");
  return words[0].toUpperCase() + words.slice(1);
}
