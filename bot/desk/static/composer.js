/** Edits the reply: Enter sends, Shift+Enter starts a new line; the draft of each conversation is stored in this tab. */

/** @import { Ticket } from "./shapes.js" */

import { Attachments } from "./attachments.js";
import { byId } from "./elements.js";
import { facts, say } from "./facts.js";
import { Preview } from "./preview.js";
import { draft, keepDraft } from "./tab_storage.js";

const TELL_LEFT_BELOW = 300;
const AFTER_NAME = 2; // length of ": ", since channels put the agent's name before each message
const form = byId("reply");
const box = byId("text", HTMLTextAreaElement);
const left = byId("left");
const NAME = say("por_nombre");

/**
 * @typedef {object} Acts
 * @property {(text: string, file: File | undefined) => void} onSend
 * @property {() => void} onDraft Called when the draft becomes empty or non-empty.
 * @property {() => void} onTyping
 */

export class Composer {
  /** @type {string | null} */
  #conversation = null;

  #limit = Infinity;

  #attachments = new Attachments();

  #preview = new Preview();

  /** @param {Acts} acts */
  constructor({ onSend, onDraft, onTyping }) {
    this.onSend = onSend;
    this.onTyping = onTyping;
    this.onDraft = onDraft;
    form.addEventListener("submit", (event) => this.#submit(event));
    box.addEventListener("input", () => this.#typed());
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
    });
  }

  /** @param {Ticket} ticket */
  show(ticket) {
    const { conversation, channel } = ticket;
    form.hidden = false;
    this.#limit = facts.channel_limits[channel] ?? Infinity;
    this.#attachments.show(ticket);
    if (conversation !== this.#conversation) {
      this.#conversation = conversation;
      box.value = draft(conversation);
      this.#measure();
    }
    this.#preview.show(ticket, box.value);
  }

  hide() {
    form.hidden = true;
    this.#conversation = null;
  }

  focus() {
    box.focus();
  }

  /**
   * Inserts text at the cursor, or in place of a "/" search, and selects the placeholder for the citizen's name.
   * @param {string} text
   */
  insert(text) {
    const search = box.value.startsWith("/");
    box.focus();
    box.setRangeText(text, search ? 0 : box.selectionStart, search ? box.value.length : box.selectionEnd, "end");
    this.#markName();
    this.#typed();
    box.scrollTop = box.scrollHeight;
  }

  clearSearch() {
    if (!box.value.startsWith("/")) return;
    box.value = "";
    this.#typed();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const text = box.value.trim();
    if (text.length > facts.max_reply) return;
    if (text.includes(NAME)) return this.#nameMissing();
    const file = this.#attachments.take();
    if (!text && !file) return;
    box.value = "";
    this.#typed();
    this.onSend(text, file);
  }

  #nameMissing() {
    this.#markName();
    left.classList.add("over");
    left.textContent = say("falta_completar", { que: NAME });
  }

  #markName() {
    const start = box.value.indexOf(NAME);
    if (start >= 0) box.setSelectionRange(start, start + NAME.length);
  }

  #typed() {
    const before = Boolean(draft(this.#conversation));
    const written = Boolean(box.value.trim());
    keepDraft(this.#conversation, box.value);
    this.#measure();
    this.#preview.typed(box.value);
    if (before !== written) this.onDraft();
    if (written) this.onTyping();
  }

  #measure() {
    if (!CSS.supports("field-sizing", "content")) {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`;
    }
    const length = box.value.trim().length;
    const charactersLeft = facts.max_reply - length;
    const messages = Math.ceil((length + facts.me.length + AFTER_NAME) / this.#limit);
    left.classList.toggle("over", charactersLeft < 0);
    const parts = [
      messages > 1 ? say("saldra_en", { n: messages }) : "",
      charactersLeft < TELL_LEFT_BELOW ? say(charactersLeft < 0 ? "sobran" : "quedan", { n: Math.abs(charactersLeft) }) : "",
    ];
    left.textContent = parts.filter(Boolean).join(" · ");
  }
}
