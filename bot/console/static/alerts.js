// Telling that somebody waits: the number in the title, a spoken announcement, and a soft sound if it was turned on.

import { icon, say } from "./words.js";

const SOUND = "ventanilla.sound";
const NOTES_HZ = [660, 880];
const NOTE_S = 0.16;
const title = document.title;
const button = document.getElementById("sound");
const announcer = document.getElementById("announce");
let audio = null;

export function setTitle(waiting) {
  document.title = waiting ? `(${waiting}) ${title}` : title;
}

export function announce(words) {
  announcer.textContent = "";
  requestAnimationFrame(() => (announcer.textContent = words));
}

export function arrived(ticket) {
  announce(say("nueva_espera", { motivo: ticket.reason_words }));
  if (soundOn()) chime();
}

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
showSound();

