/** Runs the actions of the open conversation: snooze, wake, move, note, take over; and claims the next ticket. */

/** @import { Ticket } from "./shapes.js" */
/** @import { ApiError } from "./http.js" */
/** @import { Store } from "./store.js" */

import { announce } from "./alerts.js";
import { changeTicket, takeNext } from "./api.js";
import { answerOf, field } from "./dialogs.js";
import { allWithin, around, byId, holds, within } from "./elements.js";
import { facts, say } from "./facts.js";
import { failure } from "./http.js";
import { noteId, noteStored } from "./note_ids.js";
import { chosenPlace, loadPlaces } from "./places.js";
import { sectionOf } from "./store.js";
import { goesOn } from "./unanswered.js";

const menu = byId("more", HTMLDetailsElement);
const move = byId("move", HTMLDialogElement);
const nextRefusal = byId("next-refusal");

/** @typedef {{ mine: boolean, theirs: boolean, waits: boolean, ticket: Ticket }} Situation */

/**
 * Maps each action to the condition under which the menu offers it.
 * @type {Record<string, (situation: Situation) => boolean>}
 */
const OFFERED = {
  snooze: ({ mine, ticket }) => mine && ticket.state === "claimed",
  wake: ({ mine, ticket }) => mine && ticket.state === "snoozed",
  move: ({ mine, theirs, waits }) => mine || theirs || waits,
  "take-over": ({ theirs }) => theirs,
  note: () => true,
};

export class Actions {
  /** True while the next ticket is being claimed: its live event may arrive before the response. */
  taking = false;

  #store;

  /** @type {Ticket | null} */
  #ticket = null;

  /** The note of each ticket's last passing on, by ticket, until it is done: a refused one is not written twice. @type {Map<string, string>} */
  #unmoved = new Map();

  /**
   * @param {Store} store
   * @param {object} acts
   * @param {(id: string) => void} acts.onTaken Called when this agent got a ticket.
   * @param {() => void} acts.onNote Called when the agent wants to write a note.
   * @param {(words: string, id?: string) => void} acts.onRefused Called with the text to show when an action failed, and its ticket.
   */
  constructor(store, { onTaken, onNote, onRefused }) {
    this.#store = store;
    this.onNote = onNote;
    this.onTaken = onTaken;
    this.onRefused = onRefused;
    window.addEventListener("hashchange", () => refuseNext(""));
    const isCalm = () => nextRefusal.classList.contains("calm");
    store.addEventListener("change", () => isCalm() && store.section("waiting").length && refuseNext("")); // somebody waits now
    menu.addEventListener("click", (event) => this.#chosen(around(event, "[data-do]")?.dataset.do));
    document.addEventListener("click", (event) => holds(menu, event.target) || (menu.open = false));
    within(move, "[data-stay]").addEventListener("click", () => move.close(""));
    const go = within(move, '[value="go"]');
    move.addEventListener("keydown", (event) => event.key === "Enter" && event.ctrlKey && go.click());
  }

  /** @param {Ticket | null} ticket The open ticket; null if there is none or it is over. */
  show(ticket) {
    this.#ticket = ticket;
    menu.hidden = !ticket;
    if (!ticket) return;
    for (const link of allWithin(menu, "#ban")) link.setAttribute("href", `/desk/bloqueos?numero=${ticket.id}`);
    const section = sectionOf(ticket);
    const situation = {
      ticket,
      mine: section === "mine",
      theirs: facts.reassign && section === "others",
      waits: facts.reassign && section === "waiting",
    };
    for (const offer of allWithin(menu, "[data-do]")) offer.hidden = !OFFERED[offer.dataset.do ?? ""](situation);
  }

  /**
   * Runs a menu action by its name, if the menu offers it now; used by the keyboard shortcuts.
   * @param {string} name
   */
  do(name) {
    if (this.#ticket && !within(menu, `[data-do="${name}"]`).hidden) this.#chosen(name);
  }

  pauseOrGoOn() {
    this.do(this.#ticket?.state === "snoozed" ? "wake" : "snooze");
  }

  /** @param {() => void} onNone Called if none could be claimed: the words that say why are above the list. */
  async takeNext(onNone = () => {}) {
    if (this.taking) return;
    this.taking = true;
    refuseNext("");
    const { hash } = location;
    try {
      const { ticket } = await takeNext();
      if (!ticket) return this.#noNext(say("nadie_espera"), onNone, { calm: true });
      this.#store.put(ticket);
      if (location.hash === hash) this.onTaken(ticket.id); // else the agent has opened another one meanwhile
      else announce(say("tomada_la_siguiente", { n: ticket.id }));
    } catch (error) {
      this.#noNext(failure(error).message, onNone);
    } finally {
      this.taking = false;
    }
  }

  /**
   * @param {string} words
   * @param {() => void} onNone
   * @param {{ calm?: boolean }} [how]
   */
  #noNext(words, onNone, how) {
    const { hash } = location;
    const show = () => refuseNext(words, how);
    onNone();
    if (location.hash === hash) show();
    else window.addEventListener("hashchange", show, { once: true }); // which hides what was said before
  }

  /** @param {string | undefined} name */
  #chosen(name) {
    if (!name || !this.#ticket) return;
    menu.open = false;
    const { id } = this.#ticket;
    if (name === "move") this.#move(id);
    else if (name === "note") this.onNote();
    else if (name === "take-over") this.#change(id, "take-over", {}, { then: () => this.#ticket?.id === id && this.onTaken(id) });
    else if (name === "snooze") this.#snooze(id);
    else this.#change(id, name);
  }

  /**
   * Snoozes a ticket. Shows the citizen's unanswered messages first, and again if newer ones arrive.
   * @param {string} id
   * @param {string} over The newest such message that the agent saw.
   */
  #snooze(id, over = "") {
    const onRefused = async (/** @type {ApiError} */ { code, message, newest }) => {
      if (code !== "citizen_writes") this.onRefused(message, id);
      else if (await goesOn(message, { follows: say("pausa_detalle"), does: say("pausa_igual") })) this.#snooze(id, newest);
    };
    this.#change(id, "snooze", { over }, { onRefused });
  }

  /**
   * @param {string} id
   * @param {string} what
   * @param {object} body
   * @param {{ then?: () => void, onRefused?: (refused: ApiError) => void }} [acts]
   */
  async #change(id, what, body = {}, { then = () => {}, onRefused = ({ message }) => this.onRefused(message, id) } = {}) {
    const mark = this.#store.mark();
    try {
      const { ticket } = await changeTicket(id, what, body);
      if (ticket) this.#store.putUnlessNewer(ticket, mark);
      else if (ticket === null) this.#store.remove(id);
      then();
    } catch (error) {
      onRefused(failure(error));
    }
  }

