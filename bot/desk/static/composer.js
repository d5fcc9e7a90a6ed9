// The reply box: Enter sends, Shift+Enter makes a line, the draft of each conversation is kept in this tab.

import { Attachment } from "./attach.js";
import { draft, keepDraft } from "./kept.js";
import { Preview } from "./preview.js";
import { facts, say } from "./words.js";

const TELL_LEFT_BELOW = 300;
const form = document.getElementById("reply");
const box = document.getElementById("text");
const left = document.getElementById("left");
const NAME = say("por_nombre");

export class Composer {
  #conversation = null;
  #limit = Infinity;

  /** `onSend(text, file)` with the trimmed reply and perhaps a file; `onDraft()` when a draft began or ended, `onTyping()` at each change. */
  constructor({ onSend, onDraft, onTyping }) {
    this.onSend = onSend;
    this.onTyping = onTyping;
    this.onDraft = onDraft;
    this.attachment = new Attachment();
    this.preview = new Preview();
    form.addEventListener("submit", (event) => this.#submit(event));
    box.addEventListener("input", () => this.#typed());
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
    });
  }

  show(ticket) {
    const { conversation, channel } = ticket;
    form.hidden = false;
    this.#limit = facts.channel_limits[channel] ?? Infinity;
    this.attachment.show(ticket);
    if (conversation !== this.#conversation) {
      this.#conversation = conversation;
      box.value = draft(conversation);
      this.#measure();
    }
    this.preview.show(ticket, box.value);
  }

  hide() {
    form.hidden = true;
    this.#conversation = null;
  }

  focus() {
    box.focus();
  }

  /** Puts words where the writing is, instead of a search with "/"; a name that must be written is marked. */
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

  #submit(event) {
    event.preventDefault();
    const text = box.value.trim();
    if (text.length > facts.max_reply) return;
    if (text.includes(NAME)) return this.#nameMissing();
    const file = this.attachment.take();
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
    keepDraft(this.#conversation, box.value);
    this.#measure();
    this.preview.typed(box.value);
    if (before !== Boolean(box.value.trim())) this.onDraft();
    if (box.value.trim()) this.onTyping();
  }

  #measure() {
    if (!CSS.supports("field-sizing", "content")) {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`;
    }
    const length = box.value.trim().length;
    const rest = facts.max_reply - length;
    const messages = Math.ceil((length + facts.me.length + 2) / this.#limit);
    left.classList.toggle("over", rest < 0);
    const told = [
      messages > 1 ? say("saldra_en", { n: messages }) : "",
      rest < TELL_LEFT_BELOW ? say(rest < 0 ? "sobran" : "quedan", { n: Math.abs(rest) }) : "",
    ];
    left.textContent = told.filter(Boolean).join(" · ");
  }
}
