/** Words the chat: its labels (bot/core/texts/widget.yml), who wrote what, and moments in the agency's time zone. */

/** @import { Configuration } from './api.js' */

const DAY_MS = 864e5;

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/**
 * Makes t('key', {n: 3}): the label with its values in it; the key itself where the label is missing.
 * @param {Pick<Configuration, 'agency' | 'assistant' | 'labels'>} config
 * @returns {Translate}
 */
export function labels({ agency, assistant, labels: words }) {
  return (key, values = {}) => Object.entries({ agencia: agency, asistente: assistant, ...values })
    .reduce((text, [name, value]) => text.replaceAll(`{${name}}`, String(value)), words[key] || key);
}

/**
 * Says who wrote a message.
 * @param {Translate} t
 * @param {string} assistant
 * @param {{ author: string, name?: string | null }} event
 */
export function authorWords(t, assistant, { author, name }) {
  if (author === 'citizen') return t('tu');
  if (author === 'assistant') return assistant;
  return author === 'staff' ? name || t('con_persona') : t('sistema');
}


export class Times {
  #locale;

  #zone;

  #t;

  #now;

  /** @type {Map<string, Intl.DateTimeFormat>} */
  #formats = new Map();

  /**
   * @param {{ language: string, timezone: string }} config
   * @param {Translate} t
   */
  constructor({ language, timezone }, t, now = () => Date.now()) {
    this.#locale = language === 'en' ? 'en' : 'es-CL';
    this.#zone = timezone;
    this.#t = t;
    this.#now = now;
  }

  /**
   * "09:05"
   * @param {number} at Milliseconds since 1970, as everywhere here.
   */
  clock(at) {
    return this.#format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  }

  /**
   * The day in figures: two moments of one day give the same.
   * @param {number} at
   */
  day(at) {
    return this.#format(at, { year: 'numeric', month: '2-digit', day: '2-digit' });
  }

  /**
   * "Hoy", "Ayer" or "lunes, 3 de marzo"
   * @param {number} at
   */
  dayWords(at) {
    const day = this.day(at);
    if (day === this.day(this.#now())) return this.#t('hoy');
    if (day === this.day(this.#now() - DAY_MS)) return this.#t('ayer');
    return this.#format(at, { weekday: 'long', day: 'numeric', month: 'long' });
  }

  /**
   * Date and time, short.
   * @param {number} at
   */
  moment(at) {
    return this.#format(at, { dateStyle: 'short', timeStyle: 'short' });
  }

  /**
   * @param {number} at
   * @param {Intl.DateTimeFormatOptions} options
   */
  #format(at, options) {
    const key = JSON.stringify(options);
    let format = this.#formats.get(key);
    if (!format) this.#formats.set(key, (format = new Intl.DateTimeFormat(this.#locale, { timeZone: this.#zone, ...options })));
    return format.format(at);
  }
}
