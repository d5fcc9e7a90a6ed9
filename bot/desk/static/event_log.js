/** Shows the open conversation's transcript: loaded once, then updated by live events and reloaded after a gap. */

/** @import { Ticket, TranscriptEvent } from "./shapes.js" */
/** @import { Outbox, Reply } from "./outbox.js" */

import { loadTranscript } from "./api.js";
import { button, byId, element, within } from "./elements.js";
import { isLater } from "./event_ids.js";
import { say } from "./facts.js";
import { Exchange } from "./exchange.js";
import { showHit } from "./hits.js";
import { linesOf, pendingLine } from "./transcript.js";

const NEAR_END_PX = 120;
const scroll = byId("scroll");
const lines = byId("lines");
const newer = byId("newer");

export class EventLog {
  #outbox;

  /** @type {string | null} The open ticket's id. */
  #id = null;

  /** @type {string | null} */
  #conversation = null;

  /** @type {TranscriptEvent | null} */
  #last = null;

  /** @type {string | null} */
  #heard = null;

  #readByCitizen = "";

  #exchange = new Exchange();

  /** @type {Map<string, TranscriptEvent>} */
  #ours = new Map();

  #atEnd = true;

  /** @type {Promise<unknown>} */
  #reads = Promise.resolve();

  /** @type {TranscriptEvent[] | null} Live events that arrive while the transcript is loading; null if it is not. */
  #early = null;

  /** @type {Set<string>} */
  #arrived = new Set();

  /** @param {Outbox} outbox */
  constructor(outbox) {
    this.#outbox = outbox;
    newer.addEventListener("click", () => this.toEnd());
    scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(scroll); // keeps the newest message visible when the reply area grows
  }

  get id() {
    return this.#id;
  }

  /** Returns the id of the citizen's newest event, or null. */
  get heard() {
    return this.#heard;
  }

  /** Returns the id of the newest event that the citizen has read, or "" if unknown. */
  get read() {
    return this.#readByCitizen;
  }

