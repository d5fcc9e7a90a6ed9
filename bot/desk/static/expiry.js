/**
 * Removes the page's content and goes to the sign-in page, even without a connection, once nobody has used the desk for
 * as long as a session lasts, or somebody has signed out in another tab. While somebody uses the page, the session
 * stays. Every minute it asks whether the session has ended in another way, such as by an administrator. The desk does
 * so itself (session.js), as it can ask the server.
 */

export const ACTIVE = "ventanilla.active"; // when a page of the desk was last used, in any tab; 0 after signing out
export const MINUTE_MS = 60_000;
export const USES = ["pointerdown", "keydown", "input", "wheel", "touchmove"];
const LOOK_EVERY_MS = 10_000;
const TELL_EVERY_MS = 5 * MINUTE_MS;
const KEEP_DRAFTS_MINUTES = 15;
const LIVE = "/desk/cuenta/viva"; // does not count as activity
const UNAUTHORIZED = 401;
const AGAIN_AFTER_MS = 1000;
const TOUCHING_PAGE = "/desk/cuenta"; // anybody may open it; the server counts that as activity
const idleMinutes = Number(document.body.dataset.idleMinutes);
let toldAt = Date.now();
let isEmptied = false;

if (idleMinutes) {
  localStorage.setItem(ACTIVE, String(Date.now()));
  for (const name of USES) window.addEventListener(name, active, { passive: true });
  setInterval(look, LOOK_EVERY_MS);
  setInterval(() => ask(), MINUTE_MS);
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  window.addEventListener("storage", ({ key, newValue }) => key === ACTIVE && newValue === "0" && empty());
}
/** Deletes the drafts of this tab later, if nobody has signed in and left this page by then. */
export function forgetDraftsLater() {
  setTimeout(() => sessionStorage.clear(), KEEP_DRAFTS_MINUTES * MINUTE_MS);
}

/** Tells the other tabs and, so that a long text in a form without autosave can be sent, the server. */
function active() {
  look(); // a machine that slept has not looked since
  if (isEmptied) return;
  localStorage.setItem(ACTIVE, String(Date.now()));
  if (Date.now() - toldAt < TELL_EVERY_MS) return;
  toldAt = Date.now();
  fetch(TOUCHING_PAGE, { redirect: "error" }).catch(() => {});
}

function look() {
  if (Date.now() - Number(localStorage.getItem(ACTIVE)) >= idleMinutes * MINUTE_MS) empty();
}

/**
 * Without an answer of the server, the clock decides. A 401 counts the second time: the first request may have left while
 * another tab gave the password again, which replaces the cookie.
 */
async function ask(isSecond = false) {
  if (isEmptied) return;
  const status = await fetch(LIVE).then((answer) => answer.status, () => 0);
  if (status !== UNAUTHORIZED) return;
  if (isSecond) empty();
  else setTimeout(() => ask(true), AGAIN_AFTER_MS);
}

function empty() {
  isEmptied = true;
  document.body.replaceChildren();
  location.replace(`/desk/login?volver=${encodeURIComponent(location.pathname)}`);
}
