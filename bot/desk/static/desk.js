/** Runs the desk's page: connects the list, the open conversation and the live stream. The URL's hash names what is open. */

/** @import { Handlers } from "./live.js" */
/** @import { LiveEvents, Ticket } from "./shapes.js" */

import { startsAnew } from "./account.js";
import { refuseNext } from "./actions.js";
import { alertTo, announce, arrived, setTitle } from "./alerts.js";
import { loadBoard } from "./api.js";
import { Board } from "./board.js";
import { Conversation } from "./conversation.js";
import { newDanger } from "./danger.js";
import "./day_figures.js";
import { byId, within } from "./elements.js";
import { facts, say } from "./facts.js";
import { readSoon } from "./emergencies.js";
import { failure } from "./http.js";
import { listenToKeys } from "./keys.js";
import { Live } from "./live.js";
import { looks } from "./looking.js";
import { showProblems } from "./problems.js";
import { notify } from "./notification.js";
import { openPast } from "./past.js";
import { Proposals } from "./proposals.js";
import { focusSearch } from "./search.js";
import { sessionIsBack, watchSession } from "./session.js";
import { Store, waitsForMe } from "./store.js";
import { dropNoticesOf, showComplaint, showNotices } from "./staff_notices.js";
import { setServerTime } from "./times.js";

const OFFLINE_SHOWN_AFTER_MS = 2500;
const LOAD_AGAIN_MS = 3000;
const SHORT_WORDS = 120;
const narrow = matchMedia("(max-width: 48rem)");
const linkState = byId("link-state");
const offline = byId("offline");
const store = new Store();
const board = new Board(store, { onOpen: (id) => open(id), onMore: () => load(), onMoved: readSoon });
const conversation = new Conversation(store, { onTaken: taken });
const proposals = new Proposals({ onTaken: attend });

/** @type {ReturnType<typeof setTimeout> | undefined} */
let offlineTimer;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let loadTimer;

let loads = 0;
let newest = 0; // the load whose list is shown

/** @type {Promise<void> | null} The load that fills up the first tickets of the queue. */
let thin = null;

/** Returns the ticket in the URL, #/t/<ticket>, or null. */
function openedTicket() {
  return /^#\/t\/(\d+)$/.exec(location.hash)?.[1] ?? null;
}

/** Returns the recorded conversation in the URL, #/c/<conversation> or #/c/<conversation>/<event>, or null. */
function openedPast() {
  return /^#\/c\/([\w-]+)(\/[\d-]+)?$/.exec(location.hash)?.[1] ?? null;
}

/** @param {string} id */
function open(id) {
  if (openedTicket() === id) conversation.focus();
  else location.hash = `#/t/${id}`;
}

/** @param {string} id */
function taken(id) {
  board.reveal(id);
  open(id);
}

/**
 * Opens the ticket that was created when this agent took over a pending approval.
 * @param {string} name The conversation's id.
 */
async function attend(name) {
  await load({ attending: name });
  const ticket = store.section("mine").find((one) => one.conversation === name);
  if (ticket) taken(ticket.id);
}

function back() {
  const id = conversation.id;
  if (narrow.matches) location.hash = "";
  if (id && store.get(id)) board.focusRow(id);
  else board.move(1);
}

async function route() {
  const id = openedTicket();
  const past = openedPast();
  document.body.dataset.view = id || past ? "talk" : "list";
  board.setCurrent(id);
  const hash = location.hash;
  if (past) return openPast(conversation, past, { stays: () => location.hash === hash, onTicket: open, onReopened: taken });
  if (!id) return conversation.shut();
  const before = document.activeElement;
  await conversation.open(id);
  if (openedTicket() !== id) return;
  if (document.activeElement === before || !isWriting()) conversation.focus();
  dropNoticesOf(id);
}

/** Returns whether somebody writes in a field, which must keep the focus. */
function isWriting() {
  return Boolean(document.activeElement?.matches("input, textarea, select"));
}

/**
 * Loads the list; null if it did not come, or if a list that was asked for later is shown by now.
 * @param {typeof board.wanted} wanted
 */
async function newestList(wanted) {
  const asked = (loads += 1);
  const list = await loadBoard(wanted).catch(loadLater);
  if (!list || asked < newest) return null;
  newest = asked;
  return list;
}

/**
 * Loads the list, and alerts the agent to new tickets in it.
 * @param {object} options
 * @param {string} [options.attending] Conversation that this agent has just taken over, which is no news.
 * @returns {Promise<void>}
 */
async function load({ attending = "" } = {}) {
  const mark = store.mark();
  const { wanted } = board;
  const list = await newestList(wanted);
  if (!list) return;
  if (JSON.stringify(wanted) !== JSON.stringify(board.wanted)) return load({ attending }); // the filters have changed meanwhile
  if (startsAnew(list, conversation.outbox)) return;
  facts.csrf = list.csrf;
  sessionIsBack();
  setServerTime(list.now);
  const { fresh, replaced } = store.load(list, mark);
  fresh.forEach((ticket) => board.flash(ticket.id));
  if (fresh.length) arrived(fresh[0]);
  const changes = replaced.filter(({ ticket }) => ticket.conversation !== attending);
  changes.forEach(({ ticket, before }) => changed(ticket, "", before));
  showProblems(list.problems);
  const id = conversation.id;
  if (id && !store.get(id) && !store.isBehind(id)) conversation.catchUp(); // it has ended, moved, or does not fit the filters
  readSoon();
}

