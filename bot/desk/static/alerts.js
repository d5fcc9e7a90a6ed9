/** Alerts the agent to new tickets: page title, screen reader, browser notification, and a sound if it is on. */

/** @import { Ticket } from "./shapes.js" */

import { alarm, chime } from "./chime.js";
import { byId, icon } from "./elements.js";
import { say } from "./facts.js";
import { keepNotifying, notify, notifying } from "./notification.js";

const SOUND = "ventanilla.sound";
const title = document.title;
const button = byId("sound");
const announcer = byId("announce");
const bell = byId("notices");

/** @param {number} mine Number of the agent's tickets whose citizen waits for an answer. */
export function setTitle(mine) {
  document.title = mine ? `(${mine}) ${title}` : title;
}

/** @param {string} words Text for screen readers; repeating the same text reads it again. */
export function announce(words) {
  announcer.textContent = "";
  requestAnimationFrame(() => (announcer.textContent = words));
}

/**
 * Alerts the agent to a new waiting ticket.
 * @param {Ticket} ticket
 */
export function arrived(ticket) {
  alertTo(ticket.id, say("nueva_espera", { motivo: ticket.danger?.words ?? ticket.reason_words }), { urgent: ticket.priority === "emergency" });
}

/**
 * Alerts the agent in every way that is on; an `urgent` alert also sounds, three times, while the sound is off.
 * @param {string} id Ticket that the notification opens; '' for none.
 * @param {string} words
 */
export function alertTo(id, words, { urgent = false } = {}) {
  announce(words);
  notify(words, id);
  if (urgent) alarm();
  else if (soundOn()) chime();
}

function showNotices() {
  bell.hidden = !("Notification" in window);
  bell.setAttribute("aria-pressed", String(notifying()));
  bell.replaceChildren(icon(notifying() ? "bell" : "bell-off"));
}

function soundOn() {
  return localStorage.getItem(SOUND) === "on";
}

function showSound() {
  button.setAttribute("aria-pressed", String(soundOn()));
  button.replaceChildren(icon(soundOn() ? "sound" : "mute"));
}

bell.addEventListener("click", async () => {
  const on = !notifying();
  keepNotifying(on);
  if (on && Notification.permission === "default") await Notification.requestPermission();
  showNotices();
  const denied = on && Notification.permission !== "granted";
  announce(say(denied ? "avisos_bloqueados" : on ? "avisos_si" : "avisos_no"));
});
button.addEventListener("click", () => {
  localStorage.setItem(SOUND, soundOn() ? "off" : "on");
  showSound();
  announce(say(soundOn() ? "sonido_si" : "sonido_no"));
  if (soundOn()) chime();
});
showNotices();
showSound();
