/** Words the chat in the language of its labels (bot/core/texts/widget.yml). */

/** @import { Configuration } from './api.js' */

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
