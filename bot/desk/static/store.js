/**
 * Stores the tickets of the desk, updated by loading the list and by live events; dispatches "change" events.
 *
 * Of a long queue, it stores the first tickets and only the ids of the others; it dispatches "thin" when few of the
 * first tickets are left, so that the list must be reloaded.
 */

/** @import { Board, Ticket, TranscriptEvent } from "./shapes.js" */

import { isLater } from "./event_ids.js";
import { windowAfter } from "./reply_window.js";

/** @typedef {"mine" | "waiting" | "others"} Section */

/** @type {Section[]} */
const SECTIONS = ["mine", "waiting", "others"];
const FEW = 15;

export class Store extends EventTarget {
  /** @type {Map<string, Ticket>} */
  #tickets = new Map();

  #changes = 0;

  /** @type {Map<string, number>} */
  #changedAt = new Map();

  #loaded = false;

  /** @type {Set<string>} Ids of the waiting tickets that are not loaded. */
  #behind = new Set();

  #total = 0;

  /** Returns the number of waiting tickets that fit the filters of the list but are not loaded. */
  get behind() {
    return this.#behind.size;
  }

  /** @param {string} id */
  isBehind(id) {
    return this.#behind.has(id);
  }

  /** Returns the number of waiting tickets, whatever the filters. */
  get total() {
    return this.#total;
  }

  /** Returns a mark, to be taken before a request: live changes after it are newer than the response. */
  mark() {
    return this.#changes;
  }

  /**
   * Replaces all tickets, except those that changed after `mark`. After the first load, returns the new waiting tickets,
   * and each other ticket that was known, or is this agent's, with what it was before.
   * @param {Pick<Board, Section | "behind" | "total">} board
   * @param {number} mark
   */
  load(board, mark) {
    const [known, again] = [this.#tickets, this.#loaded];
    const loaded = SECTIONS.flatMap((name) => board[name]).filter((ticket) => !this.#isNewer(ticket.id, mark));
    const answer = loaded.map((ticket) => same(known.get(ticket.id), ticket)); // so that only changed rows are rendered
    const kept = [...known.values()].filter((ticket) => this.#isNewer(ticket.id, mark));
    this.#tickets = new Map([...answer, ...kept].map((ticket) => [ticket.id, ticket]));
    const fresh = board.waiting.filter(({ id }) => again && this.#tickets.has(id) && !known.has(id) && !this.#behind.has(id));
    this.#behind = new Set(board.behind.filter((id) => !this.#isNewer(id, mark) && !this.#tickets.has(id)));
    this.#total = board.total;
    this.#loaded = true;
    this.#changed();
    const newer = answer.filter((ticket) => known.has(ticket.id) || (again && ticket.owner?.me));
    const replaced = newer.map((ticket) => ({ ticket, before: known.get(ticket.id) }));
    return { fresh, replaced };
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
    const waited = this.#waits(ticket.id);
    const isBehind = this.#isBehind(ticket);
    this.#behind.delete(ticket.id);
    if (isBehind) this.#behind.add(ticket.id);
    else this.#tickets.set(ticket.id, ticket);
    this.#total += Number(this.#waits(ticket.id)) - Number(waited);
    this.#changed();
  }

  /**
   * Stores a ticket from the response to our own change, requested at `mark`; a live event since then is newer.
   * @param {Ticket} ticket
   * @param {number} mark
   */
  putUnlessNewer(ticket, mark) {
    if (!this.#isNewer(ticket.id, mark)) this.put(ticket);
  }

  /** @param {string} id */
  remove(id) {
    this.#changedAt.set(id, ++this.#changes);
    this.#total -= Number(this.#waits(id));
    const wasBehind = this.#behind.delete(id);
    if (this.#tickets.delete(id) || wasBehind) this.#changed();
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
    const matter = event.matter ? event.text : ticket.matter;
    this.put({ ...ticket, ...unansweredAfter(ticket, event), window: windowAfter(ticket, event), last, matter });
  }

  /** @param {Section} name */
  section(name) {
    const tickets = [...this.#tickets.values()].filter((ticket) => sectionOf(ticket) === name);
    return tickets.sort(name === "mine" ? whoWaitsFirst : queueOrder);
  }

  /**
   * @param {string} id
   * @param {number} mark
   */
  #isNewer(id, mark) {
    return (this.#changedAt.get(id) ?? 0) > mark;
  }

  /** @param {string} id */
  #waits(id) {
    const ticket = this.#tickets.get(id);
    return ticket ? sectionOf(ticket) === "waiting" : this.#behind.has(id);
  }

  /**
   * Returns whether a new ticket of the queue comes after the last loaded ticket, while others are not loaded.
   * @param {Ticket} ticket
   */
  #isBehind(ticket) {
    if (!this.#behind.size || this.#tickets.has(ticket.id) || sectionOf(ticket) !== "waiting") return false;
    const last = this.section("waiting").at(-1);
    return last !== undefined && queueOrder(ticket, last) > 0;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
    if (this.#behind.size && this.section("waiting").length < FEW) this.dispatchEvent(new Event("thin"));
  }
}

/**
 * Returns the known ticket if the loaded one is equal, else the loaded one.
 * @param {Ticket | undefined} known
 * @param {Ticket} loaded
 */
function same(known, loaded) {
  return known && JSON.stringify(known) === JSON.stringify(loaded) ? known : loaded;
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
 * Returns whether the citizen of one of the agent's own tickets waits for the agent's answer.
 * @param {Ticket} ticket
 */
export function waitsForMe(ticket) {
  return Boolean(ticket.owner?.me) && ticket.state !== "snoozed" && ticket.unanswered > 0;
}

/**
 * @param {Ticket} ticket
 * @param {TranscriptEvent} event
 */
function unansweredAfter({ unanswered, unanswered_since: since }, event) {
  if (event.author === "citizen") return { unanswered: unanswered + 1, unanswered_since: since || event.at };
  return event.author === "staff" ? { unanswered: 0, unanswered_since: 0 } : {};
}

/**
 * @param {Ticket} one
 * @param {Ticket} other
 */
function queueOrder(one, other) {
  return one.rank - other.rank || one.opened_at - other.opened_at || Number(one.id) - Number(other.id);
}

/**
 * Sorts the agent's own tickets: first the citizens who wait for an answer, longest first, then the others, newest first;
 * emergencies before the rest of each, and snoozed tickets last.
 * @param {Ticket} one
 * @param {Ticket} other
 */
function whoWaitsFirst(one, other) {
  const group = groupOf(one) - groupOf(other);
  if (group || !waitsForMe(one)) return group || (other.last?.at ?? other.opened_at) - (one.last?.at ?? one.opened_at);
  return one.unanswered_since - other.unanswered_since;
}

/** @param {Ticket} ticket */
function groupOf(ticket) {
  if (ticket.state === "snoozed") return 4;
  return (waitsForMe(ticket) ? 0 : 2) + Number(ticket.priority !== "emergency");
}
