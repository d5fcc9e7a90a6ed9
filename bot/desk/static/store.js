/** Stores the tickets of the desk, updated by loading the list and by live events; dispatches "change" events. */

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

  /** Returns a mark, to be taken before a request: live changes after it are newer than the response. */
  mark() {
    return this.#changes;
  }

  /**
   * Replaces all tickets, except those that changed after `mark`. Returns the new waiting tickets; none on the first load.
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
   * Stores a ticket from the response to a request made at `mark`, unless it changed after that.
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
   * Stores a ticket from a live event or from the response to our own change.
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
   * Sets a new message as the ticket's last one, unless a later one is already known.
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
