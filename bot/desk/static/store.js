/** Holds the tickets the desk knows, kept current by list loads and live events. Fires "change" on itself. */

/** @import { Board, Ticket, TranscriptEvent } from "./shapes.js" */

import { isLater } from "./event_ids.js";
import { windowAfter } from "./reply_window.js";

/** @typedef {"mine" | "waiting" | "others"} Section */

/** @type {Section[]} */
const SECTIONS = ["mine", "waiting", "others"];

export class Store extends EventTarget {
  /** @type {Map<string, Ticket>} */
  #tickets = new Map();

  #changes = 0;

  /** @type {Map<string, number>} */
  #changedAt = new Map();

  #loaded = false;

  /** Taken before asking the server: what live events changed since then is newer than its answer. */
  mark() {
    return this.#changes;
  }

  /**
   * Replaces everything. Returns the waiting tickets that were not known before; none on the first load.
   * @param {Pick<Board, Section>} board
   * @param {number} mark
   */
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

  /**
   * A ticket as the server answered it to a question asked at `mark`.
   * @param {Ticket} ticket
   * @param {number} mark
   */
  update(ticket, mark) {
    if (this.#isNewer(ticket.id, mark)) return;
    this.#tickets.set(ticket.id, ticket);
    this.#changed();
  }

  /** @param {string} id */
  get(id) {
    return this.#tickets.get(id);
  }

  /**
   * A ticket as a live event or the answer to our own change tells it.
   * @param {Ticket} ticket
   */
  put(ticket) {
    this.#changedAt.set(ticket.id, ++this.#changes);
    this.#tickets.set(ticket.id, ticket);
    this.#changed();
  }

  /** @param {string} id */
  remove(id) {
    this.#changedAt.set(id, ++this.#changes);
    if (this.#tickets.delete(id)) this.#changed();
  }

  /**
   * A message was said: the ticket shows it as the last words, once.
   * @param {string} id
   * @param {TranscriptEvent} event
   */
  said(id, event) {
    const ticket = this.#tickets.get(id);
    if (!ticket || event.kind !== "message" || event.author === "system" || !isLater(event.id, ticket.last?.id)) return;
    const last = { id: event.id, author: event.author, text: event.text, at: event.at };
    this.put({ ...ticket, unanswered: unansweredAfter(ticket, event), window: windowAfter(ticket, event), last });
  }

  /** @param {Section} name */
  section(name) {
    const tickets = [...this.#tickets.values()].filter((ticket) => sectionOf(ticket) === name);
    return tickets.sort(name === "mine" ? newestFirst : queueOrder);
  }

  /**
   * @param {string} id
   * @param {number} mark
   */
  #isNewer(id, mark) {
    return (this.#changedAt.get(id) ?? 0) > mark;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {Ticket} ticket
 * @returns {Section}
 */
export function sectionOf(ticket) {
  if (!ticket.owner) return "waiting";
  return ticket.owner.me ? "mine" : "others";
}

/**
 * @param {Ticket} ticket
 * @param {TranscriptEvent} event
 */
function unansweredAfter(ticket, event) {
  if (event.author === "citizen") return ticket.unanswered + 1;
  return event.author === "staff" ? 0 : ticket.unanswered;
}

/**
 * @param {Ticket} one
 * @param {Ticket} other
 */
function queueOrder(one, other) {
  return one.rank - other.rank || one.opened_at - other.opened_at || Number(one.id) - Number(other.id);
}

/**
 * @param {Ticket} one
 * @param {Ticket} other
 */
function newestFirst(one, other) {
  return (other.last?.at ?? other.opened_at) - (one.last?.at ?? one.opened_at);
}
