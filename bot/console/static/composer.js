// The reply box: Enter sends, Shift+Enter makes a line, the draft of each conversation is kept in this tab.

import { draft, keepDraft } from "./kept.js";
import { facts, say } from "./words.js";

const TELL_LEFT_BELOW = 300;
const form = document.getElementById("reply");
const box = document.getElementById("text");
const left = document.getElementById("left");

export class Composer {
  #conversation = null;

  /** `onSend(text)` with the trimmed reply; `onDraft()` when a draft began or ended, `onTyping()` at each change. */
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

  show(conversation) {
    form.hidden = false;
    if (conversation === this.#conversation) return;
    this.#conversation = conversation;
    box.value = draft(conversation);
    this.#measure();
  }

  hide() {
    form.hidden = true;
    this.#conversation = null;
  }

  focus() {
    box.focus();
  }

  #submit(event) {
    event.preventDefault();
    const text = box.value.trim();
    if (!text || text.length > facts.max_reply) return;
    box.value = "";
    this.#typed();
    this.onSend(text);
  }

  #typed() {
    const before = Boolean(draft(this.#conversation));
    keepDraft(this.#conversation, box.value);
    this.#measure();
    if (before !== Boolean(box.value.trim())) this.onDraft();
    if (box.value.trim()) this.onTyping();
  }

  #measure() {
    if (!CSS.supports("field-sizing", "content")) {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`;
    }
    const rest = facts.max_reply - box.value.trim().length;
    left.classList.toggle("over", rest < 0);
    left.textContent = rest >= TELL_LEFT_BELOW ? "" : say(rest < 0 ? "sobran" : "quedan", { n: Math.abs(rest) });
  }
}