/**
 * Loads the list again after a passing error, unless the stream is down, which loads it once it is back. A 401 opens the
 * sign-in dialog.
 * @param {unknown} error
 */
function loadLater(error) {
  clearTimeout(loadTimer);
  const again = () => linkState.dataset.state === "connected" && load();
  if (failure(error).passing) loadTimer = setTimeout(again, LOAD_AGAIN_MS);
  return null;
}

/** @type {Handlers} */
const on = {
  async ready() {
    await load();
    proposals.load();
    await conversation.catchUp();
    conversation.outbox.flush();
  },
  ticket: ticketChanged,
  message: messageArrived,
  proposal: (change) => proposals.changed(change),
  notices: showNotices,
  complaint: ({ number }) => showComplaint(number),
  looking: looks,
  typing: ({ ticket }) => ticket === conversation.id && conversation.signals.typing(),
  read: ({ ticket, event_id: eventId }) => ticket === conversation.id && conversation.signals.read(eventId),
  problems: showProblems,
  signed_out: () => window.dispatchEvent(new Event("signed-out")),
  refused: load,
};

/** @param {LiveEvents["ticket"]} change */
function ticketChanged({ id, change, by, ticket }) {
  const known = store.get(id);
  if ((ticket ?? known)?.priority === "emergency") readSoon();
  if (!ticket) return gone(id, change, by);
  store.put(ticket);
  if (change !== "ticket_opened") changed(ticket, change, known);
  else if (!known) opened(ticket);
}

/**
 * @param {Ticket} ticket
 * @param {string} change
 * @param {Ticket | undefined} known The ticket before the change.
 */
function changed(ticket, change, known) {
  if (ticket.owner?.me && !known?.owner?.me) given(ticket);
  const danger = newDanger(ticket, known);
  if (danger) alertOfDanger(ticket, danger);
  else if (change === "ticket_raised") announce(say("nueva_espera", { motivo: ticket.reason_words }));
}

/** @param {Ticket} ticket */
function opened(ticket) {
  board.flash(ticket.id);
  arrived(ticket);
}

/**
 * Alerts the agent to a danger that a citizen described.
 * @param {Ticket} ticket
 * @param {string} words
 */
function alertOfDanger({ id, danger }, words) {
  board.flash(id);
  alertTo(id, words, { urgent: Boolean(danger?.sure) });
}

/**
 * Alerts the agent to a ticket that they got without claiming it: auto-assigned, or moved to them (a notice says by whom).
 * @param {Ticket} ticket
 */
function given(ticket) {
  if (conversation.id === ticket.id || conversation.actions.taking) return;
  board.flash(ticket.id);
  alertTo(ticket.id, say("te_dieron", { motivo: ticket.reason_words }));
}

/**
 * @param {string} id
 * @param {string} change
 * @param {string} by
 */
function gone(id, change, by) {
  if (change === "ticket_returned" && conversation.id === id) conversation.end(say("paso_a_otro_equipo"), { hidden: true });
  const closed = by === facts.me ? say("cerrada") : say("cerrada_por", { nombre: by });
  if (conversation.id === id) conversation.end(change === "ticket_cancelled" ? say("volvio") : closed);
  store.remove(id);
}

/** @param {LiveEvents["message"]} said */
function messageArrived({ ticket, event }) {
  store.said(ticket, event);
  conversation.log.said(ticket, event);
  if (ticket === conversation.id) return messageArrivedHere(event);
  if (!store.get(ticket)?.owner?.me || event.author !== "citizen") return;
  announce(say("nuevo_mensaje", { texto: event.text.slice(0, SHORT_WORDS) }));
  notify(say("mensaje_de_mis_chats"), ticket);
}

/** @param {LiveEvents["message"]["event"]} event */
function messageArrivedHere(event) {
  conversation.signals.said(event);
  conversation.area.suggestions.said(event);
  if (event.kind === "delivery") conversation.deliveries.look();
}

/** @param {"connected" | "connecting"} state */
function showLink(state) {
  const connected = state === "connected";
  linkState.dataset.state = state;
  within(linkState, "[data-words]").textContent = say(connected ? "conectado" : "conectando");
  clearTimeout(offlineTimer);
  if (connected) refuseNext("");
  if (connected) offline.hidden = true;
  else offlineTimer = setTimeout(() => (offline.hidden = false), OFFLINE_SHOWN_AFTER_MS);
}

store.addEventListener("change", () => setTitle(store.section("mine").filter(waitsForMe).length));
store.addEventListener("thin", () => (thin ??= load().finally(() => (thin = null))));
byId("next").addEventListener("click", () => conversation.actions.takeNext());
byId("next-here").addEventListener("click", () => conversation.actions.takeNext(back));
byId("back").addEventListener("click", back);
window.addEventListener("hashchange", route);
const live = new Live(on, showLink);
window.addEventListener("signed-out", () => live.stop());
listenToKeys({
  move: (step) => board.move(step),
  claim: () => conversation.claim(),
  search: focusSearch,
  update: () => board.applyChanges(),
  next: () => conversation.actions.takeNext(),
  pause: () => conversation.actions.pauseOrGoOn(),
  close: () => conversation.close(),
  does: (name) => conversation.actions.do(name),
  reply: () => conversation.area.composer.focus(),
  back,
});
watchSession(load);
live.start(); // first: on a busy server the list may take long
await load();
await route();
