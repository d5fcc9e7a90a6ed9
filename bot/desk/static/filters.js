/** Filters the list of tickets by team, channel and reason; the agent's own tickets are always shown. */

/** @import { Ticket } from "./shapes.js" */

import { button, byId, element, icon } from "./elements.js";
import { facts, say } from "./facts.js";

/** @typedef {Partial<Record<"team" | "channel" | "reason", string>>} Chosen */

const KEPT = `ventanilla.${facts.staff}.filters`;
const form = byId("filters", HTMLFormElement);
const panel = form.closest("details");
const chips = byId("chosen");

export class Filters {
  /** @type {Chosen} */
  #chosen = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

  /** @param {() => void} onChange Called when the filter has changed. */
  constructor(onChange) {
    this.onChange = onChange;
    for (const [name, value] of Object.entries(this.#chosen)) {
      const select = selectOf(name);
      if (select) select.value = value;
    }
    form.addEventListener("change", () => this.#changed());
    form.addEventListener("reset", () => setTimeout(() => this.#changed()));
    form.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("click", ({ target }) => panel && target instanceof Node && !panel.contains(target) && (panel.open = false));
    this.#mark();
  }

  /** Returns the chosen filters, for the request of the list. */
  get chosen() {
    return this.#chosen;
  }

  get active() {
    return Object.keys(this.#chosen).length > 0;
  }

  /** @param {Ticket} ticket */
  shows(ticket) {
    const { team, channel, reason } = ticket;
    /** @type {Record<string, string>} */
    const facets = { team, channel, reason };
    return Boolean(ticket.owner?.me) || Object.entries(this.#chosen).every(([name, value]) => facets[name] === value);
  }

  #changed() {
    this.#chosen = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    sessionStorage.setItem(KEPT, JSON.stringify(this.#chosen));
    this.#mark();
    this.onChange();
  }

  #mark() {
    panel?.classList.toggle("active", this.active);
    chips.hidden = !this.active;
    chips.replaceChildren(...Object.keys(this.#chosen).map((name) => this.#chip(name)));
  }

  /** @param {string} name */
  #chip(name) {
    const select = selectOf(name);
    const words = select?.selectedOptions[0]?.text ?? "";
    const off = button({ className: "filter-chip", text: words, "aria-label": say("quitar_filtro", { filtro: words }) }, () => this.#drop(select));
    off.append(icon("close"));
    const item = element("li");
    item.append(off);
    return item;
  }

  /** @param {HTMLSelectElement | null} select */
  #drop(select) {
    if (select) select.value = "";
    this.#changed();
    (chips.querySelector("button") ?? panel?.querySelector("summary"))?.focus();
  }
}

/** @param {string} name */
function selectOf(name) {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLSelectElement ? field : null;
}
