/**
 * Edits the reply, or a note for staff: Enter sends, Shift+Enter starts a new line. The drafts of both are stored in this tab,
 * per conversation.
 */

/** @import { Ticket } from "./shapes.js" */

import { Attachments } from "./attachments.js";
import { byId, within } from "./elements.js";
import { facts, say } from "./facts.js";
import { Preview } from "./preview.js";
import { Naming } from "./naming.js";
import { gapIn } from "./picker_options.js";
import { draft, keepDraft } from "./tab_storage.js";

const TELL_LEFT_BELOW = 300;
const AFTER_NAME = 2; // length of ": ", since channels put the agent's name before each message
const form = byId("reply", HTMLFormElement);
const modes = byId("modes");
const label = byId("text-label");
const send = byId("send");
const box = byId("text", HTMLTextAreaElement);
const left = byId("left");

/**
 * @typedef {object} Acts
 * @property {(text: string, file: File | undefined) => void} onSend
 * @property {(text: string, named: string[]) => Promise<boolean>} onNote Saves a note with the ids of the colleagues that it names; returns whether it was saved.
 * @property {() => void} onDraft Called when the draft becomes empty or non-empty.
 * @property {() => void} onTyping
 */

export class Composer {
  /** @type {string | null} */
  #conversation = null;

  #limit = Infinity;

  #attachments = new Attachments();

  #preview = new Preview();

  #naming = new Naming(() => this.noting);

  /** @type {Ticket | null} */
  #ticket = null;

  /** @param {Acts} acts */
  constructor({ onSend, onNote, onDraft, onTyping }) {
    this.onSend = onSend;
    this.onNote = onNote;
    this.onTyping = onTyping;
    this.onDraft = onDraft;
    form.addEventListener("submit", (event) => this.#submit(event));
    box.addEventListener("input", () => this.#typed());
    modes.addEventListener("change", () => this.#modeChanged());
    modes.addEventListener("click", ({ detail }) => detail && setTimeout(() => box.focus())); // arrow keys stay there
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
    });
  }

  /** Returns whether a note is being written. */
  get noting() {
    return form.classList.contains("noting");
  }

  /**
   * @param {Ticket} ticket
   * @param {{ answers: boolean }} may Whether this agent may answer, or only write notes.
   */
  show(ticket, { answers }) {
    form.hidden = false;
    modes.hidden = !answers;
    this.#ticket = ticket;
    this.#limit = facts.channel_limits[ticket.channel] ?? Infinity;
    this.#attachments.show(ticket);
    this.#naming.show(ticket);
    const changed = ticket.conversation !== this.#conversation;
    this.#conversation = ticket.conversation;
    if (changed || !answers) this.#setMode(answers ? "reply" : "note", changed);
    this.#preview.show(ticket, this.noting ? "" : box.value);
  }

  hide() {
    form.hidden = true;
    this.#conversation = this.#ticket = null;
    this.#naming.hide();
  }

  /** Switches to a note, or back to the reply, and focuses the box. */
  toggleNote() {
    this.#setMode(this.noting && !modes.hidden ? "reply" : "note", false);
    this.focus();
  }

  /**
   * Restores a note that could not be saved, unless another one was begun: in the box, or as the draft of its conversation.
   * @param {string} text
   * @param {string | null} conversation
   */
  #restoreNote(text, conversation) {
    if (draft(`note.${conversation}`)) return;
    if (this.noting && conversation === this.#conversation) {
      box.value = text;
      return this.#typed();
    }
    keepDraft(`note.${conversation}`, text);
    this.onDraft();
  }

  /**
   * @param {"reply" | "note"} mode
   * @param {boolean} other Whether another conversation is shown now.
   */
  #setMode(mode, other) {
    const changes = this.noting !== (mode === "note");
    within(modes, `[value="${mode}"]`, HTMLInputElement).checked = true;
    if (changes || other) this.#modeChanged();
  }

  #modeChanged() {
    const noting = within(modes, '[value="note"]', HTMLInputElement).checked;
    form.classList.toggle("noting", noting);
    label.textContent = say(noting ? "nota" : "responder");
    box.placeholder = say(noting ? "nota_escribe" : "responder");
    send.title = say(noting ? "nota_guardar" : "enviar");
    send.setAttribute("aria-label", send.title);
    box.value = draft(this.#draftKey);
    this.#measure();
    if (this.#ticket) this.#preview.show(this.#ticket, noting ? "" : box.value);
    this.#naming.hide();
  }

  get #draftKey() {
    return this.noting ? `note.${this.#conversation}` : this.#conversation;
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
    this.#markGap();
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
    if (this.noting) return this.#submitNote(text);
    if (gapIn(text)) return this.#gapMissing();
    const file = this.#attachments.take();
    if (!text && !file) return;
    box.value = "";
    this.#typed();
    this.onSend(text, file);
  }

  /** @param {string} text */
  async #submitNote(text) {
    if (!text) return;
    const conversation = this.#conversation;
    box.value = "";
    this.#typed();
    if (!(await this.onNote(text, this.#naming.namedIn(text)))) this.#restoreNote(text, conversation);
  }

  #gapMissing() {
    left.classList.add("over");
    left.textContent = say("falta_completar", { que: this.#markGap() });
  }

  /** Selects the first gap, so that writing replaces it, and returns it. */
  #markGap() {
    const gap = gapIn(box.value);
    if (gap) box.setSelectionRange(box.value.indexOf(gap), box.value.indexOf(gap) + gap.length);
    return gap;
  }

  #typed() {
    const before = Boolean(draft(this.#draftKey));
    const written = Boolean(box.value.trim());
    keepDraft(this.#draftKey, box.value);
    this.#measure();
    if (before !== written) this.onDraft();
    if (this.noting) return;
    this.#preview.typed(box.value);
    if (written) this.onTyping();
  }

  #measure() {
    if (!CSS.supports("field-sizing", "content")) {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`;
    }
    const length = box.value.trim().length;
    const charactersLeft = facts.max_reply - length;
    const messages = this.noting ? 1 : Math.ceil((length + facts.me.length + AFTER_NAME) / this.#limit);
    left.classList.toggle("over", charactersLeft < 0);
    const parts = [
      messages > 1 ? say("saldra_en", { n: messages }) : "",
      charactersLeft < TELL_LEFT_BELOW ? say(charactersLeft < 0 ? "sobran" : "quedan", { n: Math.abs(charactersLeft) }) : "",
    ];
    left.textContent = parts.filter(Boolean).join(" · ");
  }
}
