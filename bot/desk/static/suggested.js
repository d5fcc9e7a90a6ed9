// The entries that may answer the citizen's last words, above the reply box: one key puts one there, one sends it.

import { get } from "./api.js";
import { element, say } from "./words.js";

const REST_MS = 700;
const OPEN = "ventanilla.suggested";
const panel = document.getElementById("suggested");
const list = panel.querySelector("ul");

export class Suggested {
  #ticket = null;
  #entries = [];
  #timer = null;

  /** `onInsert(entry)` and `onSend(entry)`. */
  constructor({ onInsert, onSend }) {
    this.onInsert = onInsert;
    this.onSend = onSend;
    panel.open = (localStorage.getItem(OPEN) ?? (matchMedia("(min-width: 48rem)").matches ? "on" : "off")) === "on";
    panel.addEventListener("toggle", () => localStorage.setItem(OPEN, panel.open ? "on" : "off"));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Looks for entries for ticket `id`, null for none; the same ticket is not asked about again. */
  show(id) {
    if (id === this.#ticket) return;
    this.#ticket = id;
    this.#fill([]);
    clearTimeout(this.#timer);
    if (id) this.#load(id);
  }

  /** The citizen wrote again (asked about once they rest), or staff answered: there is nothing to suggest any more. */
  said(event) {
    clearTimeout(this.#timer);
    if (event.kind !== "message" || !this.#ticket) return;
    if (event.author === "staff") this.#fill([]);
    if (event.author === "citizen") this.#timer = setTimeout(() => this.#load(this.#ticket), REST_MS);
  }

  async #load(id) {
    const answer = await get(`/tickets/${id}/suggested`).catch(() => null); // a help, not a need: nothing is shown
    if (answer && id === this.#ticket) this.#fill(answer.entries);
  }

  #fill(entries) {
    this.#entries = entries;
    panel.hidden = entries.length === 0;
    list.replaceChildren(...entries.map((entry, place) => this.#item(entry, place)));
  }

  #item(entry, place) {
    const item = element("li");
    const preview = element("details", { className: "preview" });
    const summary = element("summary");
    summary.append(element("span", { className: "percent", text: say("con_certeza", { n: entry.percent }) }), element("span", { text: entry.question }));
    const body = element("div", { className: "bubble" });
    body.innerHTML = entry.html; // made safe by the server
    if (entry.source) body.append(element("p", { className: "hint", text: say("fuente_de", { titulo: entry.source.title }) }));
    preview.append(summary, body);
    const insert = button(say("insertar"), say("insertar_esta", { pregunta: entry.question }), `Alt+${place + 1}`, () => this.onInsert(entry));
    const send = button(say("enviar_con_fuente"), say("enviar_esta", { pregunta: entry.question }), `Alt+Shift+${place + 1}`, () => this.onSend(entry));
    item.append(preview, insert, send);
    return item;
  }

  #key(event) {
    const place = /^Digit([1-3])$/.exec(event.code)?.[1];
    const entry = place && event.altKey && !event.ctrlKey && !event.metaKey && !panel.hidden ? this.#entries[place - 1] : null;
    if (!entry || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (event.shiftKey) this.onSend(entry);
    else this.onInsert(entry);
  }
}

function button(text, label, keys, act) {
  const made = element("button", { type: "button", className: "button small", text, "aria-label": label, title: keys, "aria-keyshortcuts": keys });
  made.addEventListener("click", act);
  return made;
}
