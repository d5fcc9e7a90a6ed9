// The desk's page: joins the list, the open conversation and the live stream. The address says what is open: #/t/<ticket>.

import { get } from "./api.js";
import { announce, arrived, notify, setTitle } from "./alerts.js";
import { Board } from "./board.js";
import { Conversation } from "./conversation.js";
import { listenToKeys } from "./keys.js";
import { Live } from "./live.js";
import "./day.js";
import { focusSearch } from "./search.js";
import { showProblems } from "./problems.js";
import { Proposals } from "./proposals.js";
import { sessionIsBack, watchSession } from "./session.js";
import { Store } from "./store.js";
import { facts, say, setServerTime } from "./words.js";

const OFFLINE_SHOWN_AFTER_MS = 2500;
const SHORT_WORDS = 120;
const narrow = matchMedia("(max-width: 48rem)");
const linkState = document.getElementById("link-state");
const offline = document.getElementById("offline");
const store = new Store();
const board = new Board(store, (id) => open(id));
const conversation = new Conversation(store, { onTaken: taken });
const proposals = new Proposals({ onTaken: attend });
let offlineTimer = null;

function opened() {
  return /^#\/t\/(\d+)$/.exec(location.hash)?.[1] ?? null;
}

function openedPast() {
  return /^#\/c\/([\w-]+)$/.exec(location.hash)?.[1] ?? null;
}

function open(id) {
  if (opened() === id) conversation.focus();
  else location.hash = `#/t/${id}`;
}

function taken(id) {
  board.reveal(id);
  open(id);
}

/** Opens the ticket that was made when this person chose to attend the citizen of a proposal. */
async function attend(conversation) {
  await load();
  const ticket = store.section("mine").find((one) => one.conversation === conversation);
  if (ticket) taken(ticket.id);
}

function back() {
  const id = conversation.id;
  if (narrow.matches) location.hash = "";
  if (id && store.get(id)) board.focusRow(id);
  else board.move(1);
}

async function route() {
  const id = opened();
  const past = openedPast();
  document.body.dataset.view = id || past ? "talk" : "list";
  board.setCurrent(id);
  if (past) return conversation.openPast(past, { stays: () => openedPast() === past, onTicket: open });
  if (!id) return conversation.shut();
  await conversation.open(id);
  if (opened() === id) conversation.focus();
}

async function load() {
  const mark = store.mark();
  const list = await get("/tickets").catch(() => null); // 401 opens the dialog, the rest is tried again by the stream
  if (!list) return;
  if (list.staff !== facts.staff) return location.reload(); // somebody else signed in, in another tab
  facts.csrf = list.csrf;
  sessionIsBack();
  setServerTime(list.now);
  const fresh = store.load(list, mark);
  fresh.forEach((ticket) => board.flash(ticket.id));
  if (fresh.length) arrived(fresh[0]);
  showProblems(list.problems);
  const id = conversation.id;
  if (id && !store.get(id)) conversation.end(say("termino"));
}

const on = {
  async ready() {
    await load();
    proposals.load();
    await conversation.catchUp();
    conversation.outbox.flush();
  },
  ticket({ id, change, by, ticket }) {
    const known = store.get(id);
    if (ticket) store.put(ticket);
    else gone(id, change, by);
    if (change === "ticket_opened" && ticket && !known) {
      board.flash(id);
      arrived(ticket);
    }
    if (ticket?.owner?.me && !known?.owner?.me && change !== "ticket_opened") given(ticket);
    if (change === "ticket_raised" && ticket) announce(say("nueva_espera", { motivo: ticket.reason_words }));
  },
  message({ ticket, event }) {
    store.said(ticket, event);
    conversation.feed.said(ticket, event);
    if (ticket === conversation.id) {
      conversation.presence.said(event);
      conversation.suggested.said(event);
      if (event.kind === "delivery") conversation.deliveries.look();
    }
    const mine = store.get(ticket)?.owner?.me;
    if (mine && event.author === "citizen" && ticket !== conversation.id) {
      announce(say("nuevo_mensaje", { texto: event.text.slice(0, SHORT_WORDS) }));
      notify(say("mensaje_de_mis_chats"), ticket);
    }
  },
  proposal: (change) => proposals.changed(change),
  typing: ({ ticket }) => ticket === conversation.id && conversation.presence.typing(),
  read: ({ ticket, event_id }) => ticket === conversation.id && conversation.presence.read(event_id),
  problems: showProblems,
  signed_out: () => window.dispatchEvent(new Event("signed-out")),
  refused: load,
};

/** A conversation came to this person without being asked for: given by somebody, or by the desk itself. */
function given(ticket) {
  if (conversation.id === ticket.id || conversation.actions.taking) return;
  board.flash(ticket.id);
  arrived(ticket, say("te_dieron", { motivo: ticket.reason_words }));
}

function gone(id, change, by) {
  if (change === "ticket_returned" && conversation.id === id) conversation.end(say("paso_a_otro_equipo"));
  const closed = by === facts.me ? say("cerrada") : say("cerrada_por", { nombre: by });
  if (conversation.id === id) conversation.end(change === "ticket_cancelled" ? say("volvio") : closed);
  store.remove(id);
}

function showLink(state) {
  linkState.dataset.state = state;
  linkState.querySelector("[data-words]").textContent = say(state === "connected" ? "conectado" : "conectando");
  clearTimeout(offlineTimer);
  if (state === "connected") offline.hidden = true;
  else offlineTimer = setTimeout(() => (offline.hidden = false), OFFLINE_SHOWN_AFTER_MS);
}

store.addEventListener("change", () => setTitle(store.section("waiting").length));
document.getElementById("next").addEventListener("click", () => conversation.actions.takeNext());
document.getElementById("back").addEventListener("click", back);
window.addEventListener("hashchange", route);
const live = new Live(on, showLink);
window.addEventListener("signed-out", () => live.stop());
window.addEventListener("signed-in", () => live.start());
listenToKeys({
  move: (step) => board.move(step),
  claim: () => conversation.claim(),
  search: focusSearch,
  next: () => conversation.actions.takeNext(),
  pause: () => conversation.actions.pauseOrGoOn(),
  close: () => conversation.close(),
  does: (name) => conversation.actions.do(name),
  reply: () => conversation.composer.focus(),
  back,
});
watchSession(load);
await load();
await route();
live.start();
