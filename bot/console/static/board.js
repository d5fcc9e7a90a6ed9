// The list: three groups of rows that keep their place in the page (and the focus) while their contents change.

import { draft, keepSeen, seen } from "./kept.js";
import { later } from "./store.js";
import { fillWindowBadge } from "./window.js";
import { element, elapsed, say, waitingWords } from "./words.js";

const TICK_MS = 10_000;
const template = document.getElementById("row-template");

export class Board {
  #store;
  #rows = new Map();
  #current = null;

  constructor(store, onOpen) {
    this.#store = store;
    this.onOpen = onOpen;
    store.addEventListener("change", () => this.render());
    setInterval(() => this.#tick(), TICK_MS);
  }

  setCurrent(id) {
    this.#current = id;
    this.render();
  }

  render() {
    const focused = document.activeElement;
    const seen = new Set();
    for (const group of document.querySelectorAll("[data-section]")) {
      const tickets = this.#store.section(group.dataset.section);
      tickets.forEach((ticket) => seen.add(ticket.id));
      this.#fill(group, tickets);
    }
    for (const [id, item] of this.#rows) {
      if (seen.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
  }

  flash(id) {
    this.#rows.get(id)?.firstElementChild.classList.add("fresh");
  }

  /** Shows the row where its group put it, after it was taken. */
  reveal(id) {
    this.#rows.get(id)?.scrollIntoView({ block: "nearest" });
  }

  focusRow(id) {
    this.#rows.get(id)?.firstElementChild.focus();
  }

  /** Moves the focus by one row, across groups; from nowhere to the open conversation or the first row. */
  move(step) {
    const rows = [...document.querySelectorAll(".row")];
    if (!rows.length) return;
    const from = rows.indexOf(document.activeElement);
    const start = from >= 0 ? from + step : Math.max(0, rows.findIndex((row) => row.getAttribute("aria-current") === "true"));
    rows[Math.min(rows.length - 1, Math.max(0, start))].focus();
  }

  #fill(group, tickets) {
    const list = group.querySelector(".rows");
    const count = group.querySelector("[data-count]");
    count.textContent = tickets.length;
    count.classList.toggle("some", tickets.length > 0);
    const empty = group.querySelector(".empty");
    if (empty) empty.hidden = tickets.length > 0;
    group.hidden = !empty && tickets.length === 0;
    list.hidden = tickets.length === 0;
    tickets.forEach((ticket, place) => {
      const item = this.#row(ticket);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
  }

  #row(ticket) {
    let item = this.#rows.get(ticket.id);
    if (!item) {
      item = template.content.firstElementChild.cloneNode(true);
      item.firstElementChild.addEventListener("click", () => this.onOpen(ticket.id));
      this.#rows.set(ticket.id, item);
    }
    fillRow(item.firstElementChild, ticket, ticket.id === this.#current);
    return item;
  }

  #tick() {
    for (const [id, item] of this.#rows) {
      const ticket = this.#store.get(id);
      if (!ticket) continue;
      setTime(item.querySelector(".time"), ticket);
      fillWindowBadge(item.querySelector(".window"), ticket);
    }
  }
}

function fillRow(row, ticket, current) {
  row.dataset.ticket = ticket.id;
  row.dataset.priority = ticket.priority;
  row.setAttribute("aria-current", String(current));
  row.querySelector(".chip").textContent = ticket.reason_words;
  setTime(row.querySelector(".time"), ticket);
  fillWindowBadge(row.querySelector(".window"), ticket);
  row.querySelector(".words").replaceChildren(...lastWords(ticket));
  row.querySelector(".row-main use").setAttribute("href", `#i-${ticket.channel}`);
  row.querySelector(".row-main .icon").setAttribute("aria-label", ticket.channel_words);
  row.querySelector(".where").textContent = ticket.owner && !ticket.owner.me ? ticket.owner.name : ticket.team_words;
  if (current && ticket.last) keepSeen(ticket.conversation, ticket.last.id);
  const state = stateOf(ticket);
  row.classList.toggle("unread", state === "unread");
  setBadge(row.querySelector(".badge"), ticket, state);
}

function setTime(time, ticket) {
  const since = ticket.owner ? (ticket.last?.at ?? ticket.opened_at) : ticket.opened_at;
  time.textContent = elapsed(since);
  if (!ticket.owner) time.title = waitingWords(since);
  else time.removeAttribute("title");
}

/** What one of my conversations asks of me: read it, finish the draft, answer; or nothing. */
function stateOf(ticket) {
  if (!ticket.owner?.me) return "";
  if (ticket.unanswered && ticket.last && later(ticket.last.id, seen(ticket.conversation))) return "unread";
  if (draft(ticket.conversation)) return "draft";
  return ticket.unanswered ? "unanswered" : "";
}

function setBadge(badge, ticket, state) {
  badge.hidden = !state;
  badge.classList.toggle("soft", state === "draft" || state === "unanswered");
  if (state === "unread") {
    const number = element("span", { text: ticket.unanswered, "aria-hidden": "true" });
    badge.replaceChildren(number, element("span", { className: "visually-hidden", text: say("sin_leer", { n: ticket.unanswered }) }));
  } else if (state) {
    badge.replaceChildren(say(state === "draft" ? "borrador" : "por_responder"));
  }
}

function lastWords(ticket) {
  if (!ticket.owner) return [citizenWords(ticket)];
  if (ticket.last?.author === "staff") return [element("span", { className: "from", text: `${ticket.owner.me ? say("tu") : ticket.owner.name}: ` }), ticket.last.text];
  return [citizenWords(ticket)];
}

function citizenWords(ticket) {
  const words = ticket.last?.author === "citizen" ? ticket.last.text : ticket.summary;
  return words || say("sin_texto");
}
