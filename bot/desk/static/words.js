// Wordings (from bot/core/texts/desk.yml, inside the page) and how times are said. Called by every other module.

export const facts = JSON.parse(document.getElementById("facts").textContent);

const ZONE = undefined; // the browser's own
const clockFormat = new Intl.DateTimeFormat("es-CL", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: ZONE });
const dayFormat = new Intl.DateTimeFormat("es-CL", { weekday: "long", day: "numeric", month: "long", timeZone: ZONE });
const MINUTE = 60_000;

let serverAhead = 0;

export function say(key, values = {}) {
  return facts.texts[key].replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

/** Milliseconds since 1970 by the server's clock: the browser's may be wrong. */
export function now() {
  return Date.now() + serverAhead;
}

export function setServerTime(milliseconds) {
  serverAhead = milliseconds - Date.now();
}

export function elapsed(since) {
  const minutes = Math.floor(Math.max(0, now() - since) / MINUTE);
  if (minutes < 1) return say("espera_ahora");
  if (minutes < 60) return say("minutos", { n: minutes });
  if (minutes < 24 * 60) return say("horas", { n: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, "0") });
  return say("dias", { n: Math.floor(minutes / (24 * 60)) });
}

export function waitingWords(since) {
  const words = elapsed(since);
  return words === say("espera_ahora") ? say("acaba_de_llegar") : say("esperando", { tiempo: words });
}

export function clock(at) {
  return clockFormat.format(at);
}

export function day(at) {
  const words = dayFormat.format(at);
  if (words === dayFormat.format(now())) return say("hoy");
  if (words === dayFormat.format(now() - 24 * 60 * MINUTE)) return say("ayer");
  return words[0].toUpperCase() + words.slice(1);
}

/** An element with text and classes; text is never read as HTML. */
export function element(tag, { text, className, ...attributes } = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}
