// What must survive a reload or a lost session, kept in this tab only: drafts and replies that were not sent yet.

import { facts } from "./words.js";

const DRAFT = `ventanilla.${facts.staff}.draft.`;
const SEEN = `ventanilla.${facts.staff}.seen.`;
const OUTBOX = `ventanilla.${facts.staff}.outbox`;

export function draft(conversation) {
  return sessionStorage.getItem(DRAFT + conversation) ?? "";
}

export function keepDraft(conversation, text) {
  if (text.trim()) sessionStorage.setItem(DRAFT + conversation, text);
  else sessionStorage.removeItem(DRAFT + conversation);
}

/** The newest feed id this tab has shown of a conversation, so that only what came later counts as unread. */
export function seen(conversation) {
  return sessionStorage.getItem(SEEN + conversation) ?? "";
}

export function keepSeen(conversation, eventId) {
  sessionStorage.setItem(SEEN + conversation, eventId);
}

export function outbox() {
  return JSON.parse(sessionStorage.getItem(OUTBOX) ?? "[]");
}

export function keepOutbox(replies) {
  sessionStorage.setItem(OUTBOX, JSON.stringify(replies));
}

/** Leaving on purpose: nothing of a citizen stays behind in the browser. */
export function forget() {
  sessionStorage.clear();
}
