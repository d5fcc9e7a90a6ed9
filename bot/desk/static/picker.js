// What a reply that begins with "/" offers: saved replies by their shortcut, and the FAQ's entries by words.

import { get } from "./api.js";
import { element, facts, say } from "./words.js";

const REST_MS = 180;
const LEAST_LETTERS = 2;
const SAVED_SHOWN = 6;
const box = document.getElementById("text");
const list = document.getElementById("picker");
const keysHint = document.getElementById("picker-keys");

export class Picker {
  #saved = null;
  #ticket = null;
  #options = [];
  #chosen = 0;
  #asked = "";
  #timer = null;

  /** `onInsert(text)` and `onSend(entry)`. */
  constructor({ onInsert, onSend }) {
    this.onInsert = onInsert;
    this.onSend = onSend;
    box.addEventListener("input", () => this.#typed());
    box.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    box.addEventListener("blur", () => this.hide());
    box.addEventListener("focus", () => this.#typed());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  show(ticket) {
    if (ticket?.id !== this.#ticket?.id) this.hide();
    this.#ticket = ticket;
  }

  get open() {
    return !list.hidden;
  }

  hide() {
    clearTimeout(this.#timer);
    list.hidden = keysHint.hidden = true;
    this.#asked = "";
    box.removeAttribute("aria-activedescendant");
  }

  async #typed() {
    clearTimeout(this.#timer);
    const words = /^\/(\S[^\n]{0,80}|)$/.exec(box.value)?.[1];
    if (words === undefined) return this.hide();
    this.#asked = words;
    this.#saved ??= get("/canned").then(({ canned }) => canned).catch(() => (this.#saved = null));
    const saved = this.#matching((await this.#saved) ?? [], words);
    if (this.#asked !== words || document.activeElement !== box) return;
    this.#draw(saved, this.#options.filter((option) => option.entry));
    if (words.length < LEAST_LETTERS) return this.#draw(saved, []);
    this.#timer = setTimeout(() => this.#search(saved, words), REST_MS);
  }

  async #search(saved, words) {
    const answer = await get(`/entries?words=${encodeURIComponent(words)}`).catch(() => ({ entries: [] }));
    if (this.#asked === words) this.#draw(saved, answer.entries.map((entry) => ({ entry })));
  }

  /** Those of the ticket's team first, then those of all, then the other teams'; by shortcut before by words. */
  #matching(saved, words) {
    const wanted = fold(words);
    const team = this.#ticket?.team;
    return saved
      .map((one) => ({ saved: one, near: fold(one.shortcut).startsWith(wanted) ? 0 : fold(one.text).includes(wanted) ? 1 : 2, far: one.team === team ? 0 : one.team ? 2 : 1 }))
      .filter(({ near }) => near < 2)
      .sort((one, other) => one.near - other.near || one.far - other.far)
      .slice(0, SAVED_SHOWN);
  }

  #draw(saved, entries) {
    this.#options = [...saved, ...entries];
    this.#chosen = 0;
    list.replaceChildren(...group("guardadas", say("grupo_guardadas"), saved.map(savedOption)), ...group("fichas", say("grupo_fichas"), entries.map(entryOption)));
    if (!this.#options.length) list.append(element("div", { className: "nothing-so", role: "option", "aria-disabled": "true", text: say("nada_asi") }));
    list.querySelectorAll("[data-option]").forEach((option, place) => {
      option.id = `option-${place}`;
      option.dataset.option = place;
    });
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

  #key(event) {
    if (!this.open || event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && this.#options.length) {
      this.#chosen = (this.#chosen + steps[event.key] + this.#options.length) % this.#options.length;
      this.#mark();
    } else if (event.key === "Enter" && !event.shiftKey) {
      this.#choose(this.#chosen, event.ctrlKey || event.metaKey);
    } else if (event.key === "Escape") {
      this.hide();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #clicked(event) {
    const option = event.target.closest("[data-option]");
    if (option) this.#choose(Number(option.dataset.option), Boolean(event.target.closest("[data-send]")));
  }

  #choose(place, send) {
    const option = this.#options[place];
    if (!option) return;
    this.hide();
    if (option.entry && send) this.onSend(option.entry);
    else this.onInsert(option.entry ? option.entry.text : filled(option.saved.text, this.#ticket));
  }
}

/** A saved reply with what is known filled in; the citizen's name is not, and is left to be written. */
function filled(text, ticket) {
  const known = { agente: facts.me, equipo: ticket.team_words, ticket: ticket.id, nombre: say("por_nombre") };
  return text.replace(/\{(\w+)\}/g, (all, name) => known[name] ?? all);
}

function group(name, title, options) {
  if (!options.length) return [];
  const made = element("div", { role: "group", "aria-labelledby": `picker-${name}` });
  made.append(element("p", { className: "group-title", id: `picker-${name}`, text: title }), ...options);
  return [made];
}

function savedOption({ saved }) {
  const made = element("div", { role: "option", "data-option": "" });
  made.append(element("b", { text: `/${saved.shortcut}` }), element("span", { className: "brief", text: saved.text }));
  return made;
}

function entryOption({ entry }) {
  const made = element("div", { role: "option", "data-option": "" });
  made.append(element("b", { text: entry.question }), element("span", { className: "brief", text: entry.text }), element("span", { className: "send-it", "data-send": "", "aria-hidden": "true", text: say("enviar_con_fuente") }));
  return made;
}

function fold(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}
