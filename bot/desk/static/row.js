// One row of the list: why somebody is here, about what, since when, their last words, and what is asked of this person.

import { draft, keepSeen, seen } from "./kept.js";
import { later } from "./store.js";
import { fillWindowBadge } from "./window.js";
import { element, elapsed, say, waitingWords } from "./words.js";

const filled = new WeakMap();

/** Shows the ticket in its row, unless nothing of it changed. */
export function fillRow(row, ticket, current) {
  if (current && ticket.last) keepSeen(ticket.conversation, ticket.last.id);
  const state = stateOf(ticket);
  const before = filled.get(row);
  if (before?.ticket === ticket && before.current === current && before.state === state) return;
  filled.set(row, { ticket, current, state });
  row.dataset.ticket = ticket.id;
  row.dataset.priority = ticket.priority;
  row.setAttribute("aria-current", String(current));
  row.querySelector(".chip").textContent = ticket.reason_words;
  setTime(row.querySelector(".time"), ticket);
  fillWindowBadge(row.querySelector(".window"), ticket);
  row.querySelector(".words").replaceChildren(...lastWords(ticket));
  row.querySelector(".row-main use").setAttribute("href", `#i-${ticket.channel}`);
  row.querySelector(".row-main .icon").setAttribute("aria-label", ticket.channel_words);
  row.querySelector(".where").textContent = whereWords(ticket);
  row.classList.toggle("unread", state === "unread");
  setBadge(row.querySelector(".badge"), ticket, state);
}

/** For how long they wait, or since when nobody said anything. */
export function setTime(time, ticket) {
  const since = ticket.owner ? (ticket.last?.at ?? ticket.opened_at) : ticket.opened_at;
  time.textContent = elapsed(since);
  if (!ticket.owner) time.title = waitingWords(since);
  else time.removeAttribute("title");
}

function whereWords(ticket) {
  const where = ticket.returned && !ticket.owner ? say("de_vuelta", { equipo: ticket.team_words }) : ticket.team_words;
  const place = ticket.owner && !ticket.owner.me ? ticket.owner.name : where;
  const parts = ticket.owner || ticket.returned ? [place, ticket.topic] : [ticket.topic, place];
  return [ticket.language, ...parts].filter(Boolean).join(" · ");
}

/** What one of my conversations asks of me: read it, finish the draft, answer; or nothing. */
function stateOf(ticket) {
  if (!ticket.owner?.me) return "";
  if (ticket.state === "snoozed") return "snoozed";
  if (ticket.unanswered && ticket.last && later(ticket.last.id, seen(ticket.conversation))) return "unread";
  if (draft(ticket.conversation)) return "draft";
  return ticket.unanswered ? "unanswered" : "";
}

function setBadge(badge, ticket, state) {
  badge.hidden = !state;
  badge.classList.toggle("soft", state === "draft" || state === "unanswered");
  badge.classList.toggle("quiet", state === "snoozed");
  if (state === "unread") {
    const number = element("span", { text: ticket.unanswered, "aria-hidden": "true" });
    badge.replaceChildren(number, element("span", { className: "visually-hidden", text: say("sin_leer", { n: ticket.unanswered }) }));
  } else if (state) {
    badge.replaceChildren(say({ draft: "borrador", snoozed: "en_pausa", unanswered: "por_responder" }[state]));
  }
}

function lastWords(ticket) {
  if (!ticket.owner) return [citizenWords(ticket)];
  if (ticket.last?.author === "staff") return [element("span", { className: "from", text: `${ticket.owner.me ? say("tu") : ticket.owner.name}: ` }), withoutMarks(ticket.last.text)];
  return [citizenWords(ticket)];
}

/** An entry that was sent as it is has Markdown in it. */
function withoutMarks(text) {
  return text.replace(/\[([^\]]+)\]\([^)\s]+\)/g, "$1").replaceAll("**", "");
}

function citizenWords(ticket) {
  const words = ticket.last?.author === "citizen" ? ticket.last.text : ticket.summary;
  return words || say("sin_texto");
}
