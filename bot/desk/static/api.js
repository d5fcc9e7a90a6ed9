/** Defines every request of the desk, with the type of its response. */

/** @import * as Shapes from "./shapes.js" */

import { get, post, upload } from "./http.js";

/**
 * @param {{ shown: number, team?: string, channel?: string, reason?: string }} page How many waiting tickets, and filters.
 * @returns {Promise<Shapes.Board>}
 */
export function loadBoard({ shown, ...filters }) {
  return get(`/tickets?${new URLSearchParams({ shown: String(shown), ...filters })}`);
}

/**
 * @param {string} ticket
 * @param {string} after
 * @returns {Promise<Shapes.Transcript>}
 */
export function loadTranscript(ticket, after) {
  return get(`/tickets/${ticket}?after=${after}`);
}

/**
 * @param {string} ticket
 * @returns {Promise<Shapes.Card>}
 */
export function loadCard(ticket) {
  return get(`/tickets/${ticket}/card`);
}

/**
 * @param {string} ticket
 * @returns {Promise<Shapes.Deliveries>}
 */
export function loadDeliveries(ticket) {
  return get(`/tickets/${ticket}/deliveries`);
}

/**
 * @param {string} ticket
 * @returns {Promise<Shapes.Entries>}
 */
export function loadSuggestions(ticket) {
  return get(`/tickets/${ticket}/suggested`);
}

/** @returns {Promise<Shapes.Day>} */
export function loadDay() {
  return get("/day");
}

/** @returns {Promise<Shapes.Agents>} */
export function loadAgents() {
  return get("/agents");
}

/** @returns {Promise<Shapes.Questions>} */
export function loadQuestions() {
  return get("/questions");
}

/**
 * @param {string} ticket
 * @returns {Promise<Shapes.Questions>}
 */
export function loadTopics(ticket) {
  return get(`/tickets/${ticket}/topics`);
}

/**
 * @param {string} ticket
 * @returns {Promise<Shapes.NamedColleagues>}
 */
export function loadColleagues(ticket) {
  return get(`/tickets/${ticket}/colleagues`);
}

/** @param {string} ticket */
export function tellLooking(ticket) {
  return post(`/tickets/${ticket}/looking`);
}

/** @returns {Promise<Shapes.LiveView>} */
export function loadTeam() {
  return get("/team");
}

/** @param {string} notice */
export function dropNotice(notice) {
  return post(`/notices/${notice}/read`);
}

/** @returns {Promise<Shapes.CannedReplies>} */
export function loadCanned() {
  return get("/canned");
}

/** @returns {Promise<Shapes.PendingApprovals>} */
export function loadProposals() {
  return get("/proposals");
}

/**
 * @param {string} words
 * @returns {Promise<Shapes.Entries>}
 */
export function findEntries(words) {
  return get(`/entries?words=${encodeURIComponent(words)}`);
}

/**
 * @param {Record<string, string>} asked Words and filters; sent in the body, since addresses are logged by proxies.
 * @returns {Promise<Shapes.SearchAnswer>}
 */
export function findConversations(asked) {
  return post("/search", asked);
}

/** @returns {Promise<Shapes.NamedColleagues>} */
export function loadSearchAgents() {
  return get("/search/agents");
}

/**
 * @param {string} conversation
 * @returns {Promise<Shapes.ReopenAnswer>}
 */
export function reopen(conversation) {
  return post(`/conversations/${conversation}/reopen`);
}

/**
 * @param {string} conversation
 * @returns {Promise<Shapes.PastConversation>}
 */
export function loadPast(conversation) {
  return get(`/conversations/${conversation}`);
}

/** @returns {Promise<Shapes.TicketAnswer>} */
export function takeNext() {
  return post("/next");
}

/**
 * @param {string} ticket
 * @returns {Promise<Shapes.TicketAnswer>}
 */
export function claim(ticket) {
  return post(`/tickets/${ticket}/claim`);
}

/**
 * Changes a ticket, or adds a note to it; the response to a note has the note's id instead of a ticket.
 * @param {string} ticket
 * @param {string} change snooze, wake, release, move, take-over, notes
 * @param {object} body
 * @returns {Promise<Partial<Shapes.TicketAnswer>>}
 */
export function changeTicket(ticket, change, body = {}) {
  return post(`/tickets/${ticket}/${change}`, body);
}

/**
 * @param {string} ticket
 * @param {string} eventId
 * @returns {Promise<{ complaints: string[], at_once: boolean }>}
 */
export function removeMessage(ticket, eventId) {
  return post(`/tickets/${ticket}/messages/${eventId}/remove`);
}

/**
 * @param {string} ticket
 * @param {object} closing The closing form: outcome, topic, summary, missing.
 */
export function closeTicket(ticket, closing) {
  return post(`/tickets/${ticket}/close`, closing);
}

/**
 * @param {string} ticket
 * @param {{ reply_id: string, text: string, entry: string }} reply
 * @returns {Promise<Shapes.EventAnswer>}
 */
export function sendReply(ticket, reply) {
  return post(`/tickets/${ticket}/replies`, reply);
}

/**
 * @param {string} ticket
 * @param {{ reply_id: string, text: string, file: File }} reply
 * @returns {Promise<Shapes.EventAnswer>}
 */
export function sendFile(ticket, reply) {
  const form = new FormData();
  for (const [name, value] of Object.entries(reply)) form.append(name, value);
  return upload(`/tickets/${ticket}/files`, form);
}

/**
 * @param {string} ticket
 * @param {string} text
 * @returns {Promise<Shapes.PreviewAnswer>}
 */
export function preview(ticket, text) {
  return post(`/tickets/${ticket}/preview`, { text });
}

/** @param {string} ticket */
export function tellTyping(ticket) {
  return post(`/tickets/${ticket}/typing`);
}

/**
 * @param {string} ticket
 * @param {string} eventId
 */
export function tellRead(ticket, eventId) {
  return post(`/tickets/${ticket}/read`, { event_id: eventId });
}

/**
 * @param {string} proposal
 * @param {string} decision approve, reject, take-over
 */
export function decide(proposal, decision) {
  return post(`/proposals/${proposal}/${decision}`);
}

/** @returns {Promise<Shapes.PresenceAnswer>} */
export function heartbeat() {
  return post("/heartbeat");
}

/**
 * @param {{ presence: string, hand_over?: boolean }} change
 * @returns {Promise<Shapes.PresenceAnswer>}
 */
export function setPresence(change) {
  return post("/presence", change);
}

export function tellAlive() {
  return post("/alive");
}
