/** Provides the chat's labels (bot/core/texts/widget.yml), author names, and times in the agency's time zone. */

/** @import { Configuration, Speaker } from './api.js' */

const DAY_MS = 864e5;

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/**
 * Returns t('key', {n: 3}), which fills the values into a label; a missing label yields its key.
 * @param {Pick<Configuration, 'agency' | 'assistant' | 'labels'>} config
 * @returns {Translate}
 */
export function labels({ agency, assistant, labels: words }) {
  return (key, values = {}) => Object.entries({ agencia: agency, asistente: assistant, ...values })
    .reduce((text, [name, value]) => text.replaceAll(`{${name}}`, String(value)), words[key] || key);
}

/**
 * Returns the author's name as shown.
 * @param {Translate} t
 * @param {string} assistant
 * @param {{ author: string, name?: string | null }} event
 */
export function authorWords(t, assistant, { author, name }) {
  if (author === 'citizen') return t('tu');
  if (author === 'assistant') return assistant;
  return author === 'staff' ? name || t('con_persona') : t('sistema');
}

/**
 * Returns the text shown in place of a removed message.
 * @param {{ t: Translate, times: Times }} wording
 * @param {{ removed_by?: string | null, removed_at?: number | null }} event
 */
export function goneWords({ t, times }, { removed_by: by, removed_at: at }) {
  return t('eliminado', { hora: times.clock(at || 0), quien: by || '' });
}

/**
 * Returns the text that names the citizen's current speaker.
 * @param {Translate} t
 * @param {{ speaker: Speaker, staff: string | null, isEmergency: number | false }} now The agent's name is ``staff``.
 */
export function speakerWords(t, { speaker, staff, isEmergency }) {
  if (speaker === 'waiting') return t(isEmergency ? 'en_emergencia' : 'en_fila');
  if (speaker === 'assistant') return t('habla_asistente');
  return staff ? t('con_nombre', { nombre: staff }) : t('con_persona');
}

/**
 * Returns the first letters of a person's first and last name.
 * @param {string} name
 */
export function initials(name) {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => [...word][0] ?? '').join('').toUpperCase();
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
   * Formats a time as "09:05".
   * @param {number} at Milliseconds since 1970, here and below.
   */
  clock(at) {
    return this.#format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  }

  /**
   * Formats the date in digits, to compare days.
   * @param {number} at
   */
  day(at) {
    return this.#format(at, { year: 'numeric', month: '2-digit', day: '2-digit' });
  }

  /**
   * Formats a date as "Hoy", "Ayer" or "lunes, 3 de marzo".
   * @param {number} at
   */
  dayWords(at) {
    const day = this.day(at);
    if (day === this.day(this.#now())) return this.#t('hoy');
    if (day === this.day(this.#now() - DAY_MS)) return this.#t('ayer');
    return this.#format(at, { weekday: 'long', day: 'numeric', month: 'long' });
  }

  /**
   * Formats date and time, short, with hours up to 23 as everywhere in the chat.
   * @param {number} at
   */
  moment(at) {
    return this.#format(at, { dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
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
