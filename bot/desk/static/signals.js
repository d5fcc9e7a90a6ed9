/** Shows the citizen's typing and read signals, and sends this agent's. */

/** @import { TranscriptEvent } from "./shapes.js" */

import { tellRead, tellTyping } from "./api.js";
import { allWithin, byId, element } from "./elements.js";
import { isLater } from "./event_ids.js";
import { say } from "./facts.js";

const TYPING_LASTS_MS = 6000;
const TELL_TYPING_MS = 3000;
const typing = byId("typing");
const lines = byId("lines");

export class Signals {
  /** @type {string | null} */
  #ticket = null;

  #mine = false;

  /** @type {string | null} Id of the citizen's newest event. */
  #newest = null;

  /** @type {string | null} Id of the last event that we sent as read. */
  #lastSent = null;

  /** Id of the last event that the citizen has read. */
  #read = "";

  #typingSentAt = 0;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#sendRead());
  }

  /**
   * Sets the open ticket, whether this agent has it, and the id of the citizen's newest event.
   * @param {string | null} id
   * @param {{ mine: boolean, newest: string | null }} state
   */
  show(id, { mine, newest }) {
    if (id !== this.#ticket) {
      this.#lastSent = this.#newest = null;
      this.#read = "";
      this.#typingSentAt = 0;
      this.#hideTyping();
    }
    this.#ticket = id;
    this.#mine = mine;
    if (newest && (!this.#newest || isLater(newest, this.#newest))) this.#newest = newest;
    this.#sendRead();
  }

  /** @param {TranscriptEvent} event */
  said(event) {
    if (event.author === "citizen") {
      this.#hideTyping();
      this.show(this.#ticket, { mine: this.#mine, newest: event.id });
    }
    this.#markRead();
  }

  typing() {
    typing.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hideTyping(), TYPING_LASTS_MS);
  }

  /** @param {string} eventId The last event that the citizen has read. */
  read(eventId) {
    if (eventId && (!this.#read || isLater(eventId, this.#read))) this.#read = eventId;
    this.#markRead();
  }

  /** Sends that this agent is typing, at most once per TELL_TYPING_MS. */
  tellTyping() {
    if (!this.#mine || !this.#ticket || Date.now() - this.#typingSentAt < TELL_TYPING_MS) return;
    this.#typingSentAt = Date.now();
    tellTyping(this.#ticket).catch(() => null);
  }

  #sendRead() {
    const [ticket, newest] = [this.#ticket, this.#newest];
    if (!this.#mine || !ticket || !newest || this.#lastSent === newest || document.visibilityState !== "visible") return;
    this.#lastSent = newest;
    tellRead(ticket, newest).catch(() => (this.#lastSent = null));
  }

  #hideTyping() {
    clearTimeout(this.#timer);
    typing.hidden = true;
  }

  /** Shows the read mark below the newest message by staff that the citizen has read. */
  #markRead() {
    lines.querySelector(".seen")?.remove();
    if (!this.#read) return;
    const ours = allWithin(lines, ".line.staff[data-event]");
    const seen = ours.filter((line) => !isLater(line.dataset.event ?? "", this.#read)).at(-1);
    seen?.append(element("p", { className: "seen", text: say("leido") }));
  }
}
