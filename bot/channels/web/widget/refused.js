/** Replaces the chat on a site that may not show it: a link to the chat's own page, and advice in the console. */

import { BASE } from './address.js';
import { h, icon } from './elements.js';
import { dress, loadSheet } from './theme.js';

/** @typedef {{ code: string, text: string, link: string }} Refusal */

/**
 * @param {unknown} problem
 * @returns {problem is Refusal}
 */
export function isRefusal(problem) {
  return typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === 'bad_origin';
}

/**
 * Shows a link in the chat's place.
 * @param {ShadowRoot} root
 * @param {Refusal} refusal
 * @param {DOMStringMap} options Attributes of the tag.
 */
export async function showLink(root, { text, link }, { color, title, position }) {
  console.error(`Ventanilla: ${text}`);
  dress(root, await loadSheet(), [color ?? '']);
  const launcher = h('a', { class: 'launcher', href: BASE, target: '_blank', rel: 'noopener' }, icon('chat'), title || link);
  root.append(h('div', { class: position === 'left' ? 'root left' : 'root' }, launcher));
}

/**
 * Leads to the chat's own page with a question.
 * @param {string} question
 */
export function goAndAsk(question) {
  const page = new URL(BASE);
  page.searchParams.set('q', question);
  location.assign(page);
}
