/** Draws one message: author, text, source, files, time and choices. */

/** @import { ChatEvent, SentFile } from './api.js' */
/** @import { Said } from './message_log.js' */
/** @import { Times, Translate } from './wording.js' */

import { BASE } from './address.js';
import { h, icon, setSafeHtml } from './elements.js';
import { fold } from './fold.js';
import { authorWords } from './wording.js';

/** @typedef {{ t: Translate, times: Times, assistant: string }} Wording */

/**
 * Draws a bubble; screen readers announce the author of each, the screen shows it only on the first of a group.
 * @param {Wording} wording
 * @param {{ id?: string, author: ChatEvent['author'], name?: string | null, at: number }} event
 * @param {Node | string} body
 */
export function bubble({ t, times, assistant }, { id, author, name, at }, body) {
  const who = authorWords(t, assistant, { author, name });
  const tag = author === 'assistant' ? t('asistente') : author === 'staff' ? t('insignia_persona') : null;
  const time = h('time', { datetime: new Date(at).toISOString() }, times.clock(at));
  const state = author === 'citizen' && id ? 'recibido' : '';
  return h('div', { class: 'm ' + author, 'data-who': author + (name || ''), 'data-event': id, 'data-state': state || undefined },
    h('p', { class: 'who' }, who, tag ? h('span', { class: 'tag' }, tag) : null, h('span', { class: 'hidden' }, ': ')),
    h('div', { class: 'b' }, body),
    h('p', { class: 'meta' }, time, h('span', { class: 'state' }, state && t(state))));
}

/**
 * Draws an event's content; its HTML comes sanitized from the server and is the only HTML ever inserted.
 * @param {Translate} t
 * @param {ChatEvent} event
 */
export function eventBody(t, { html, language, source, files, entry, calls, fold_after: after }) {
  const body = h('div', { class: 'html', lang: language });
  setSafeHtml(body, html);
  for (const link of body.querySelectorAll('a')) {
    const path = link.getAttribute('href');
    if (path?.startsWith('/')) link.href = new URL(path, BASE).href;
  }
  if (after) fold(t, body, after);
  body.append(...sourceLine(t, source, entry));
  body.append(...(files || []).map(fileLink), ...callLinks(t, calls || []));
  for (const link of body.querySelectorAll('a[target]')) link.append(h('span', { class: 'hidden' }, ` (${t('nueva_pestana')})`));
  return body;
}

/**
 * Draws where an answer comes from: the source, and the page with the answer.
 * @param {Translate} t
 * @param {ChatEvent['source']} source
 * @param {ChatEvent['entry']} entry
 */
function sourceLine(t, source, entry) {
  const links = [];
  if (source) links.push(h('span', {}, t('fuente') + ': ', pageLink(source.url, source.title)));
  if (entry) links.push(pageLink(`${BASE}tramites/${encodeURIComponent(entry)}`, t('pagina')));
  return links.length ? [h('p', { class: 'source' }, ...links)] : [];
}

/**
 * Draws a link that opens in a new tab.
 * @param {string} href
 * @param {string} title
 */
function pageLink(href, title) {
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, title);
}

/**
 * Draws the links to the emergency numbers as buttons.
 * @param {Translate} t
 * @param {string[]} numbers
 */
function callLinks(t, numbers) {
  const links = numbers.map((number) => h('a', { class: 'call', href: `tel:${number}` }, icon('phone'), t('llamar', { n: number })));
  return links.length ? [h('p', { class: 'calls' }, ...links)] : [];
}

/**
 * Draws the link to a file, pictures as a thumbnail; it opens in a new tab or downloads.
 * @param {SentFile} file
 */
function fileLink({ name, url, type, size }) {
  const link = h('a', { class: 'file', href: new URL(url, BASE), target: '_blank', rel: 'noopener noreferrer' });
  const label = h('span', { class: 'name' }, name, h('small', {}, size));
  if (!type.startsWith('image/')) {
    link.append(icon('clip'), label);
    return link;
  }
  const picture = h('img', { src: `${link.href}?mini`, alt: '', loading: 'lazy', onerror: () => picture.replaceWith(icon('clip')) });
  link.append(picture, label);
  return link;
}

/**
 * Draws choices as buttons.
 * @param {string} label
 * @param {{ title: string, said: Said }[]} offered
 * @param {(said: Said) => void} onChoose
 */
export function choices(label, offered, onChoose) {
  const buttons = offered.map(({ title, said }) => h('button', { type: 'button', onclick: () => onChoose(said) }, title));
  return h('div', { class: 'choices', role: 'group', 'aria-label': label }, ...buttons);
}

/**
 * Replaces all choice buttons in `log` by plain lists, and removes the example questions.
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
