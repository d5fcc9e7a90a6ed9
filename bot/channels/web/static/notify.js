/**
 * Tells a citizen in another tab or app of news: by a notification where the page may show one, else by a sound and the
 * title. The widget loads this module when the citizen has asked for it (widget/notifier.js).
 *
 * Phones let only a service worker notify, and a page may register one of its own origin alone. So in the widget on
 * another site a phone has no notifications. No server pushes: the page must stay open.
 */

const WORKER = new URL('notify_worker.js', import.meta.url);
const SHOWN_MS = 12_000;
const MARK = '● ';
const NOTE_HZ = 880;
const NOTE_S = 0.4;
const LOUD = 0.1;

/** @type {AudioContext | null} */
let audio = null;

/**
 * Asks the browser for its permission, if notifications can work here, and says what the citizen may expect. Must be
 * called soon after a click.
 * @param {(key: string) => string} t
 * @param {(text: string) => void} say
 */
export async function ask(t, say) {
  audio ??= new AudioContext(); // a browser lets a page sound that began while a click was handled
  say(t((await permitted()) ? 'aviso_si' : 'aviso_no'));
  setTimeout(() => say(''), SHOWN_MS);
}

/**
 * Tells of news; neither text names their content, since others may see it.
 * @param {string} title
 * @param {string} body
 */
export async function tell(title, body) {
  if (!(await notified(title, { body, tag: 'ventanilla', lang: 'es-CL' }))) callBack(body);
}

function isOwnSite() {
  return location.origin === WORKER.origin && 'serviceWorker' in navigator;
}

async function permitted() {
  if (!('Notification' in window) || !(isOwnSite() || canConstruct())) return false;
  if (Notification.permission === 'default') await Notification.requestPermission().catch(() => null);
  if (isOwnSite()) await navigator.serviceWorker.register(WORKER).catch(() => null);
  return Notification.permission === 'granted';
}

/** Returns whether a page may show a notification by itself, which phones refuse. */
function canConstruct() {
  return !/Android|iPhone|iPad/.test(navigator.userAgent);
}

/**
 * Shows a notification; returns whether the browser took it.
 * @param {string} title
 * @param {NotificationOptions} options
 */
async function notified(title, options) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return false;
  try {
    const worker = isOwnSite() ? await navigator.serviceWorker.getRegistration(WORKER) : null;
    if (worker?.active) await worker.showNotification(title, options);
    else new Notification(title, options).onclick = () => window.focus();
    return true;
  } catch {
    return false;
  }
}

/**
 * Marks the page's title until the citizen is back, and sounds once.
 * @param {string} words
 */
function callBack(words) {
  if (!document.title.startsWith(MARK)) {
    const before = document.title;
    document.title = MARK + words;
    document.addEventListener('visibilitychange', () => { document.title = before; }, { once: true });
  }
  if (audio?.state !== 'running') return;
  const note = new OscillatorNode(audio, { frequency: NOTE_HZ });
  note.connect(new GainNode(audio, { gain: LOUD })).connect(audio.destination);
  note.start();
  note.stop(audio.currentTime + NOTE_S);
}
