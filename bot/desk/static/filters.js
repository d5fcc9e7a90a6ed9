// Which conversations of the list are shown: by team, channel and reason. This person's own are always shown.

import { facts } from "./words.js";

const KEPT = `ventanilla.${facts.staff}.filters`;
const form = document.getElementById("filters");
const panel = form.closest("details");

export class Filters {
  #chosen = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

  /** `onChange()` when something else is to be shown. */
  constructor(onChange) {
    this.onChange = onChange;
    for (const [name, value] of Object.entries(this.#chosen)) if (form.elements[name]) form.elements[name].value = value;
    form.addEventListener("change", () => this.#changed());
    form.addEventListener("reset", () => setTimeout(() => this.#changed()));
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#mark();
  }

  shows(ticket) {
    return Boolean(ticket.owner?.me) || Object.entries(this.#chosen).every(([name, value]) => ticket[name] === value);
  }

  #changed() {
    this.#chosen = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    sessionStorage.setItem(KEPT, JSON.stringify(this.#chosen));
    this.#mark();
    this.onChange();
  }

  #mark() {
    panel.classList.toggle("active", Object.keys(this.#chosen).length > 0);
  }
}
