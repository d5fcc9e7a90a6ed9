/** Offers canned replies (by shortcut) and FAQ entries (by words) when the reply begins with "/". */

/** @import { CannedReply, Ticket } from "./shapes.js" */
/** @import { Option } from "./picker_options.js" */

import { findEntries, loadCanned } from "./api.js";
import { around, byId, element } from "./elements.js";
import { say } from "./facts.js";
import { drawOptions, filled, matching } from "./picker_options.js";

const REST_MS = 180;
const LEAST_LETTERS = 2;
const SEARCH = /^\/(\S[^\n]{0,80}|)$/;

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const box = byId("text", HTMLTextAreaElement);
const list = byId("picker");
const keysHint = byId("picker-keys");

/** @typedef {import("./shapes.js").FaqEntry} FaqEntry */

export class Picker {
  /** @type {Promise<CannedReply[] | null> | null} */
  #saved = null;

  /** @type {Ticket | null} */
  #ticket = null;

  /** @type {Option[]} */
  #options = [];

  #chosen = 0;

  #asked = "";

  /** Whether the list is about to be shown: until then Enter must not send what looks for a reply. */
  #opens = false;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{ onInsert: (text: string) => void, onSend: (entry: FaqEntry) => void }} acts */
  constructor({ onInsert, onSend }) {
    this.onInsert = onInsert;
    this.onSend = onSend;
    box.addEventListener("input", () => this.#typed());
    box.addEventListener("keydown", (event) => (this.#opens && !this.open ? this.#wait(event) : this.#key(event)), { capture: true });
    box.addEventListener("blur", () => this.hide());
    box.addEventListener("focus", () => this.#typed());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the text box
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  /** @param {Ticket | null} ticket */
  show(ticket) {
    if (ticket?.id !== this.#ticket?.id) this.hide();
    this.#ticket = ticket;
  }

  get open() {
    return !list.hidden;
  }

  hide() {
    clearTimeout(this.#timer);
    this.#saved = null;
    this.#opens = false;
    list.hidden = keysHint.hidden = true;
    this.#asked = "";
    box.removeAttribute("aria-activedescendant");
  }

  async #typed() {
    clearTimeout(this.#timer);
    const words = box.form?.classList.contains("noting") ? undefined : SEARCH.exec(box.value)?.[1];
    if (words === undefined) return this.hide();
    this.#asked = words;
    this.#opens = true;
    const saved = matching((await this.#loadSaved()) ?? [], words, this.#ticket?.team);
    if (this.#asked !== words || document.activeElement !== box) return;
    this.#draw(saved, this.#options.filter((option) => "entry" in option));
    if (words.length < LEAST_LETTERS) return this.#draw(saved, []);
    this.#timer = setTimeout(() => this.#search(saved, words), REST_MS);
  }

  /** Loads the canned replies once while the list is open, since those of a notice come and go. */
  #loadSaved() {
    this.#saved ??= loadCanned().then(({ canned }) => canned, () => (this.#saved = null));
    return this.#saved;
  }

  /**
   * @param {Option[]} saved
   * @param {string} words
   */
  async #search(saved, words) {
    const answer = await findEntries(words).catch(() => ({ entries: [] }));
    const chosen = this.#chosen ? this.#options[this.#chosen] : undefined;
    if (this.#asked === words) this.#draw(saved, answer.entries.map((entry) => ({ entry })), chosen);
  }

  /**
   * @param {Option[]} saved
   * @param {Option[]} entries
   * @param {Option} [chosen] What the agent has chosen with the arrow keys, which stays chosen if it is still listed.
   */
  #draw(saved, entries, chosen) {
    this.#opens = false;
    this.#options = [...saved, ...entries];
    this.#chosen = Math.max(0, this.#options.findIndex((one) => isSame(one, chosen)));
    list.replaceChildren(...drawOptions(this.#options));
    if (!this.#options.length) list.append(element("div", { className: "nothing-so", role: "option", "aria-disabled": "true", text: say(this.#asked ? "nada_asi" : "escribe_letras") }));
    list.hidden = keysHint.hidden = false;
    this.#mark();
  }

  #mark() {
    list.querySelectorAll("[data-option]").forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#chosen)));
    const marked = list.querySelector('[aria-selected="true"]');
    if (!marked) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", marked.id);
    marked.scrollIntoView({ block: "nearest" });
  }

  /**
   * Keeps Enter from sending the words of a search before its list is shown.
   * @param {KeyboardEvent} event
   */
  #wait(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.open || event.isComposing) return;
    if (event.key in STEPS && this.#options.length) {
      this.#chosen = (this.#chosen + STEPS[event.key] + this.#options.length) % this.#options.length;
      this.#mark();
    } else if (event.key === "Enter" && !event.shiftKey) {
      this.#choose(this.#chosen, event.ctrlKey || event.metaKey);
    } else if (event.key === "Escape") {
      this.hide();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {Event} event */
  #clicked(event) {
    const option = around(event, "[data-option]");
    if (option) this.#choose(Number(option.dataset.option), around(event, "[data-send]") !== null);
  }

  /**
   * @param {number} place
   * @param {boolean} send Whether to send an entry unchanged instead of inserting its text.
   */
  #choose(place, send) {
    const option = this.#options[place];
    if (!option || !this.#ticket) return;
    this.hide();
    if ("saved" in option) this.onInsert(filled(option.saved.text, this.#ticket));
    else if (send) this.onSend(option.entry);
    else this.onInsert(option.entry.text);
  }
}

/**
 * @param {Option} one
 * @param {Option | undefined} other
 */
function isSame(one, other) {
  if (!other || "saved" in other) return one === other;
  return "entry" in one && one.entry.version === other.entry.version;
}
