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

export function chime() {
  sound(1, LOUD);
}

/** Plays the alarm of an emergency: the sound three times, louder. */
export function alarm() {
  sound(ALARMS, LOUD_ALARM);
}

/**
 * @param {number} times
 * @param {number} loudness
 */
function sound(times, loudness) {
  const context = (audio ??= new AudioContext());
  context.resume().catch(() => {}); // a page on which nothing was pressed yet may begin suspended
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
