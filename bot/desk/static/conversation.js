// The open conversation: what this person may do with it now. The lines are feed.js, the reply box composer.js.

import { get, post } from "./api.js";
import { Actions } from "./actions.js";
import { announce } from "./alerts.js";
import { showCard } from "./card.js";
import { Composer } from "./composer.js";
import { confirmClose } from "./confirm.js";
import { Deliveries } from "./deliveries.js";
import { Feed } from "./feed.js";
import { keepDraft } from "./kept.js";
import { Outbox } from "./outbox.js";
import { Presence } from "./presence.js";
import { Picker } from "./picker.js";
import { sectionOf } from "./store.js";
import { Suggested } from "./suggested.js";
import { showWhy } from "./why.js";
import { isClosed, showWindow } from "./window.js";
import { say, waitingWords } from "./words.js";

const $ = (id) => document.getElementById(id);
const touch = matchMedia("(pointer: coarse)");

export class Conversation {
  #store;
  #ticket = null;
  #ended = "";

  /** `onTaken(id)` when this person took a ticket. */
  constructor(store, { onTaken }) {
    this.#store = store;
    this.onTaken = onTaken;
    this.outbox = new Outbox({ onSent: () => this.catchUp(), onState: (reply) => this.feed.showPending(reply) });
    this.feed = new Feed(this.outbox);
    this.presence = new Presence();
    const answers = { onInsert: ({ text }) => this.composer.insert(text), onSend: (entry) => this.#sendEntry(entry) };
    this.suggested = new Suggested(answers);
    this.picker = new Picker({ ...answers, onInsert: (text) => this.composer.insert(text) });
    this.composer = new Composer({ onSend: (text, file) => this.#send(text, { file }), onTyping: () => this.presence.tellTyping(), onDraft: () => store.dispatchEvent(new Event("change")) });
    this.deliveries = new Deliveries({ onAgain: (feedId) => this.#again(this.feed.ours(feedId)) });
    this.actions = new Actions(store, { onTaken, onRefused: (words) => (this.#refuse(words), announce(words)) });
    $("claim").addEventListener("click", () => this.claim());
    $("close").addEventListener("click", () => this.close());
    store.addEventListener("change", () => this.#storeChanged());
  }

  get id() {
    return this.feed.id;
  }

  /** Opens a ticket and loads its transcript; one that is over says so. */
  async open(id) {
    this.#ticket = this.#store.get(id) ?? null;
    this.#ended = "";
    this.#refuse("");
    $("nothing").hidden = true;
    $("open").hidden = false;
    this.#render();
    try {
      const mark = this.#store.mark();
      const ticket = await this.feed.open(id);
      if (ticket) this.#known(ticket, mark);
      this.deliveries.look();
    } catch (error) {
      if (this.id !== id) return;
      this.feed.fail(error.code === "ended" ? error.message : say("error_carga"));
      if (error.code === "ended") this.#ended = error.message;
    }
    if (this.id === id) this.#render();
  }

  /** Shows a conversation of the record, to be read; one with an open ticket is opened as such, by `onTicket(id)`. */
  async openPast(conversation, { stays, onTicket }) {
    this.shut();
    $("nothing").hidden = true;
    $("open").hidden = false;
    this.#ended = say("solo_lectura");
    this.#render();
    const past = await get(`/conversations/${conversation}`).catch((error) => ({ error }));
    if (!stays()) return;
    if (past.ticket) return onTicket(past.ticket);
    $("talk-meta").textContent = past.channel_words ?? "";
    if (past.error) this.feed.fail(past.error.message);
    else this.feed.showPast(past.events);
    $("talk-title").focus();
  }

  shut() {
    this.feed.shut();
    this.#ticket = null;
    this.composer.hide();
    this.suggested.show(null);
    this.picker.show(null);
    showWindow(null);
    this.actions.show(null);
    $("open").hidden = true;
    $("nothing").hidden = false;
  }

  /** Reads what was said while no live event could arrive, and who has the ticket now. */
  async catchUp() {
    const id = this.id;
    if (!id || this.#ended) return;
    try {
      const mark = this.#store.mark();
      const ticket = await this.feed.catchUp();
      if (ticket) this.#known(ticket, mark);
      if (this.id === id) this.presence.read(this.feed.read); // lines that came with this, perhaps after it was told that they were read
      this.deliveries.look();
    } catch (error) {
      if (error.code === "ended" && this.id === id) this.end(error.message);
    }
  }

  /** The ticket is over: everything stays readable, nothing can be sent. */
  end(words) {
    if (!this.id || this.#ended) return;
    this.#ended = words;
    this.#render();
  }

  async claim() {
    const ticket = this.#ticket;
    if (!ticket || $("take").hidden || $("claim").disabled) return;
    this.#refuse("");
    this.#taking(true);
    try {
      this.#store.put((await post(`/tickets/${ticket.id}/claim`)).ticket);
      this.onTaken(ticket.id);
      if (this.id === ticket.id) this.focus();
    } catch (error) {
      if (this.id === ticket.id) await this.#lost(error);
    } finally {
      this.#taking(false);
    }
  }

  /** Where work goes on: the reply box, the take button; the title on touch screens and where one can only read. */
  focus() {
    if (!$("reply").hidden && !touch.matches) this.composer.focus();
    else if (!$("take").hidden && !touch.matches) $("claim").focus();
    else $("talk-title").focus();
  }

  #send(text, carried) {
    this.feed.showPending(this.outbox.add(this.#ticket, text, carried));
    this.feed.toEnd();
  }

  /** Sends once more what the channel did not take. */
  #again(event) {
    this.feed.showPending(this.outbox.add(this.#ticket, event.text, { entry: event.provenance?.version ?? "" }));
    this.feed.toEnd();
  }

  #sendEntry({ text, version }) {
    if (isClosed(this.#ticket)) return this.composer.insert(text); // it goes out in the template: seen before it is sent
    this.feed.showPending(this.outbox.add(this.#ticket, text, { entry: version }));
    this.feed.toEnd();
    this.composer.clearSearch();
    this.composer.focus();
  }

  async close() {
    const ticket = this.#ticket;
    if ($("close").hidden || $("open").hidden) return;
    const said = await confirmClose(ticket, this.outbox, this.feed.answered);
    if (!said) return;
    try {
      await post(`/tickets/${ticket.id}/close`, said);
    } catch (error) {
      if (this.id === ticket.id) this.#refuse(error.message);
      return;
    }
    keepDraft(ticket.conversation, "");
    if (this.id === ticket.id) this.end(say("cerrada"));
    this.#store.remove(ticket.id);
    announce(say("cerrada"));
    $("talk-title").focus();
  }

  async #lost(error) {
    this.#refuse(error.code === "taken" ? say("ya_la_tiene", { nombre: error.owner }) : error.message);
    if (error.code === "ended") this.end(error.message);
    else await this.catchUp();
    $("talk-title").focus();
  }

  #known(ticket, mark) {
    this.#store.update(ticket, mark);
    this.#ticket = this.#store.get(ticket.id) ?? ticket;
  }

  #taking(busy) {
    $("claim").disabled = busy;
    $("claim").textContent = say(busy ? "tomando" : "tomar");
  }

  #refuse(words) {
    $("refusal").hidden = !words;
    $("refusal").textContent = words;
  }

  #storeChanged() {
    const now = this.#ticket && this.#store.get(this.#ticket.id);
    if (!now || now === this.#ticket) return;
    this.#ticket = now;
    this.#render();
  }

  #render() {
    const ticket = this.#ticket;
    const where = ticket && !this.#ended ? sectionOf(ticket) : "ended";
    $("talk-title").textContent = ticket?.reason_words ?? say("conversacion");
    $("talk-meta").textContent = ticket ? metaOf(ticket) : "";
    $("take-hint").hidden = !!ticket?.by_phone;
    $("call").hidden = where === "ended" || !ticket.by_phone;
    if (ticket) $("call-link").href = `/desk/llamadas#llamada-${ticket.id}`;
    showWindow(where === "ended" ? null : ticket);
    $("take").hidden = where !== "waiting";
    $("close").hidden = where !== "mine";
    this.actions.show(where === "ended" ? null : ticket);
    $("read-only").textContent = this.#ended || readOnlyWords(ticket);
    $("read-only").hidden = where === "waiting" || where === "mine" || !$("read-only").textContent;
    this.presence.show(ticket?.id ?? null, { mine: where === "mine", newest: this.feed.heard });
    this.presence.read(this.feed.read);
    this.suggested.show(where === "mine" ? ticket.id : null);
    this.picker.show(where === "mine" ? ticket : null);
    if (where === "mine") this.composer.show(ticket);
    else this.composer.hide();
    $("why").hidden = !ticket;
    this.deliveries.show(where === "mine" || where === "others" ? ticket : null);
    showCard(ticket);
    if (ticket) showWhy(ticket);
  }
}

function metaOf(ticket) {
  const paused = ticket.state === "snoozed" ? say("en_pausa_detalle") : "";
  const waits = ticket.owner ? "" : waitingWords(ticket.opened_at);
  return [ticket.channel_words, ticket.language, ticket.team_words, waits, paused].filter(Boolean).join(" · ");
}

function readOnlyWords(ticket) {
  return ticket?.owner ? `${say("la_tiene", { nombre: ticket.owner.name })}. ${say("la_tiene_detalle")}` : "";
}
