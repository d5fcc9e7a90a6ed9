// What happens in the open conversation besides words: the citizen types or has read; we type and have read.

import { post } from "./api.js";
import { later } from "./store.js";
import { element, say } from "./words.js";

const TYPING_LASTS_MS = 6000;
const TELL_TYPING_MS = 3000;
const typing = document.getElementById("typing");
const lines = document.getElementById("lines");

export class Presence {
  #ticket = null;
  #mine = false;
  #newest = null;
  #told = null;
  #read = "";
  #toldTyping = 0;
  #timer = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#tellRead());
  }

  /** The open ticket, whether it is this person's, and the newest thing the citizen said. */
  show(id, { mine, newest }) {
    if (id !== this.#ticket) {
      this.#told = this.#newest = null;
      this.#read = "";
      this.#quiet();
    }
    this.#ticket = id;
    this.#mine = mine;
    if (newest && (!this.#newest || later(newest, this.#newest))) this.#newest = newest;
    this.#tellRead();
  }

  said(event) {
    if (event.author === "citizen") {
      this.#quiet();
      this.show(this.#ticket, { mine: this.#mine, newest: event.id });
    }
    this.#mark();
  }

  typing() {
    typing.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#quiet(), TYPING_LASTS_MS);
  }

  read(eventId) {
    if (eventId && (!this.#read || later(eventId, this.#read))) this.#read = eventId;
    this.#mark();
  }

  /** This person is writing an answer. */
  tellTyping() {
    if (!this.#mine || Date.now() - this.#toldTyping < TELL_TYPING_MS) return;
    this.#toldTyping = Date.now();
    post(`/tickets/${this.#ticket}/typing`).catch(() => null);
  }

  #tellRead() {
    if (!this.#mine || !this.#newest || this.#told === this.#newest || document.visibilityState !== "visible") return;
    this.#told = this.#newest;
    post(`/tickets/${this.#ticket}/read`, { event_id: this.#newest }).catch(() => (this.#told = null));
  }

  #quiet() {
    clearTimeout(this.#timer);
    typing.hidden = true;
  }

  #mark() {
    lines.querySelector(".seen")?.remove();
    if (!this.#read) return;
    const seen = [...lines.querySelectorAll(".line.staff[data-event]")].filter((line) => !later(line.dataset.event, this.#read)).at(-1);
    seen?.append(element("p", { className: "seen", text: say("leido") }));
  }
}
