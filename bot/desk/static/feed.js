// The lines of the open conversation: loaded once, then kept complete by live events and by catching up after a gap.

import { get } from "./api.js";
import { later } from "./store.js";
import { linesOf, pendingLine } from "./transcript.js";
import { element, say } from "./words.js";

const NEAR_END_PX = 120;
const scroll = document.getElementById("scroll");
const lines = document.getElementById("lines");
const newer = document.getElementById("newer");

export class Feed {
  #outbox;
  #id = null;
  #conversation = null;
  #last = null;
  #heard = null;
  #readByCitizen = "";
  #answered = "";
  #ours = new Map();
  #atEnd = true;
  #turn = Promise.resolve();
  #early = null;
  #arrived = new Set();

  constructor(outbox) {
    this.#outbox = outbox;
    newer.addEventListener("click", () => this.toEnd());
    scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#atEnd && this.toEnd()).observe(scroll); // what opens below hides no newest words
  }

  get id() {
    return this.#id;
  }

  /** The feed id of the newest thing the citizen said, and the newest of ours that they have read, as far as known. */
  get heard() {
    return this.#heard;
  }

  get read() {
    return this.#readByCitizen;
  }

  /** A message of staff by its feed id. */
  ours(feedId) {
    return this.#ours.get(feedId);
  }

  /** The last words that staff wrote here. */
  get answered() {
    return this.#answered;
  }

  /** Empties the page and loads ticket `id`. Returns the ticket, or undefined when another one was opened meanwhile. */
  async open(id) {
    this.shut();
    this.#id = id;
    lines.replaceChildren(element("p", { className: "loading", text: say("cargando") }));
    const answer = await this.#read(id);
    if (!answer) return undefined;
    this.#outbox.of(answer.ticket.conversation).forEach((reply) => this.showPending(reply));
    this.toEnd();
    lines.setAttribute("aria-live", "polite");
    return answer.ticket;
  }

  /** Shows what the record has of a conversation; nothing is added to it. */
  showPast(events) {
    this.shut();
    let previous = null;
    for (const event of events) {
      lines.append(...linesOf(event, previous));
      previous = event;
    }
    this.toEnd();
  }

  shut() {
    this.#id = this.#conversation = this.#last = this.#heard = null;
    this.#readByCitizen = this.#answered = "";
    this.#ours.clear();
    newer.hidden = true;
    lines.setAttribute("aria-live", "off");
    lines.replaceChildren();
  }

  /** Reads what was said since the last line. Returns the ticket as it is now. */
  async catchUp() {
    return this.#id && (await this.#read(this.#id))?.ticket;
  }

  said(ticketId, event) {
    if (ticketId !== this.#id) return;
    if (this.#early) this.#early.push(event);
    else this.#append(event);
  }

  fail(words) {
    lines.replaceChildren(element("p", { className: "loading", text: words }));
  }

  /** Shows a reply that is on its way, or how far it got. */
  showPending(reply) {
    if (reply.conversation !== this.#conversation || this.#arrived.has(reply.reply_id)) return;
    let line = this.#pending(reply.reply_id);
    if (!line) lines.append((line = pendingLine(reply)));
    line.classList.toggle("failed", reply.state === "failed");
    const words = { sending: say("enviando"), waiting: say("reintentando"), failed: `${say("no_enviada")} ${reply.error} ` };
    const status = line.querySelector(".status");
    status.textContent = words[reply.state];
    if (reply.state === "failed") status.append(this.#action("reintentar", () => this.#outbox.retry(reply.reply_id)), " ", this.#action("descartar", () => this.#discard(reply)));
  }

  toEnd() {
    scroll.scrollTop = scroll.scrollHeight;
    newer.hidden = true;
    this.#atEnd = true;
  }

  #scrolled() {
    this.#atEnd = this.#nearEnd();
    if (this.#atEnd) newer.hidden = true;
  }

  /** One reading at a time; live events that arrive during it wait, so that no gap is ever closed over. */
  #read(id) {
    const reading = this.#turn.then(() => this.#readNow(id));
    this.#turn = reading.catch(() => null);
    return reading;
  }

  async #readNow(id) {
    if (id !== this.#id) return undefined;
    this.#early = [];
    try {
      const answer = await get(`/tickets/${id}?after=${this.#last?.id ?? "0"}`);
      if (id !== this.#id) return undefined;
      if (!this.#last) lines.replaceChildren();
      this.#conversation = answer.ticket.conversation;
      answer.events.forEach((event) => this.#append(event));
      this.#readByCitizen = answer.read;
      return answer;
    } finally {
      const early = this.#early;
      this.#early = null;
      if (id === this.#id && this.#conversation) early.forEach((event) => this.#append(event));
    }
  }

  #append(event) {
    if (this.#last && !later(event.id, this.#last.id)) return;
    const wasNear = this.#nearEnd();
    if (event.reply_id) this.#confirm(event.reply_id);
    const firstPending = lines.querySelector(".pending");
    linesOf(event, this.#last).forEach((line) => lines.insertBefore(line, firstPending));
    this.#last = event;
    if (event.author === "citizen") this.#heard = event.id;
    if (event.author === "staff" && event.kind === "message") {
      this.#answered = event.text;
      this.#ours.set(event.id, event);
    }
    if (wasNear) this.toEnd();
    else if (event.author === "citizen") newer.hidden = false;
  }

  /** The reply stands in the transcript: it is sent, even if the answer to sending it was lost. */
  #confirm(replyId) {
    this.#arrived.add(replyId);
    this.#outbox.discard(replyId);
    this.#pending(replyId)?.remove();
  }

  #discard(reply) {
    this.#outbox.discard(reply.reply_id);
    this.#pending(reply.reply_id)?.remove();
  }

  #pending(replyId) {
    return lines.querySelector(`[data-reply="${CSS.escape(replyId)}"]`);
  }

  #action(words, act) {
    const button = element("button", { className: "link", type: "button", text: say(words) });
    button.addEventListener("click", act);
    return button;
  }

  #nearEnd() {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
  }
}
