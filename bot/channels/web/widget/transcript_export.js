/** Saves the conversation as a text file, made in the browser from the events shown. */

/** @import { ChatEvent } from './api.js' */
/** @import { Wording } from './bubble.js' */

import { BASE } from './address.js';
import { h } from './elements.js';
import { authorWords, goneWords } from './wording.js';

const KEEP_URL_MS = 10000;
/* without it, Windows Notepad may guess the wrong encoding */
const BYTE_ORDER_MARK = '\ufeff';

export class TranscriptExport {
  /** @type {ChatEvent[]} */
  #events = [];

  #wording;

  #button;

  /**
   * @param {Wording} wording
   * @param {HTMLElement} button The save button, hidden while there are no events.
   */
  constructor(wording, button) {
    this.#wording = wording;
    this.#button = button;
    button.hidden = true;
    button.addEventListener('click', () => this.#save());
  }

  /** @param {ChatEvent} event */
  add(event) {
    this.#events.push(event);
    this.#button.hidden = false;
  }

  clear() {
    this.#events = [];
    this.#button.hidden = true;
  }

  #save() {
    const text = transcript(this.#wording, this.#events);
    const url = URL.createObjectURL(new Blob([BYTE_ORDER_MARK + text], { type: 'text/plain;charset=utf-8' }));
    const day = new Date().toISOString().slice(0, 10);
    h('a', { href: url, download: `chat-${day}.txt` }).click();
    setTimeout(() => URL.revokeObjectURL(url), KEEP_URL_MS);
  }
}

/**
 * Formats the whole conversation as plain text.
 * @param {Wording} wording
 * @param {ChatEvent[]} events
 */
export function transcript({ t, times, assistant }, events) {
  const written = events.map((event) => {
    const ours = event.author === 'assistant' || event.author === 'system';
    const said = ours ? plainText(event.text) : event.text;
    const words = event.removed_at ? goneWords({ t, times }, event) : said;
    const files = (event.files || []).map(({ name, size }) => `\n${t('archivo')}: ${name} (${size})`).join('');
    const from = event.source ? `\n${t('fuente')}: ${event.source.title} (${event.source.url})` : '';
    return `[${times.moment(event.at)}] ${authorWords(t, assistant, event)}:\n${words}${files}${from}\n`;
  });
  return [`${t('titulo')} · ${times.moment(Date.now())}\n`, ...written].join('\n');
}

/**
 * Removes Markdown's bold marks, and writes a link's URL in parentheses after its text.
 * @param {string} text
 */
export function plainText(text) {
  return text
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, words, url) => `${words} (${new URL(url, BASE).href})`)
    .replace(/(\*\*|__)(?=\S)(.+?)\1/g, '$2');
}
