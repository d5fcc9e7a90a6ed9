/**
 * Makes the button that reveals the typed password work; without JavaScript it stays hidden. Drafts of an expired
 * session are deleted if nobody signs in for some minutes. After sign-out, the other tabs are notified: only then has
 * the server ended the session, which would otherwise lead them back to their pages. A form is sent once for a double
 * click: the first request replaces the session's token, so the second would find none.
 */

import { ACTIVE, forgetDraftsLater } from "./expiry.js";

const ONCE_IN_MS = 5000;

forgetDraftsLater();
if (new URLSearchParams(location.search).has("salida")) localStorage.setItem(ACTIVE, "0");

for (const button of document.querySelectorAll(".reveal")) {
  if (button instanceof HTMLElement) makeWork(button);
}

for (const form of document.forms) sendOnce(form);

/** @param {HTMLFormElement} form */
function sendOnce(form) {
  let sentAt = -ONCE_IN_MS;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < ONCE_IN_MS) event.preventDefault();
    else sentAt = event.timeStamp;
  });
}

/** @param {HTMLElement} button */
function makeWork(button) {
  const input = document.getElementById(button.getAttribute("aria-controls") ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = (show ? button.dataset.hide : button.dataset.show) ?? "";
  });
}
