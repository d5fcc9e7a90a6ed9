/** Shows the open conversation and offers what this agent may do with it now. */

/** @import { FaqEntry, Ticket, TranscriptEvent } from "./shapes.js" */
/** @import { ApiError } from "./http.js" */
/** @import { Store } from "./store.js" */

import { Actions, refuseNext } from "./actions.js";
import { announce } from "./alerts.js";
import { claim } from "./api.js";
import { sendClose, confirmClose } from "./close_dialog.js";
import { ConversationHead } from "./conversation_head.js";
import { Deliveries } from "./deliveries.js";
import { byId } from "./elements.js";
import { EventLog } from "./event_log.js";
import { say } from "./facts.js";
import { failure } from "./http.js";
import { setOpen } from "./looking.js";
import { Outbox } from "./outbox.js";
import { offerReopening } from "./past.js";
import { listenToRemoving, showRemoving } from "./removing.js";
import { foldReason } from "./reason_panel.js";
import { ReplyArea } from "./reply_area.js";
import { isClosed } from "./reply_window.js";
import { Signals } from "./signals.js";
import { sectionOf } from "./store.js";
import { keepDraft } from "./tab_storage.js";

const touch = matchMedia("(pointer: coarse)");
const nothing = byId("nothing");
const open = byId("open");
const takePart = byId("take");
const claimButton = byId("claim", HTMLButtonElement);
const closeButton = byId("close");
const reply = byId("reply");
const refusal = byId("refusal");

/** @typedef {"ended" | "waiting" | "mine" | "others"} Where */

export class Conversation {
  #store;

  /** @type {Ticket | null} */
  #ticket = null;

  /** Why the conversation is read-only, as text; "" while it is not. */
  #ended = "";

  head = new ConversationHead();

