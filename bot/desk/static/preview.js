// After WhatsApp's window: the reply as it will go out, inside the approved template, while it is being written.

import { post } from "./api.js";
import { isClosed } from "./window.js";
import { element } from "./words.js";

const REST_MS = 350;
const BOLD = /\*([^*\n]+)\*/;
const panel = document.getElementById("preview");
const title = document.getElementById("preview-title");
const words = panel.querySelector(".bubble");
const problem = panel.querySelector(".refusal");

export class Preview {
  #ticket = null;
  #asked = "";
  #timer = null;

  /** The open ticket, and the reply as far as it is written. */
  show(ticket, text) {
    if (ticket.id !== this.#ticket?.id) this.#fill({});
    this.#ticket = ticket;
    this.typed(text);
  }

  typed(text) {
    const wanted = this.#ticket?.window?.previews && isClosed(this.#ticket) ? text.trim() : "";
    if (wanted === this.#asked) return;
    clearTimeout(this.#timer);
    this.#asked = wanted;
    if (wanted) this.#timer = setTimeout(() => this.#ask(this.#ticket.id, wanted), REST_MS);
    else this.#fill({});
  }

  async #ask(id, text) {
    const answer = await post(`/tickets/${id}/preview`, { text }).catch(() => ({})); // a help, not a need
    if (id === this.#ticket?.id && text === this.#asked) this.#fill(answer);
  }

  #fill(answer) {
    panel.hidden = !answer.text && !answer.problem;
    words.replaceChildren(...asRead(answer.text ?? ""));
    title.hidden = words.hidden = !answer.text;
    problem.textContent = answer.problem ?? "";
    problem.hidden = !answer.problem;
  }
}

/** WhatsApp's bold as people read it. */
function asRead(text) {
  return text.split(BOLD).map((part, place) => (place % 2 ? element("b", { text: part }) : part));
}
