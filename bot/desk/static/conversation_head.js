/** Shows the head of the open conversation: title, danger, 24-hour window, reason, card, and why it is read-only. */

/** @import { PastConversation, Ticket } from "./shapes.js" */
/** @import { Where } from "./conversation.js" */

import { showCard } from "./card.js";
import { fillDanger } from "./danger.js";
import { byId, element } from "./elements.js";
import { say } from "./facts.js";
import { showProtocol } from "./protocol.js";
import { showReason } from "./reason_panel.js";
import { waitingWords } from "./times.js";
import { showWindow } from "./window_bar.js";

const title = byId("talk-title");
const meta = byId("talk-meta");
const takeHint = byId("take-hint");
const call = byId("call");
const callLink = byId("call-link", HTMLAnchorElement);
const readOnly = byId("read-only");
const reason = byId("why");
const danger = byId("danger");
const reopening = byId("reopen");
const nextHere = byId("next-here");

export class ConversationHead {
  focus() {
    title.focus();
  }

  /**
   * @param {Ticket | null} ticket
   * @param {{ where: Where, ended: string, isPast: boolean }} state
   */
  show(ticket, { where, ended, isPast }) {
    if (ticket) entitle(ticket.nickname, ticket.id);
    else title.textContent = say("conversacion");
    meta.textContent = ticket ? metaWords(ticket, where) : "";
    fillDanger(danger, ticket);
    showProtocol(ticket);
    nextHere.hidden = isPast || !ended;
    this.#showCall(ticket, where);
    showWindow(where === "ended" ? null : ticket);
    readOnly.textContent = ended || readOnlyWords(ticket);
    readOnly.hidden = where === "waiting" || where === "mine" || !readOnly.textContent;
    reason.hidden = !ticket;
    reopening.hidden = true;
    showCard(ticket);
    if (ticket) showReason(ticket);
  }

  /** @param {PastConversation | null} past Null if it could not be loaded. */
  showPast(past) {
    if (past) entitle(past.nickname, past.closed);
    meta.textContent = past ? [past.channel_words, past.closed_words].filter(Boolean).join(" · ") : "";
  }

  hideWindow() {
    showWindow(null);
  }

  /**
   * @param {Ticket | null} ticket
   * @param {Where} where
   */
  #showCall(ticket, where) {
    takeHint.hidden = Boolean(ticket?.by_phone);
    call.hidden = where === "ended" || !ticket?.by_phone;
    if (ticket) callLink.href = `/desk/llamadas#llamada-${ticket.id}`;
  }
}

/**
 * Shows the nickname, which gives way on a narrow screen, and the number, which never does.
 * @param {string} nickname
 * @param {string} number "" if there is none.
 */
function entitle(nickname, number) {
  title.replaceChildren(element("span", { className: "nickname", text: nickname }));
  if (number) title.append(element("span", { text: ` #${number}` }));
}

/**
 * @param {Ticket} ticket
 * @param {Where} where
 */
function metaWords(ticket, where) {
  const paused = ticket.state === "snoozed" && where !== "ended" ? say("en_pausa_detalle") : "";
  const waits = ticket.owner ? "" : waitingWords(ticket.opened_at);
  return [capital(ticket.reason_words), ticket.channel_words, ticket.language, ticket.team_words, waits, paused].filter(Boolean).join(" · ");
}

/** @param {string} words */
function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {Ticket | null} ticket */
function readOnlyWords(ticket) {
  return ticket?.owner ? `${say("la_tiene", { nombre: ticket.owner.name })}. ${say("la_tiene_detalle")}` : "";
}
