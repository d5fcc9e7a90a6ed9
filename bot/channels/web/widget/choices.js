/** Offers choices as buttons, and shows what was offered as a list once something else was said. */

/** @import { Said } from './message_log.js' */

import { h } from './elements.js';

/**
 * @param {string} label
 * @param {{ title: string, said: Said }[]} offered
 * @param {(said: Said) => void} onChoose
 */
export function choices(label, offered, onChoose) {
  const buttons = offered.map(({ title, said }) => h('button', { type: 'button', onclick: () => onChoose(said) }, title));
  return h('div', { class: 'choices', role: 'group', 'aria-label': label }, ...buttons);
}

/**
 * Turns all choices in `log` into lists; the examples go without a trace.
 * @param {HTMLElement} log
 * @param {HTMLElement | null} examples
 */
export function retire(log, examples) {
  for (const shown of log.querySelectorAll('.choices')) {
    const titles = [...shown.querySelectorAll('button')].map((button) => h('li', {}, button.textContent));
    if (shown === examples) shown.remove();
    else shown.replaceWith(h('ul', { class: 'offered' }, ...titles));
  }
}
