/** Offers colleagues when "@" is typed in a note, and finds whom a note names. */

/** @import { NamedColleague, Ticket } from "./shapes.js" */

import { loadColleagues } from "./api.js";
import { around, byId, element } from "./elements.js";
import { mentioned } from "./mentions.js";
import { fold } from "./picker_options.js";

const TYPED = /(^|\s)@([^\s@]{0,30}(?: [^\s@]{1,30})?)$/;
const SHOWN = 6;

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const box = byId("text", HTMLTextAreaElement);
const list = byId("naming");

export class Naming {
  /** @type {NamedColleague[]} */
  #colleagues = [];

  /** @type {string | null} */
  #ticket = null;

  /** @type {NamedColleague[]} */
  #offered = [];

  #chosen = 0;

  /** @param {() => boolean} isNoting */
  constructor(isNoting) {
    this.isNoting = isNoting;
    box.addEventListener("input", () => this.#typed());
    box.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    box.addEventListener("blur", () => this.hide());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the text box
    list.addEventListener("click", (event) => this.#choose(Number(around(event, "[data-option]")?.dataset.option ?? -1)));
  }

  /** @param {Ticket} ticket */
  show({ id }) {
    if (id === this.#ticket) return;
    this.#ticket = id;
    this.#colleagues = [];
    this.hide();
  }

  hide() {
    list.hidden = true;
    this.#offered = [];
    if (this.isNoting()) box.removeAttribute("aria-activedescendant");
  }

  /**
   * Returns the ids of the colleagues whom a note names, also a note that was written before the page was loaded. Throws
   * if the colleagues cannot be loaded.
   * @param {string} text
   */
  async namedIn(text) {
    return text.includes("@") ? mentioned(text, await this.#load()) : [];
  }

  async #typed() {
    if (this.#wanted === undefined) return this.hide();
    const colleagues = await this.#load().catch(() => []); // while writing, the names are a help and no more
    const wanted = this.#wanted; // more may be typed, or another conversation open, by now
    if (wanted === undefined || document.activeElement !== box) return this.hide();
    this.#offered = colleagues.filter(({ name }) => fold(name).includes(wanted)).slice(0, SHOWN);
    this.#chosen = 0;
    this.#draw();
  }

  /** Returns the folded start of the name that is being typed; undefined if none is. */
  get #wanted() {
    const typed = this.isNoting() ? TYPED.exec(box.value.slice(0, box.selectionStart))?.[2] : undefined;
    return typed === undefined ? undefined : fold(typed);
  }

  async #load() {
    const ticket = this.#ticket;
    if (this.#colleagues.length || !ticket) return this.#colleagues;
    const { colleagues } = await loadColleagues(ticket);
    if (ticket === this.#ticket) this.#colleagues = colleagues;
    return colleagues;
  }

  #draw() {
    list.hidden = !this.#offered.length;
    list.replaceChildren(...this.#offered.map(({ name }, place) => option(name, place, place === this.#chosen)));
    if (list.hidden) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `naming-${this.#chosen}`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (list.hidden || event.isComposing) return;
    if (event.key in STEPS) {
      this.#chosen = (this.#chosen + STEPS[event.key] + this.#offered.length) % this.#offered.length;
      this.#draw();
    } else if (event.key === "Enter" || event.key === "Tab") this.#choose(this.#chosen);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {number} place */
  #choose(place) {
    const colleague = this.#offered[place];
    if (!colleague) return;
    const end = box.selectionStart;
    const start = box.value.slice(0, end).lastIndexOf("@");
    box.setRangeText(`@${colleague.name} `, start, end, "end");
    this.hide();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/**
 * @param {string} name
 * @param {number} place
 * @param {boolean} chosen
 */
function option(name, place, chosen) {
  const made = element("div", { role: "option", id: `naming-${place}`, "data-option": place, "aria-selected": String(chosen) });
  made.append(element("b", { text: name }));
  return made;
}
