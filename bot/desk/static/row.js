/** Fills a row of the list: what the citizen wants, reason, nickname, waiting time, and what the agent has to do. */

/** @import { Ticket } from "./shapes.js" */

import { fillDanger } from "./danger.js";
import { element, icon, within } from "./elements.js";
import { isLater } from "./event_ids.js";
import { facts, say } from "./facts.js";
import { waitsForMe } from "./store.js";
import { draft, keepSeen, seen } from "./tab_storage.js";
import { ageOf, elapsed, waitingWords } from "./times.js";
import { fillWindowBadge } from "./window_bar.js";

/** @typedef {"" | "snoozed" | "unread" | "draft" | "unanswered"} State */

const AGE_ICONS = { fresh: "clock", late: "clock", very_late: "hourglass" };
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
  within(row, ".words").textContent = ticket.matter || say("sin_texto");
  within(row, ".row-top > .icon use", SVGElement).setAttribute("href", `#i-${ticket.channel}`);
  within(row, ".row-top > .icon", SVGElement).setAttribute("aria-label", ticket.channel_words);
  within(row, ".nickname").textContent = ticket.nickname;
  within(row, ".number").textContent = ` #${ticket.id}`;
  within(row, ".where").textContent = whereWords(ticket);
  row.classList.toggle("unread", state === "unread");
  setBadge(within(row, ".badge"), ticket, state);
}

/**
 * Returns whether the ticket can be shown in its row without another height.
 * @param {HTMLElement} row
 * @param {Ticket} ticket
 */
export function fitsInPlace(row, ticket) {
  return within(row, ".danger").hidden === !ticket.danger;
}

/**
 * Marks the row of a ticket that has left the list and is still drawn since nothing may move. What its citizen wrote is
 * no longer shown: another team may have the ticket now.
 * @param {HTMLElement} row
 */
export function markGone(row) {
  filled.delete(row);
  within(row, ".words").textContent = say("ya_no_esta");
  within(row, ".badge").hidden = true;
}

/**
 * Shows how long the citizen has waited, by color, icon and words; while nobody waits, the time since the last message.
 * @param {HTMLElement} time
 * @param {Ticket} ticket
 */
export function setTime(time, ticket) {
  const waits = !ticket.owner || waitsForMe(ticket);
  const since = waitsSince(ticket, waits);
  const age = waits ? ageOf(since) : "";
  const words = elapsed(since);
  time.title = waits ? waitingWords(since) : "";
  if (time.dataset.age === age && time.dataset.words === words) return;
  Object.assign(time.dataset, { age, words });
  time.replaceChildren(...(age ? ageSigns(age) : []), words);
}

/**
 * Returns an icon for the age of a wait and, for the longest, words for screen readers.
 * @param {keyof typeof AGE_ICONS} age
 */
function ageSigns(age) {
  const sign = icon(AGE_ICONS[age]);
  return age === "very_late" ? [sign, element("span", { className: "visually-hidden", text: `${say("espera_larga")}: ` })] : [sign];
}

/**
 * @param {Ticket} ticket
 * @param {boolean} waits
 */
function waitsSince(ticket, waits) {
  if (!ticket.owner) return ticket.opened_at;
  return (waits && ticket.unanswered_since) || (ticket.last?.at ?? ticket.opened_at);
}

/** @param {Ticket} ticket */
function whereWords(ticket) {
  const team = ticket.team === facts.default_team ? "" : ticket.team_words;
  const back = ticket.returned && !ticket.owner ? say("de_vuelta") : "";
  const owner = ticket.owner && !ticket.owner.me ? ticket.owner.name : "";
  return [owner, ticket.language, back, team].filter(Boolean).join(" · ");
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
