/**
 * Folds a long answer after its lead. The folded part is hidden only visually: screen readers and the page's search
 * find it.
 */

/** @import { Translate } from './wording.js' */

import { h } from './elements.js';

const MAX_TITLES = 4;
const LONGEST_TITLE = 28;

let count = 0;

/**
 * Folds what follows the first `after` elements of an answer, except its actions, below a button that unfolds it. A link in the folded part
 * unfolds it when it gets the focus.
 * @param {Translate} t
 * @param {HTMLElement} body
 * @param {number} after
 */
export function fold(t, body, after) {
  const hidden = [...body.children].slice(after).filter((one) => !one.querySelector('.action'));
  if (!hidden.length) return;
  const rest = h('div', { class: 'rest', id: `rest-${count += 1}`, onfocusin: () => set(true) }, ...hidden);
  const words = h('span', {});
  const titles = h('small', {}, titlesOf(hidden).join(' · '));
  const button = h('button', { type: 'button', class: 'more', 'aria-controls': rest.id, onclick: () => toggle() }, words, titles);
  const set = (/** @type {boolean} */ open) => {
    rest.classList.toggle('hidden', !open);
    button.setAttribute('aria-expanded', String(open));
    words.textContent = t(open ? 'ver_menos' : 'ver_todo');
    titles.hidden = open;
  };
  const toggle = () => {
    const open = rest.classList.contains('hidden');
    set(open);
    /* the text above it became shorter */
    if (!open) button.scrollIntoView({ block: 'nearest' });
  };
  set(false);
  body.append(rest, button);
}

/**
 * Returns the titles of the sections: the bold text with which paragraphs begin.
 * @param {Element[]} blocks
 */
function titlesOf(blocks) {
  const bold = blocks.filter((block) => block.matches('p') && block.firstChild?.nodeName === 'STRONG').map((block) => block.firstElementChild?.textContent ?? '');
  return bold.map((title) => title.replace(/[:.,]+$/, '')).filter((title) => title.length <= LONGEST_TITLE).slice(0, MAX_TITLES);
}
