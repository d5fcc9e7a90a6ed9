/** Suggests, above the reply box, FAQ entries for the citizen's last message; a shortcut inserts or sends one. */

/** @import { FaqEntry, TranscriptEvent } from "./shapes.js" */

import { loadSuggestions } from "./api.js";
import { button, byId, element, setSafeHtml, within } from "./elements.js";
import { say } from "./facts.js";
import { Newest } from "./newest.js";

const REST_MS = 700;
const OPEN = "ventanilla.suggested";
const panel = byId("suggested", HTMLDetailsElement);
const list = within(panel, "ul");

export class Suggestions {
  /** @type {string | null} */
  #ticket = null;

  /** @type {FaqEntry[]} */
  #entries = [];

  #newest = new Newest();

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{ onInsert: (entry: FaqEntry) => void, onSend: (entry: FaqEntry) => void }} acts */
  constructor({ onInsert, onSend }) {
    this.onInsert = onInsert;
    this.onSend = onSend;
    const wide = matchMedia("(min-width: 48rem)").matches;
    panel.open = (localStorage.getItem(OPEN) ?? (wide ? "on" : "off")) === "on";
    panel.addEventListener("toggle", () => localStorage.setItem(OPEN, panel.open ? "on" : "off"));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * Loads the suggestions of a ticket, unless it is already shown; null hides them.
   * @param {string | null} ticket
   */
  show(ticket) {
    if (ticket === this.#ticket) return;
    this.#ticket = ticket;
    this.#drop();
    clearTimeout(this.#timer);
    if (ticket) this.#load(ticket);
  }

  /**
   * Reloads the suggestions once the citizen has paused writing; clears them when staff answer.
   * @param {TranscriptEvent} event
   */
  said(event) {
    clearTimeout(this.#timer);
    const ticket = this.#ticket;
    if (event.kind !== "message" || !ticket) return;
    if (event.author === "staff") this.#drop();
    if (event.author === "citizen") this.#timer = setTimeout(() => this.#load(ticket), REST_MS);
  }

  /** @param {string} ticket */
  async #load(ticket) {
    const isNewest = this.#newest.ask();
    const answer = await loadSuggestions(ticket).catch(() => null); // optional: nothing is shown
    if (answer && isNewest()) this.#fill(answer.entries);
  }

  #drop() {
    this.#newest.drop();
    this.#fill([]);
  }

  /** @param {FaqEntry[]} entries */
  #fill(entries) {
    this.#entries = entries;
    panel.hidden = entries.length === 0;
    list.replaceChildren(...entries.map((entry, place) => this.#item(entry, place)));
  }

  /**
   * @param {FaqEntry} entry
   * @param {number} place
   */
  #item(entry, place) {
    const item = element("li");
    const about = { pregunta: entry.question };
    const insert = keyButton(say("insertar"), say("insertar_esta", about), `Alt+${place + 1}`, () => this.onInsert(entry));
    const send = keyButton(say("enviar_con_fuente"), say("enviar_esta", about), `Alt+Shift+${place + 1}`, () => this.onSend(entry));
    item.append(answerPreview(entry), insert, send);
    return item;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const entry = panel.hidden ? null : this.#entries[numberOf(event) - 1];
    if (!entry || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (event.shiftKey) this.onSend(entry);
    else this.onInsert(entry);
  }
}

/**
 * Returns which of the digits 1 to 3 was pressed with Alt, or 0.
 * @param {KeyboardEvent} event
 */
function numberOf(event) {
  const digit = /^Digit([1-3])$/.exec(event.code)?.[1];
  return digit && event.altKey && !event.ctrlKey && !event.metaKey ? Number(digit) : 0;
}

/** @param {FaqEntry} entry */
function answerPreview({ html, percent, question, source }) {
  const made = element("details", { className: "preview" });
  const summary = element("summary");
  summary.append(element("span", { className: "percent", text: say("con_certeza", { n: percent ?? 0 }) }), element("span", { text: question }));
  const body = element("div", { className: "bubble" });
  setSafeHtml(body, html);
  if (source) body.append(element("p", { className: "hint", text: say("fuente_de", { titulo: source.title }) }));
  made.append(summary, body);
  return made;
}

/**
 * @param {string} text
 * @param {string} label
 * @param {string} keys
 * @param {() => void} act
 */
function keyButton(text, label, keys, act) {
  return button({ className: "button small", text, "aria-label": label, title: keys, "aria-keyshortcuts": keys }, act);
}