  /** Returns the citizen's last question that staff answered, and the answer. */
  get exchange() {
    return { question: this.#exchange.question, answer: this.#exchange.answer };
  }

  /**
   * Returns a message by staff, by its event id.
   * @param {string} eventId
   */
  ours(eventId) {
    return this.#ours.get(eventId);
  }

  /**
   * Loads and shows a ticket's transcript. Returns the ticket, or undefined if another one was opened meanwhile.
   * @param {string} id
   */
  async open(id) {
    this.shut();
    this.#id = id;
    lines.replaceChildren(element("p", { className: "loading", text: say("cargando") }));
    const ticket = await this.#read(id);
    if (!ticket) return undefined;
    this.#outbox.of(ticket.conversation).forEach((reply) => this.showPending(reply));
    this.#toHit();
    lines.setAttribute("aria-live", "polite");
    return ticket;
  }

  /**
   * Shows the events of a recorded conversation; live events are not added to it.
   * @param {TranscriptEvent[]} events
   */
  showPast(events) {
    this.shut();
    events.forEach((event, index) => lines.append(...linesOf(event, events[index - 1] ?? null)));
    this.#toHit();
  }

  shut() {
    this.#id = this.#conversation = this.#last = this.#heard = null;
    this.#readByCitizen = "";
    this.#exchange = new Exchange();
    this.#ours.clear();
    newer.hidden = true;
    lines.setAttribute("aria-live", "off");
    lines.replaceChildren();
  }

  /** Loads the events since the last one, and returns the ticket as it is now. */
  async catchUp() {
    return this.#id === null ? undefined : this.#read(this.#id);
  }

  /**
   * @param {string} ticketId
   * @param {TranscriptEvent} event
   */
  said(ticketId, event) {
    if (ticketId !== this.#id) return;
    if (this.#early) this.#early.push(event);
    else this.#append(event);
  }

  /** Returns whether a reply of this page to the open conversation was not sent. */
  get hasUnsent() {
    return this.#conversation !== null && this.#outbox.of(this.#conversation).length > 0;
  }

  /** Removes all that was said; the agent's own replies that were not sent stay, with what may be done with them. */
  empty() {
    lines.replaceChildren(...lines.querySelectorAll(".pending"));
  }

  /** @param {string} words Text to show instead of the transcript. */
  fail(words) {
    lines.replaceChildren(element("p", { className: "loading", text: words }));
  }

  /**
   * Shows or updates a reply that is still being sent.
   * @param {Reply} reply
   */
  showPending(reply) {
    if (reply.conversation !== this.#conversation || this.#arrived.has(reply.reply_id)) return;
    const line = this.#pending(reply.reply_id) ?? pendingLine(reply);
    if (!line.isConnected) lines.append(line);
    const failed = reply.state === "failed";
    line.classList.toggle("failed", failed);
    const words = { sending: say("enviando"), waiting: `${say("reintentando")} `, failed: `${say("no_enviada")} ${reply.error} ` };
    const status = within(line, ".status");
    status.textContent = words[reply.state];
    if (failed) status.append(link("reintentar", () => this.#outbox.retry(reply.reply_id)), " ");
    if (reply.state !== "sending") status.append(link("descartar", () => this.#discard(reply.reply_id)));
  }

  toEnd() {
    scroll.scrollTop = scroll.scrollHeight;
    newer.hidden = true;
    this.#atEnd = true;
  }

  /** Shows the message that a search found; without one, the newest. */
  #toHit() {
    this.toEnd();
    if (showHit(lines)) this.#atEnd = nearEnd();
  }

  #scrolled() {
    this.#atEnd = nearEnd();
    if (this.#atEnd) newer.hidden = true;
  }

  /**
   * Loads new events, one request at a time. Live events that arrive meanwhile are appended afterwards, so none is missed.
   * @param {string} id
   */
  #read(id) {
    const reading = this.#reads.then(() => this.#readNow(id));
    this.#reads = reading.catch(() => null);
    return reading;
  }

  /**
   * @param {string} id
   * @returns {Promise<Ticket | undefined>}
   */
  async #readNow(id) {
    if (id !== this.#id) return undefined;
    /** @type {TranscriptEvent[]} */
    const early = (this.#early = []);
    try {
      const answer = await loadTranscript(id, this.#last?.id ?? "0");
      if (id !== this.#id) return undefined;
      if (!this.#last) lines.replaceChildren();
      this.#conversation = answer.ticket.conversation;
      this.#appendAll(answer.events);
      this.#readByCitizen = answer.read;
      return answer.ticket;
    } finally {
      this.#early = null;
      if (id === this.#id && this.#conversation) this.#appendAll(early);
    }
  }

  /**
   * Appends events until one removes a message that is shown: the transcript is then loaded anew, with those that follow.
   * @param {TranscriptEvent[]} events
   */
  #appendAll(events) {
    for (const event of events) {
      this.#append(event);
      if (!this.#conversation) return;
    }
  }

  /** @param {TranscriptEvent} event */
  #append(event) {
    if (this.#last && !isLater(event.id, this.#last.id)) return;
    const wasNear = nearEnd();
    if (event.removes && this.#shows(event.removes)) {
      this.open(this.#id ?? "").catch(() => null); // nothing on the page may keep the words
      return;
    }
    if (event.reply_id) this.#confirm(event.reply_id);
    const firstPending = lines.querySelector(".pending");
    linesOf(event, this.#last).forEach((line) => lines.insertBefore(line, firstPending));
    this.#last = event;
    this.#note(event);
    if (wasNear) this.toEnd();
    else if (event.author === "citizen") newer.hidden = false;
  }

  /**
   * Returns whether the page shows the words of a message.
   * @param {string} eventId
   */
  #shows(eventId) {
    return lines.querySelector(`[data-event="${CSS.escape(eventId)}"] > .bubble:not(.removed)`) !== null;
  }

  /** @param {TranscriptEvent} event */
  #note(event) {
    this.#exchange.said(event);
    if (event.author === "citizen") this.#heard = event.id;
    if (event.author === "staff" && event.kind === "message") this.#ours.set(event.id, event);
  }

  /**
   * Removes a pending reply whose event is in the transcript, even if the response to sending it was lost.
   * @param {string} replyId
   */
  #confirm(replyId) {
    this.#arrived.add(replyId);
    this.#discard(replyId);
  }

  /** @param {string} replyId */
  #discard(replyId) {
    this.#outbox.discard(replyId);
    this.#pending(replyId)?.remove();
  }

  /**
   * @param {string} replyId
   * @returns {HTMLElement | null}
   */
  #pending(replyId) {
    return lines.querySelector(`[data-reply="${CSS.escape(replyId)}"]`);
  }
}

/**
 * @param {string} words
 * @param {() => void} act
 */
function link(words, act) {
  return button({ className: "link", text: say(words) }, act);
}

function nearEnd() {
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
}
