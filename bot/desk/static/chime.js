/** Plays the soft sound for a new ticket: two notes that the browser synthesizes. */

const NOTES_HZ = [660, 880];
const NOTE_S = 0.16;
const ATTACK_S = 0.02;
const LOUD = 0.12;
const SILENT = 0.001;

/** @type {AudioContext | null} */
let audio = null;

export function chime() {
  const context = (audio ??= new AudioContext());
  NOTES_HZ.forEach((hertz, index) => play(context, hertz, context.currentTime + index * NOTE_S));
}

/**
 * @param {AudioContext} context
 * @param {number} hertz
 * @param {number} start
 */
function play(context, hertz, start) {
  const end = start + NOTE_S * 2;
  const note = new OscillatorNode(context, { frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.linearRampToValueAtTime(LOUD, start + ATTACK_S);
  volume.gain.exponentialRampToValueAtTime(SILENT, end);
  note.connect(volume).connect(context.destination);
  note.start(start);
  note.stop(end);
}
