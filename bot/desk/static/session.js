// The session's end, seen coming: a word before idleness ends it, and a clear way back when it has ended.

import { post } from "./api.js";
import { showAvailability } from "./availability.js";
import { forget } from "./kept.js";
import { facts, say } from "./words.js";

const ACTIVE = "ventanilla.active";
const MINUTE = 60_000;
const WARN_MINUTES = 5;
const TELL_EVERY_MS = MINUTE;
const LOOK_EVERY_MS = 10_000;
const BEAT_EVERY_MS = 20_000;
const banner = document.getElementById("idle");
const dialog = document.getElementById("signed-out");
let toldAt = Date.now();

/** Starts watching; `check()` asks the server anything, which finds out that the session is over. */
export function watchSession(check) {
  localStorage.setItem(ACTIVE, String(Date.now()));
  for (const name of ["pointerdown", "keydown", "wheel", "touchmove"]) {
    window.addEventListener(name, active, { passive: true });
  }
  banner.querySelector("button").addEventListener("click", () => tell());
  window.addEventListener("signed-out", showSignedOut);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.getElementById("sign-out").addEventListener("submit", forget);
  document.addEventListener("visibilitychange", () => dialog.open && !document.hidden && check());
  setInterval(() => look(check), LOOK_EVERY_MS);
  setInterval(beat, BEAT_EVERY_MS);
  beat();
}

/** This browser is there: whose browser is not heard of for a while loses their conversations to the line. */
function beat() {
  if (dialog.open) return;
  post("/heartbeat").then((told) => told && showAvailability(told.presence), () => {});
}

function active() {
  localStorage.setItem(ACTIVE, String(Date.now()));
  if (Date.now() - toldAt > TELL_EVERY_MS) tell();
}

function tell() {
  toldAt = Date.now();
  banner.hidden = true;
  post("/alive").catch(() => {}); // a lost connection is told elsewhere; 401 opens the dialog
}

/** Another tab of the same desk counts as activity too. */
function look(check) {
  const idle = (Date.now() - Number(localStorage.getItem(ACTIVE) ?? 0)) / MINUTE;
  const left = Math.ceil(facts.idle_minutes - idle);
  const near = left <= WARN_MINUTES;
  const words = say("por_vencer", { minutos: Math.max(left, 1) });
  const shown = banner.querySelector("[data-words]");
  if (near && shown.textContent !== words) shown.textContent = words;
  banner.hidden = !near || dialog.open;
  if (left <= 0) check();
}

/** The person signed in again in another tab: go on where they were. */
export function sessionIsBack() {
  if (!dialog.open) return;
  dialog.close();
  localStorage.setItem(ACTIVE, String(Date.now()));
  window.dispatchEvent(new Event("signed-in"));
}

function showSignedOut() {
  if (dialog.open) return;
  banner.hidden = true;
  document.getElementById("sign-in").href = `/desk/login?volver=${encodeURIComponent(`/desk${location.hash}`)}`;
  dialog.showModal();
}
