/** Fills a row of the list: reason, waiting time, last message, and what the agent has to do. */

/** @import { Ticket } from "./shapes.js" */

import { fillDanger } from "./danger.js";
import { element, within } from "./elements.js";
import { isLater } from "./event_ids.js";
import { say } from "./facts.js";
import { draft, keepSeen, seen } from "./tab_storage.js";
import { elapsed, waitingWords } from "./times.js";
import { fillWindowBadge } from "./window_bar.js";

/** @typedef {"" | "snoozed" | "unread" | "draft" | "unanswered"} State */

const BADGES = { draft: "borrador", snoozed: "en_pausa", unanswered: "por_responder" };

/** @type {WeakMap<HTMLElement, { ticket: Ticket, current: boolean, state: State }>} */
const filled = new WeakMap();

/**
 * Renders the ticket in its row, unless nothing changed.
 * @param {HTMLElement} row
 * @param {Ticket} ticket
 * @param {boolean} current
 */
export function fillRow(row, ticket, current) {
  if (current && ticket.last) keepSeen(ticket.conversation, ticket.last.id);
  const state = stateOf(ticket);
  const before = filled.get(row);
  if (before?.ticket === ticket && before.current === current && before.state === state) return;
  filled.set(row, { ticket, current, state });
  row.dataset.ticket = ticket.id;
  row.dataset.priority = ticket.priority;
  row.setAttribute("aria-current", String(current));
  fillDanger(within(row, ".danger"), ticket);
  within(row, ".chip").textContent = ticket.reason_words;
  within(row, ".chip").hidden = ticket.reason === "emergency" && ticket.danger !== null && ticket.danger.sure;
  setTime(within(row, ".time"), ticket);
  fillWindowBadge(within(row, ".window"), ticket);
  within(row, ".words").replaceChildren(...lastWords(ticket));
  within(row, ".row-main use", SVGElement).setAttribute("href", `#i-${ticket.channel}`);
  within(row, ".row-main .icon", SVGElement).setAttribute("aria-label", ticket.channel_words);
  within(row, ".where").textContent = whereWords(ticket);
  row.classList.toggle("unread", state === "unread");
  setBadge(within(row, ".badge"), ticket, state);
}

/**
 * Shows how long the ticket has waited; once claimed, the time since its last message.
 * @param {HTMLElement} time
 * @param {Ticket} ticket
 */
export function setTime(time, ticket) {
  const since = ticket.owner ? (ticket.last?.at ?? ticket.opened_at) : ticket.opened_at;
  time.textContent = elapsed(since);
  if (!ticket.owner) time.title = waitingWords(since);
  else time.removeAttribute("title");
}

/** @param {Ticket} ticket */
function whereWords(ticket) {
  const where = ticket.returned && !ticket.owner ? say("de_vuelta", { equipo: ticket.team_words }) : ticket.team_words;
  const place = ticket.owner && !ticket.owner.me ? ticket.owner.name : where;
  const parts = ticket.owner || ticket.returned ? [place, ticket.topic] : [ticket.topic, place];
  return [ticket.language, ...parts].filter(Boolean).join(" · ");
}

/**
 * Returns the badge of one of the agent's own tickets: snoozed, unread, draft, unanswered, or "" for none.
 * @param {Ticket} ticket
 * @returns {State}
 */
function stateOf(ticket) {
  if (!ticket.owner?.me) return "";
  if (ticket.state === "snoozed") return "snoozed";
  if (ticket.unanswered && ticket.last && isLater(ticket.last.id, seen(ticket.conversation))) return "unread";
  if (draft(ticket.conversation)) return "draft";
  return ticket.unanswered ? "unanswered" : "";
}

/**
 * @param {HTMLElement} badge
 * @param {Ticket} ticket
 * @param {State} state
 */
function setBadge(badge, ticket, state) {
  badge.hidden = !state;
  badge.classList.toggle("soft", state === "draft" || state === "unanswered");
  badge.classList.toggle("quiet", state === "snoozed");
  if (state === "unread") {
    const number = element("span", { text: ticket.unanswered, "aria-hidden": "true" });
    badge.replaceChildren(number, element("span", { className: "visually-hidden", text: say("sin_leer", { n: ticket.unanswered }) }));
  } else if (state) {
    badge.replaceChildren(say(BADGES[state]));
  }
}

/** @param {Ticket} ticket */
function lastWords(ticket) {
  const { owner, last } = ticket;
  if (!owner || last?.author !== "staff") return [citizenWords(ticket)];
  return [element("span", { className: "from", text: `${owner.me ? say("tu") : owner.name}: ` }), withoutMarks(last.text)];
}

/**
 * Removes links and bold from an FAQ entry that was sent unchanged, which is Markdown.
 * @param {string} text
 */
function withoutMarks(text) {
  return text.replace(/\[([^\]]+)\]\([^)\s]+\)/g, "$1").replaceAll("**", "");
}

/** @param {Ticket} ticket */
function citizenWords(ticket) {
  const words = ticket.last?.author === "citizen" ? ticket.last.text : ticket.summary;
  return words || say("sin_texto");
}
