/**
 * Watches the session: warns before it expires from inactivity, and offers to sign in again when it has ended. Then
 * nothing of what the page showed stays in the document; drafts stay in this tab, encrypted, for KEEP_DRAFTS_MINUTES.
 */

import { heartbeat, tellAlive } from "./api.js";
import { showTold } from "./availability.js";
import { byId, within } from "./elements.js";
import { facts, say } from "./facts.js";
import { ACTIVE, MINUTE_MS, USES, forgetDraftsLater } from "./expiry.js";
import { forgetAll, lock } from "./tab_storage.js";

const GRACE_MINUTES = 2; // without an answer of the server, the clock decides
const WARN_MINUTES = 5;
const TELL_EVERY_MS = MINUTE_MS;
const LOOK_EVERY_MS = 10_000;
const BEAT_EVERY_MS = 20_000;
const banner = byId("idle");
const dialog = byId("signed-out", HTMLDialogElement);
let sentAt = Date.now();
let lookedAt = Date.now();

/**
 * Starts watching the session.
 * @param {() => void} check Makes any request, whose 401 shows that the session has ended.
 */
export function watchSession(check) {
  localStorage.setItem(ACTIVE, String(Date.now()));
  for (const name of USES) window.addEventListener(name, () => active(check), { passive: true });
  within(banner, "button").addEventListener("click", () => tell());
  window.addEventListener("signed-out", showSignedOut);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  byId("sign-out").addEventListener("submit", forgetAll);
  document.addEventListener("visibilitychange", () => dialog.open && !document.hidden && check());
  setInterval(() => look(check), LOOK_EVERY_MS);
  setInterval(beat, BEAT_EVERY_MS);
  beat();
}

/** Loads the emptied page again, because the agent signed in again in another tab. */
export function sessionIsBack() {
  if (dialog.open) location.reload();
}

/** Sends a heartbeat: the sweeper requeues the tickets of agents whose heartbeats stop. */
function beat() {
  if (dialog.open) return;
  showTold(heartbeat());
}

/**
 * Notes that somebody uses the page, unless the session has expired by then.
 * @param {() => void} check
 */
function active(check) {
  if (Date.now() - lookedAt > LOOK_EVERY_MS) look(check); // a machine that slept has not looked since
  if (dialog.open || minutesLeft() <= 0) return;
  localStorage.setItem(ACTIVE, String(Date.now()));
  if (Date.now() - sentAt > TELL_EVERY_MS) tell();
}

function tell() {
  sentAt = Date.now();
  banner.hidden = true;
  tellAlive().catch(() => {}); // a lost connection is shown by desk.js; a 401 opens the dialog
}

/**
 * Warns when the session is about to expire; activity in another tab of the desk counts too.
 * @param {() => void} check
 */
function look(check) {
  lookedAt = Date.now();
  const left = minutesLeft();
  const near = left <= WARN_MINUTES;
  const words = say("por_vencer", { minutos: Math.max(left, 1) });
  const shown = within(banner, "[data-words]");
  if (near && shown.textContent !== words) shown.textContent = words;
  banner.hidden = !near || dialog.open;
  if (left <= 0) check();
  if (left <= -GRACE_MINUTES) window.dispatchEvent(new Event("signed-out"));
}

/** Returns the whole minutes until the session expires from inactivity, rounded up; 0 or less once it has. */
function minutesLeft() {
  const idle = (Date.now() - Number(localStorage.getItem(ACTIVE) ?? 0)) / MINUTE_MS;
  return Math.ceil(facts.idle_minutes - idle);
}

function showSignedOut() {
  if (dialog.open) return;
  banner.hidden = true;
  byId("sign-in", HTMLAnchorElement).href = `/desk/login?volver=${encodeURIComponent(`/desk${location.hash}`)}`;
  document.body.replaceChildren(dialog);
  document.title = dialog.querySelector("h2")?.textContent ?? "";
  dialog.showModal();
  lock();
  forgetDraftsLater();
}
