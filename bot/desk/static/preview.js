/** Previews a reply inside the approved template, which WhatsApp requires once its 24-hour window is closed. */

/** @import { PreviewAnswer, Ticket } from "./shapes.js" */

import { preview } from "./api.js";
import { byId, element, within } from "./elements.js";
import { isClosed } from "./reply_window.js";

const REST_MS = 350;
const BOLD = /\*([^*\n]+)\*/;
const panel = byId("preview");
const title = byId("preview-title");
const words = within(panel, ".bubble");
const problem = within(panel, ".refusal");

export class Preview {
  /** @type {Ticket | null} */
  #ticket = null;

  #asked = "";

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * Sets the open ticket and the current draft.
   * @param {Ticket} ticket
   * @param {string} text
   */
  show(ticket, text) {
    if (ticket.id !== this.#ticket?.id) this.#fill({});
    this.#ticket = ticket;
    this.typed(text);
  }

  /** @param {string} text */
  typed(text) {
    const ticket = this.#ticket;
    const wanted = ticket?.window?.previews && isClosed(ticket) ? text.trim() : "";
    if (wanted === this.#asked) return;
    clearTimeout(this.#timer);
    this.#asked = wanted;
    if (wanted && ticket) this.#timer = setTimeout(() => this.#ask(ticket.id, wanted), REST_MS);
    else this.#fill({});
  }

  /**
   * @param {string} id
   * @param {string} text
   */
  async #ask(id, text) {
    const answer = await preview(id, text).catch(() => ({})); // optional: no preview is shown
    if (id === this.#ticket?.id && text === this.#asked) this.#fill(answer);
  }

  /** @param {Partial<PreviewAnswer>} answer */
  #fill(answer) {
    panel.hidden = !answer.text && !answer.problem;
    words.replaceChildren(...asRead(answer.text ?? ""));
    title.hidden = words.hidden = !answer.text;
    problem.textContent = answer.problem ?? "";
    problem.hidden = !answer.problem;
  }
}

/**
 * Renders WhatsApp's *bold* as bold text.
 * @param {string} text
 */
function asRead(text) {
  return text.split(BOLD).map((part, place) => (place % 2 ? element("b", { text: part }) : part));
}
