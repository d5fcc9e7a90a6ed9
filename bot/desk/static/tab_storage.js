/** Stores in this tab what must survive a reload or an expired session: drafts, seen marks, unsent replies. */

/** @import { Reply } from "./outbox.js" */

import { facts } from "./facts.js";

const DRAFT = `ventanilla.${facts.staff}.draft.`;
const SEEN = `ventanilla.${facts.staff}.seen.`;
const OUTBOX = `ventanilla.${facts.staff}.outbox`;

/** @param {string | null} conversation */
export function draft(conversation) {
  return sessionStorage.getItem(DRAFT + conversation) ?? "";
}

/**
 * @param {string | null} conversation
 * @param {string} text
 */
export function keepDraft(conversation, text) {
  if (text.trim()) sessionStorage.setItem(DRAFT + conversation, text);
  else sessionStorage.removeItem(DRAFT + conversation);
}

/**
 * Returns the newest event of a conversation that this tab has shown; later ones count as unread.
 * @param {string} conversation
 */
export function seen(conversation) {
  return sessionStorage.getItem(SEEN + conversation) ?? "";
}

/**
 * @param {string} conversation
 * @param {string} eventId
 */
export function keepSeen(conversation, eventId) {
  sessionStorage.setItem(SEEN + conversation, eventId);
}

/** @returns {Reply[]} */
export function unsentReplies() {
  return JSON.parse(sessionStorage.getItem(OUTBOX) ?? "[]");
}

/** @param {Reply[]} replies */
export function keepUnsentReplies(replies) {
  sessionStorage.setItem(OUTBOX, JSON.stringify(replies));
}

/** Clears everything when the agent signs out, so that no citizen's data stays in the browser. */
export function forgetAll() {
  sessionStorage.clear();
}
