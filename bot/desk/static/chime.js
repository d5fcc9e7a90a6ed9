/** Plays the soft sound for a new ticket: two notes that the browser synthesizes. */

const NOTES_HZ = [660, 880];
const NOTE_S = 0.16;
const ATTACK_S = 0.02;
const LOUD = 0.12;
const ALARMS = 3;
const LOUD_ALARM = 0.3;
const REPEAT_S = 0.7;
const SILENT = 0.001;

/** @type {AudioContext | null} */
let audio = null;

/**
 * Resolves as soon as the page may sound: at once if the browser allows it, otherwise when something is pressed on the
 * page.
 * @returns {Promise<void>}
 */
export function whenAudible() {
  return new Promise((resolve) => {
    const context = (audio ??= new AudioContext());
    const audible = new AbortController();
    audible.signal.addEventListener("abort", () => resolve());
    const tryToSound = () => context.resume().then(() => audible.abort(), () => {});
    for (const kind of ["pointerup", "keydown"]) document.addEventListener(kind, tryToSound, { signal: audible.signal });
    tryToSound();
  });
}

export function chime() {
  sound(1, LOUD);
}

/** Plays the alarm of an emergency: the sound three times, louder. */
export function alarm() {
  sound(ALARMS, LOUD_ALARM);
}

/**
 * Plays the sound, unless the browser forbids it because nothing was pressed on the page yet: notes would pile up.
 * @param {number} times
 * @param {number} loudness
 */
function sound(times, loudness) {
  const context = (audio ??= new AudioContext());
  if (context.state !== "running") {
    if (navigator.userActivation?.hasBeenActive === false) return;
    context.resume().catch(() => {});
  }
  for (let time = 0; time < times; time += 1) {
    const start = context.currentTime + time * REPEAT_S;
    NOTES_HZ.forEach((hertz, index) => play(context, { hertz, start: start + index * NOTE_S, loudness }));
  }
}

/**
 * @param {AudioContext} context
 * @param {{ hertz: number, start: number, loudness: number }} note
 */
function play(context, { hertz, start, loudness }) {
  const end = start + NOTE_S * 2;
  const note = new OscillatorNode(context, { frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.linearRampToValueAtTime(loudness, start + ATTACK_S);
  volume.gain.exponentialRampToValueAtTime(SILENT, end);
  note.connect(volume).connect(context.destination);
  note.start(start);
  note.stop(end);
}
