// Telling that somebody waits: the number in the title, a spoken announcement, and a soft sound if it was turned on.

import { icon, say } from "./words.js";

const SOUND = "ventanilla.sound";
const NOTES_HZ = [660, 880];
const NOTE_S = 0.16;
const title = document.title;
const button = document.getElementById("sound");
const announcer = document.getElementById("announce");
const NOTICES = "ventanilla.notices";
const bell = document.getElementById("notices");
let audio = null;

export function setTitle(waiting) {
  document.title = waiting ? `(${waiting}) ${title}` : title;
}

export function announce(words) {
  announcer.textContent = "";
  requestAnimationFrame(() => (announcer.textContent = words));
}

export function arrived(ticket, words = say("nueva_espera", { motivo: ticket.reason_words })) {
  announce(words);
  notify(words, ticket.id);
  if (soundOn()) chime();
}

/** The browser's own notice, for whoever allowed it and looks elsewhere; never a citizen's words. It opens the ticket. */
export function notify(words, ticket) {
  if (!document.hidden || !notifying()) return;
  const notice = new Notification(title, { body: words, tag: `ventanilla-${ticket}`, icon: "/desk/static/mark.svg" });
  notice.addEventListener("click", () => {
    window.focus();
    location.hash = `#/t/${ticket}`;
    notice.close();
  });
}

function notifying() {
  return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(NOTICES) !== "off";
}

function showNotices() {
  bell.hidden = !("Notification" in window);
  bell.setAttribute("aria-pressed", String(notifying()));
  bell.replaceChildren(icon(notifying() ? "bell" : "bell-off"));
}

bell.addEventListener("click", async () => {
  const on = !notifying();
  localStorage.setItem(NOTICES, on ? "on" : "off");
  if (on && Notification.permission === "default") await Notification.requestPermission();
  showNotices();
  const denied = on && Notification.permission !== "granted";
  announce(say(denied ? "avisos_bloqueados" : on ? "avisos_si" : "avisos_no"));
});

function soundOn() {
  return localStorage.getItem(SOUND) === "on";
}

function chime() {
  audio ??= new AudioContext();
  NOTES_HZ.forEach((hertz, place) => {
    const start = audio.currentTime + place * NOTE_S;
    const note = new OscillatorNode(audio, { frequency: hertz });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S * 2);
    note.connect(volume).connect(audio.destination);
    note.start(start);
    note.stop(start + NOTE_S * 2);
  });
}

function showSound() {
  button.setAttribute("aria-pressed", String(soundOn()));
  button.replaceChildren(icon(soundOn() ? "sound" : "mute"));
}

button.addEventListener("click", () => {
  localStorage.setItem(SOUND, soundOn() ? "off" : "on");
  showSound();
  announce(say(soundOn() ? "sonido_si" : "sonido_no"));
  if (soundOn()) chime();
});
showNotices();
showSound();
