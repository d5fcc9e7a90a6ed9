/** Watches the session: warns before it expires from inactivity, and offers to sign in again when it has ended. */

import { heartbeat, tellAlive } from "./api.js";
import { showAvailability } from "./availability.js";
import { byId, within } from "./elements.js";
import { facts, say } from "./facts.js";
import { forgetAll } from "./tab_storage.js";

const ACTIVE = "ventanilla.active";
const MINUTE_MS = 60_000;
const WARN_MINUTES = 5;
const TELL_EVERY_MS = MINUTE_MS;
const LOOK_EVERY_MS = 10_000;
const BEAT_EVERY_MS = 20_000;
const banner = byId("idle");
const dialog = byId("signed-out", HTMLDialogElement);
let sentAt = Date.now();

/**
 * Starts watching the session.
 * @param {() => void} check Makes any request, whose 401 shows that the session has ended.
 */
export function watchSession(check) {
  localStorage.setItem(ACTIVE, String(Date.now()));
  for (const name of ["pointerdown", "keydown", "wheel", "touchmove"]) {
    window.addEventListener(name, active, { passive: true });
  }
  within(banner, "button").addEventListener("click", () => tell());
  window.addEventListener("signed-out", showSignedOut);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  byId("sign-out").addEventListener("submit", forgetAll);
  document.addEventListener("visibilitychange", () => dialog.open && !document.hidden && check());
  setInterval(() => look(check), LOOK_EVERY_MS);
  setInterval(beat, BEAT_EVERY_MS);
  beat();
}

/** Closes the dialog, because the agent signed in again in another tab. */
export function sessionIsBack() {
  if (!dialog.open) return;
  dialog.close();
  localStorage.setItem(ACTIVE, String(Date.now()));
  window.dispatchEvent(new Event("signed-in"));
}

/** Sends a heartbeat: the sweeper requeues the tickets of agents whose heartbeats stop. */
function beat() {
  if (dialog.open) return;
  heartbeat().then((answer) => answer && showAvailability(answer.presence), () => {});
}

function active() {
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
  const idle = (Date.now() - Number(localStorage.getItem(ACTIVE) ?? 0)) / MINUTE_MS;
  const left = Math.ceil(facts.idle_minutes - idle);
  const near = left <= WARN_MINUTES;
  const words = say("por_vencer", { minutos: Math.max(left, 1) });
  const shown = within(banner, "[data-words]");
  if (near && shown.textContent !== words) shown.textContent = words;
  banner.hidden = !near || dialog.open;
  if (left <= 0) check();
}

function showSignedOut() {
  if (dialog.open) return;
  banner.hidden = true;
  byId("sign-in", HTMLAnchorElement).href = `/desk/login?volver=${encodeURIComponent(`/desk${location.hash}`)}`;
  dialog.showModal();
}
