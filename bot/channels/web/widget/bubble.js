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
 * Draws a bubble; screen readers announce the author of each, the screen shows the author only on the first bubble of a
 * group.
 * @param {Wording} wording
 * @param {{ id?: string, author: ChatEvent['author'], name?: string | null, at: number }} event
 * @param {Node | string} body
 */
export function bubble({ t, times, assistant }, { id, author, name, at }, body) {
  const who = authorWords(t, assistant, { author, name });
  const time = h('time', { datetime: new Date(at).toISOString() }, times.clock(at));
  const state = author === 'citizen' && id ? 'recibido' : '';
  return h('div', { class: 'm ' + author, 'data-who': author + (name || ''), 'data-event': id, 'data-state': state || undefined },
    h('p', { class: 'who' }, who, ...authorTag(t, author), h('span', { class: 'hidden' }, ': ')),
    h('div', { class: 'b' }, author === 'system' ? icon('bell') : null, body),
    h('p', { class: 'meta' }, time, h('span', { class: 'state' }, state && t(state))));
}

/**
 * Draws the author's role, separated from the name, for screen readers, too.
 * @param {Translate} t
 * @param {ChatEvent['author']} author
 */
function authorTag(t, author) {
  if (author !== 'assistant' && author !== 'staff') return [];
  const words = t(author === 'staff' ? 'insignia_persona' : 'asistente');
  return [h('span', { class: 'hidden' }, ', '), h('span', { class: 'tag' }, words)];
}

/**
 * Draws an event's content; its HTML comes sanitized from the server and is the only HTML ever inserted.
 * @param {Translate} t
 * @param {ChatEvent} event
 */
export function eventBody(t, event) {
  const { author, html, language, source, entry, why, fold_after: after, title } = event;
  const body = h('div', { class: 'html', lang: language });
  setSafeHtml(body, html);
  for (const link of body.querySelectorAll('a')) {
    const path = link.getAttribute('href');
    if (path?.startsWith('/')) link.href = new URL(path, BASE).href;
  }
  if (author === 'system') markHeadline(body);
  if (after) fold(t, body, after);
  if (title) body.prepend(h('p', { class: 'title' }, title));
  body.append(...sourceLine(t, source, entry), ...(why ? [reasons(t, why, source)] : []), ...attached(t, event));
  for (const link of body.querySelectorAll('a[target]')) link.append(h('span', { class: 'hidden' }, ` (${t('nueva_pestana')})`));
  return body;
}

/**
 * Draws what comes with a message: a position, files, numbers to call.
 * @param {Translate} t
 * @param {ChatEvent} event
 */
function attached(t, { map, files, calls }) {
  const position = map ? [h('p', {}, pageLink(map, t('ver_mapa')))] : [];
  return [...position, ...(files || []).map(fileLink), ...callLinks(t, calls || [])];
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
 * Draws why this answer was given, folded, with a link to how the assistant works.
 * @param {Translate} t
 * @param {NonNullable<ChatEvent['why']>} why
 * @param {ChatEvent['source']} source
 */
function reasons(t, why, source) {
  const lines = [
    t('porque_maquina'),
    t('porque_pregunta', { pregunta: why.question }),
    t(`porque_${why.sureness}`),
    ...(why.reviewed ? [t('porque_revisada', { fecha: why.reviewed.split('-').reverse().join('-') })] : []),
    ...(why.approved ? [t('porque_aprobada')] : []),
    ...(source ? [t('porque_fuente', { fuente: source.title })] : []),
  ];
  const how = h('p', {}, pageLink(`${BASE}transparencia`, t('porque_mas')));
  return h('details', { class: 'why' }, h('summary', {}, t('porque')), h('ul', {}, ...lines.map((line) => h('li', {}, line))), how);
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
 * Ends the choices in `log` and marks the chosen one. Choices that the citizen passed over turn gray below a question,
 * and vanish below a notice, whose text names them.
 * @param {Translate} t
 * @param {HTMLElement} log
 * @param {string} said What the citizen wrote or chose.
 */
export function retire(t, log, said) {
  for (const shown of log.querySelectorAll('.choices:not(.examples)')) {
    const titles = [...shown.querySelectorAll('button')].map((button) => button.textContent ?? '');
    const chosen = titles.find((title) => title === said);
    const mark = chosen ? [h('p', { class: 'chosen' }, icon('check'), h('span', { class: 'hidden' }, t('elegiste') + ': '), chosen)] : [];
    const others = shown.closest('.system') ? [] : titles.filter((title) => title !== chosen);
    const grey = others.length ? [h('ul', { class: 'offered', 'aria-label': t('no_elegidas') }, ...others.map((title) => h('li', {}, title)))] : [];
    shown.replaceWith(...mark, ...grey);
  }
}

/**
 * Marks the bold words with which a notice begins.
 * @param {HTMLElement} body
 */
function markHeadline(body) {
  const first = body.firstElementChild?.firstChild;
  if (first instanceof HTMLElement && first.localName === 'strong') first.classList.add('headline');
}
