/** Shows which other agents have a waiting conversation open, and reports which one this agent has open. */

/** @import { LiveEvents, Ticket } from "./shapes.js" */

import { tellLooking } from "./api.js";
import { byId, element, icon } from "./elements.js";
import { say } from "./facts.js";

const TELL_EVERY_MS = 10_000;
const LASTS_MS = 25_000;
const shown = byId("looking");

/** @type {Map<string, Map<string, number>>} Until when each name is shown, by ticket. */
const lookers = new Map();

/** @type {Ticket | null} */
let open = null;

let toldAt = 0;

/** @param {LiveEvents["looking"]} signal */
export function looks({ ticket, name }) {
  const names = lookers.get(ticket) ?? new Map();
  names.set(name, Date.now() + LASTS_MS);
  lookers.set(ticket, names);
  render();
}

/**
 * Sets the open ticket; null if there is none.
 * @param {Ticket | null} ticket
 */
export function setOpen(ticket) {
  if (ticket?.id !== open?.id) toldAt = 0;
  open = ticket;
  tell();
  render();
}

function tell() {
  if (!open || open.owner || document.hidden || Date.now() - toldAt < TELL_EVERY_MS) return;
  toldAt = Date.now();
  tellLooking(open.id).catch(() => null); // a courtesy: nothing depends on it
}

function render() {
  for (const [ticket, names] of lookers) forgetGone(ticket, names);
  document.querySelectorAll(".looker").forEach((mark) => lookers.has(rowOf(mark)?.dataset.ticket ?? "") || mark.remove());
  for (const [ticket, names] of lookers) markRow(ticket, words(names));
  const names = lookers.get(open?.owner ? "" : (open?.id ?? ""));
  shown.hidden = !names;
  if (names && shown.textContent !== words(names)) shown.replaceChildren(icon("eye"), words(names));
}

/**
 * @param {string} ticket
 * @param {Map<string, number>} names
 */
function forgetGone(ticket, names) {
  for (const [name, until] of names) if (until < Date.now()) names.delete(name);
  if (!names.size) lookers.delete(ticket);
}

/** @param {Map<string, number>} names */
function words(names) {
  return say(names.size > 1 ? "la_leen" : "la_lee", { nombre: [...names.keys()].join(", ") });
}

/**
 * @param {string} ticket
 * @param {string} text
 */
function markRow(ticket, text) {
  const place = document.querySelector(`[data-ticket="${ticket}"] .row-top`);
  if (!place) return;
  const mark = place.querySelector(".looker") ?? element("span", { className: "looker" });
  if (mark.getAttribute("title") !== text) {
    mark.replaceChildren(icon("eye"), element("span", { className: "visually-hidden", text }));
    mark.setAttribute("title", text);
  }
  if (!mark.isConnected) place.append(mark);
}

/** @param {Element} mark */
function rowOf(mark) {
  const row = mark.closest("[data-ticket]");
  return row instanceof HTMLElement ? row : null;
}

setInterval(() => {
  tell();
  render();
}, TELL_EVERY_MS / 2);
