/**
 * Stores in this tab what must survive a reload or an expired session: drafts, seen marks, unsent replies. What is stored
 * is encrypted with a key of the account that only a signed-in page gets, so once the session has ended nobody can read
 * it here. Where a browser encrypts nothing (plain http), it stays in memory and ends with the page.
 */

/** @import { Reply } from "./outbox.js" */
/** @typedef {{ drafts: Record<string, string>, seen: Record<string, string>, outbox: Reply[] }} Kept */

import { facts } from "./facts.js";

const KEPT = `ventanilla.${facts.staff}.kept`;
const IV_BYTES = 12;
let key = await imported(facts.draft_key);
facts.draft_key = "";
let kept = await stored();
let changes = 0;

/** @param {string | null} conversation */
export function draft(conversation) {
  return kept.drafts[String(conversation)] ?? "";
}

/**
 * @param {string | null} conversation
 * @param {string} text
 */
export function keepDraft(conversation, text) {
  if (text.trim()) kept.drafts[String(conversation)] = text;
  else delete kept.drafts[String(conversation)];
  save();
}

/**
 * Returns the newest event of a conversation that this tab has shown; later ones count as unread.
 * @param {string} conversation
 */
export function seen(conversation) {
  return kept.seen[conversation] ?? "";
}

/**
 * @param {string} conversation
 * @param {string} eventId
 */
export function keepSeen(conversation, eventId) {
  kept.seen[conversation] = eventId;
  save();
}

/** @returns {Reply[]} */
export function unsentReplies() {
  return kept.outbox;
}

/** @param {Reply[]} replies */
export function keepUnsentReplies(replies) {
  kept.outbox = [...replies];
  save();
}

/** Forgets the key when the session has ended: what is stored can be read again only after signing in. */
export function lock() {
  document.getElementById("facts")?.remove(); // it has the key, too
  key = null;
  kept = nothing();
}

/** Clears everything when the agent signs out, so that no citizen's data stays in the browser. */
export function forgetAll() {
  lock();
  changes += 1;
  sessionStorage.clear();
}

/** @returns {Kept} */
function nothing() {
  return { drafts: {}, seen: {}, outbox: [] };
}

/** Encrypts and stores what is kept; of several changes at once, the last one counts. */
async function save() {
  if (!key) return;
  const change = (changes += 1);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plain = new TextEncoder().encode(JSON.stringify(kept));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  if (change === changes) sessionStorage.setItem(KEPT, hex(iv) + hex(new Uint8Array(sealed)));
}

/** @returns {Promise<Kept>} */
async function stored() {
  const written = sessionStorage.getItem(KEPT);
  if (!key || !written) return nothing();
  const bytes = bytesOf(written);
  const [iv, sealed] = [bytes.slice(0, IV_BYTES), bytes.slice(IV_BYTES)];
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed);
    return { ...nothing(), ...JSON.parse(new TextDecoder().decode(plain)) };
  } catch {
    return nothing(); // of a key from before VENTANILLA_SECRET was replaced
  }
}

/**
 * @param {string} secret In hexadecimal digits; "" on pages that keep nothing.
 * @returns {Promise<CryptoKey | null>}
 */
async function imported(secret) {
  if (!secret || !globalThis.crypto?.subtle) return null;
  return crypto.subtle.importKey("raw", bytesOf(secret), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} digits */
function bytesOf(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
