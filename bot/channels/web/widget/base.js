/*
 * Ventanilla web chat: <script src="https://host/webchat/widget.js" async></script> on any allowed site.
 *
 * One custom element, <ventanilla-chat>, made at the end of the page unless it is already there. On the script or on the
 * element: data-color="#1f5f4f", data-title="¿Te ayudo?", data-position="left", data-lang="en", data-open. Anything on the
 * page with data-ventanilla-ask="¿una pregunta?" opens the chat and asks it; a form with that attribute asks what was typed in it.
 *
 * The parts of this folder are served as one script (bot/channels/web/widget.py) and share its scope.
 *
 * Store keeps the token and what is unsent, Line talks to the server (socket, or SSE and POST where sockets are blocked),
 * VentanillaChat is what people see. Only the `html` of events, made safe by the server, is ever inserted as HTML.
 */

const SCRIPT = document.currentScript || document.querySelector('script[src*="/webchat/widget.js"]');
const BASE = new URL('../', SCRIPT.src).href;
const API = BASE + 'api/chat';
const KEY = 'ventanilla:' + BASE;
const SOCKET_TRIES = 2;
const WELCOME_MS = 8000;
const ACK_MS = 10000;
const BEAT_MS = 25000;
const QUIET_MS = 40000;
const LONGEST_WAIT_MS = 30000;
const TYPING_MS = 15000;
const COUNT_FROM = 400;
const PHONE = matchMedia('(max-width: 30em), (max-height: 26em)');

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const order = (id) => id.split('-').map(Number);
const later = (one, other) => {
  const [a, b] = [order(one), order(other || '0')];
  return a[0] - b[0] || (a[1] || 0) - (b[1] || 0);
};