  /**
   * @param {Store} store
   * @param {{ onTaken: (id: string) => void }} acts `onTaken` is called when this agent got a ticket.
   */
  constructor(store, { onTaken }) {
    this.#store = store;
    this.onTaken = onTaken;
    this.outbox = new Outbox({ onSent: () => this.catchUp(), onState: (pending) => this.log.showPending(pending) });
    this.log = new EventLog(this.outbox);
    this.signals = new Signals();
    this.area = new ReplyArea({
      onSendEntry: (entry) => this.#sendEntry(entry),
      onSend: (text, file) => this.#send(text, { file }),
      onNote: (text, named) => this.actions.note(text, named),
      onTyping: () => this.signals.tellTyping(),
      onDraft: () => store.dispatchEvent(new Event("change")),
    });
    this.deliveries = new Deliveries({ onAgain: (eventId) => this.#sendAgain(this.log.ours(eventId)) });
    this.actions = new Actions(store, { onTaken, onNote: () => this.#startNote(), onRefused: (words, id) => this.#announceRefusal(words, id) });
    listenToRemoving({ ticket: () => this.#ticket?.id, onRefused: (words, id) => this.#announceRefusal(words, id), onDone: (id) => this.id === id && this.head.focus() });
    claimButton.addEventListener("click", () => this.claim());
    closeButton.addEventListener("click", () => this.close());
    store.addEventListener("change", () => this.#storeChanged());
  }

  get id() {
    return this.log.id;
  }

  /**
   * Opens a ticket and loads its transcript; if the ticket is over, shows that instead.
   * @param {string} id
   */
  async open(id) {
    this.#ticket = this.#store.get(id) ?? null;
    this.#ended = "";
    this.area.begin();
    this.#refuse("");
    this.#show();
    try {
      const mark = this.#store.mark();
      const ticket = await this.log.open(id);
      if (ticket) this.#known(ticket, mark);
      this.deliveries.look();
    } catch (error) {
      if (this.id === id) this.#loadFailed(failure(error));
    }
    if (this.id === id) this.#render();
  }

  /** Begins to show a recorded conversation, read-only. */
  beginPast() {
    this.shut();
    this.#ended = say("solo_lectura");
    this.#show();
  }

  shut() {
    this.log.shut();
    this.#ticket = null;
    this.area.hide();
    this.head.hideWindow();
    this.actions.show(null);
    setOpen(null);
    open.hidden = true;
    nothing.hidden = false;
  }

  /** Loads the messages and ticket changes that were missed while the live stream was down. */
  async catchUp() {
    const id = this.id;
    if (!id || this.#ended) return;
    try {
      const mark = this.#store.mark();
      const ticket = await this.log.catchUp();
      if (ticket) this.#known(ticket, mark);
      if (this.id === id) this.signals.read(this.log.read); // for messages that were loaded only now
      this.deliveries.look();
    } catch (error) {
      const { code, message } = failure(error);
      if (code !== "ended" || this.id !== id) return;
      if (!this.#ticket || this.log.hasUnsent) this.end(message, { hidden: true });
      else location.replace(`#/c/${this.#ticket.conversation}`); // what this agent may read of it
    }
  }

  /**
   * Makes the conversation read-only, because the ticket is over; `hidden`: this agent may no longer read it.
   * @param {string} words
   */
  end(words, { hidden = false } = {}) {
    if (!this.id || this.#ended) return;
    this.#ended = words;
    if (hidden) this.log.empty();
    if (hidden) this.#ticket = null;
    this.#render();
  }

  async claim() {
    const ticket = this.#ticket;
    if (!ticket || takePart.hidden || claimButton.disabled) return;
    this.#refuse("");
    this.#taking(true);
    try {
      const { ticket: taken } = await claim(ticket.id);
      if (taken) this.#store.put(taken);
      if (this.id !== ticket.id) return; // the agent went on meanwhile
      foldReason();
      this.onTaken(ticket.id);
      this.focus();
    } catch (error) {
      if (this.id === ticket.id) await this.#lost(failure(error));
    } finally {
      this.#taking(false);
    }
  }

  async close() {
    const ticket = this.#ticket;
    if (!ticket || closeButton.hidden || open.hidden) return;
    const said = await confirmClose(ticket, this.outbox, this.log.exchange);
    if (!said) return;
    const here = (/** @type {() => void} */ act) => void (this.id === ticket.id && act()); // else the agent went on
    try {
      if (!(await sendClose(ticket.id, said))) return here(() => this.focus());
    } catch (error) {
      return this.#announceRefusal(failure(error).message, ticket.id);
    }
    keepDraft(ticket.conversation, "");
    here(() => this.end(say("cerrada")));
    this.#store.remove(ticket.id);
    announce(say("cerrada"));
    here(() => offerReopening(ticket.conversation, { stays: () => this.id === ticket.id, onReopened: this.onTaken }));
    here(() => this.head.focus());
  }

  /** Focuses the reply box or the claim button; on touch screens and in read-only conversations, the title. */
  focus() {
    if (!reply.hidden && !touch.matches) this.area.composer.focus();
    else if (!takePart.hidden && !touch.matches) claimButton.focus();
    else this.head.focus();
  }

  /**
   * @param {string} text
   * @param {{ entry?: string, file?: File }} attached
   */
  #send(text, attached) {
    if (!this.#ticket) return;
    this.log.showPending(this.outbox.add(this.#ticket, text, attached));
    this.log.toEnd();
  }

  /**
   * Sends again a message that the channel did not deliver.
   * @param {TranscriptEvent | undefined} event
   */
  #sendAgain(event) {
    if (event) this.#send(event.text, { entry: event.provenance?.version ?? "" });
  }

  #startNote() {
    if (this.#ticket) this.area.startNote(this.#ticket, { mine: sectionOf(this.#ticket) === "mine" });
  }

  /** @param {FaqEntry} entry */
  #sendEntry({ text, version }) {
    const { composer } = this.area;
    if (isClosed(this.#ticket)) return composer.insert(text); // sent in the template, so the agent checks it first
    this.#send(text, { entry: version });
    composer.clearSearch();
    composer.focus();
  }

  /** @param {ApiError} error */
  async #lost(error) {
    this.#refuse(error.code === "taken" ? say("ya_la_tiene", { nombre: error.owner }) : error.message);
    const { id } = this;
    if (error.code === "ended") this.end(error.message);
    else await this.catchUp();
    if (this.id === id) this.head.focus();
  }

  /** @param {ApiError} error */
  #loadFailed({ code, message }) {
    this.log.fail(code === "ended" ? message : say("error_carga"));
    if (code === "ended") this.#ended = message;
  }

  /**
   * @param {Ticket} ticket
   * @param {number} mark
   */
  #known(ticket, mark) {
    this.#store.update(ticket, mark);
    this.#ticket = this.#store.get(ticket.id) ?? ticket;
  }

  /** @param {boolean} busy */
  #taking(busy) {
    claimButton.disabled = busy;
    claimButton.textContent = say(busy ? "tomando" : "tomar");
  }

  /** @param {string} words */
  #refuse(words) {
    refusal.hidden = !words;
    refusal.textContent = words;
  }

  /**
   * Shows a refusal; if its ticket is no longer the open one, names it.
   * @param {string} words
   * @param {string | null} [id]
   */
  #announceRefusal(words, id = this.id) {
    const shown = id === this.id ? words : say("en_otra", { n: id ?? "", mensaje: words });
    if (this.id) this.#refuse(shown);
    else refuseNext(shown);
    announce(shown);
  }

  #storeChanged() {
    const now = this.#ticket && this.#store.get(this.#ticket.id);
    if (!now || now === this.#ticket) return;
    this.#ticket = now;
    this.#render();
  }

  #show() {
    nothing.hidden = true;
    open.hidden = false;
    this.#render();
  }

  #render() {
    const ticket = this.#ticket;
    const where = ticket && !this.#ended ? sectionOf(ticket) : "ended";
    takePart.hidden = where !== "waiting";
    closeButton.hidden = where !== "mine";
    showRemoving(where === "mine");
    this.head.show(ticket, { where, ended: this.#ended, isPast: !this.id });
    setOpen(where === "ended" ? null : ticket);
    this.actions.show(where === "ended" ? null : ticket);
    this.signals.show(ticket?.id ?? null, { mine: where === "mine", newest: this.log.heard });
    this.signals.read(this.log.read);
    this.area.show(where === "ended" ? null : ticket, { mine: where === "mine" });
    this.deliveries.show(where === "mine" || where === "others" ? ticket : null);
  }
}