  /**
   * Saves a note on the open ticket; returns whether it was saved.
   * @param {string} text
   * @param {Promise<string[]>} named Ids of the colleagues whom the note names.
   */
  async note(text, named) {
    if (!this.#ticket) return false;
    const { id } = this.#ticket;
    try {
      await changeTicket(id, "notes", { note_id: noteId(id, text), text, named: await named });
      noteStored(id);
      return true;
    } catch (error) {
      this.onRefused(failure(error).message, id);
      return false;
    }
  }

  /** @param {string} id */
  async #move(id) {
    const form = within(move, "form", HTMLFormElement);
    form.reset();
    field(form, "text").value = this.#unmoved.get(id) ?? "";
    if (!(await this.#loadPlaces(id))) return;
    if (this.#ticket?.id !== id || document.querySelector("dialog[open]")) return; // the agent went on meanwhile
    if ((await answerOf(move)) !== "go") return;
    const { what, body, text } = chosenPlace(form, id);
    this.#unmoved.set(id, text);
    const then = () => {
      this.#unmoved.delete(id);
      noteStored(id);
      announce(say("pasada"));
    };
    this.#change(id, what, body, { then });
  }

  /** @param {string} id */
  async #loadPlaces(id) {
    try {
      return await loadPlaces(byId("move-to", HTMLSelectElement));
    } catch (error) {
      this.onRefused(failure(error).message, id);
      return false;
    }
  }
}

/**
 * Shows, below the button, why the next ticket could not be claimed: no conversation need be open. "" hides it. `calm`
 * words are no error: nobody waits.
 * @param {string} words
 */
export function refuseNext(words, { calm = false } = {}) {
  nextRefusal.hidden = !words;
  nextRefusal.classList.toggle("calm", calm);
  nextRefusal.textContent = words;
}
