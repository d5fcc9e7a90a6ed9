// The tickets the desk knows, kept current by list loads and live events. Fires "change" on itself.

import { windowAfter } from "./window.js";

const SECTIONS = ["mine", "waiting", "others"];

export class Store extends EventTarget {
  #tickets = new Map();
  #changes = 0;
  #changedAt = new Map();
  #loaded = false;

  /** Taken before asking the server: what live events changed since then is newer than its answer. */
  mark() {
    return this.#changes;
  }

  /** Replaces everything; returns the waiting tickets that were not known before (none on the first load). */
  load(board, mark) {
    const known = this.#tickets;
    const answer = SECTIONS.flatMap((name) => board[name]).filter((ticket) => !this.#isNewer(ticket.id, mark));
    const kept = [...known.values()].filter((ticket) => this.#isNewer(ticket.id, mark));
    this.#tickets = new Map([...answer, ...kept].map((ticket) => [ticket.id, ticket]));
    const fresh = board.waiting.filter((ticket) => this.#loaded && this.#tickets.has(ticket.id) && !known.has(ticket.id));
    this.#loaded = true;
    this.#changed();
    return fresh;
  }

  /** A ticket as the server answered it to a question asked at `mark`. */
  update(ticket, mark) {
    if (this.#isNewer(ticket.id, mark)) return;
    this.#tickets.set(ticket.id, ticket);
    this.#changed();
  }

  get(id) {
    return this.#tickets.get(id);
  }

  /** A ticket as a live event or the answer to our own change tells it. */
  put(ticket) {
    this.#changedAt.set(ticket.id, ++this.#changes);
    this.#tickets.set(ticket.id, ticket);
    this.#changed();
  }

  remove(id) {
    this.#changedAt.set(id, ++this.#changes);
    if (this.#tickets.delete(id)) this.#changed();
  }

  /** A message was said: the ticket shows it as the last words, once. */
  said(id, event) {
    const ticket = this.#tickets.get(id);
    if (!ticket || event.kind !== "message" || event.author === "system" || !later(event.id, ticket.last?.id)) return;
    const unanswered = event.author === "citizen" ? ticket.unanswered + 1 : event.author === "staff" ? 0 : ticket.unanswered;
    this.put({ ...ticket, unanswered, window: windowAfter(ticket, event), last: { id: event.id, author: event.author, text: event.text, at: event.at } });
  }

  section(name) {
    const tickets = [...this.#tickets.values()].filter((ticket) => sectionOf(ticket) === name);
    return tickets.sort(name === "mine" ? newestFirst : lineOrder);
  }

  #isNewer(id, mark) {
    return (this.#changedAt.get(id) ?? 0) > mark;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export function sectionOf(ticket) {
  if (!ticket.owner) return "waiting";
  return ticket.owner.me ? "mine" : "others";
}

/** Whether feed id `one` comes after `other`; ids are "<ms>-<n>". */
export function later(one, other) {
  if (!other) return true;
  const [ms, n] = one.split("-").map(Number);
  const [otherMs, otherN] = other.split("-").map(Number);
  return ms > otherMs || (ms === otherMs && n > otherN);
}

function lineOrder(one, other) {
  return one.rank - other.rank || one.opened_at - other.opened_at || Number(one.id) - Number(other.id);
}

function newestFirst(one, other) {
  return (other.last?.at ?? other.opened_at) - (one.last?.at ?? one.opened_at);
}
