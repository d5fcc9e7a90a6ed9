/** Dresses the chat: its style sheet, a file beside this module, and the agency's colour. */

import { readable, textOn } from './color.js';
import { h } from './elements.js';

const COLOR = /^#[0-9a-f]{6}$/i;
const LIGHT = { surface: '#ffffff', towards: '#000000', enough: 5 };
const DARK = { surface: '#1e2623', towards: '#ffffff', enough: 6.5 };

/** Asked for as soon as this module is here, beside the configuration: nothing is ever shown without it. */
let sheet = fetchSheet();
sheet.catch(() => null); // told to whoever awaits it

/** Loads the style sheet. Rejects when it cannot be had; the next call tries again. */
export async function loadSheet() {
  try {
    return await sheet;
  } catch (error) {
    sheet = fetchSheet();
    throw error;
  }
}

/**
 * Puts the style sheet into the chat's shadow.
 * @param {ShadowRoot} root
 * @param {string} css
 * @param {string[]} colors The first that is one counts.
 */
export function dress(root, css, colors) {
  const color = colors.find((one) => COLOR.test(one)) ?? '#000000';
  const all = colorRules(color) + css;
  try {
    const made = new CSSStyleSheet();
    made.replaceSync(all);
    root.adoptedStyleSheets = [made];
  } catch {
    root.append(h('style', {}, all)); // Safari before 16.4
  }
}

/** @param {string} color */
function colorRules(color) {
  const [light, dark] = [readable(color, LIGHT), readable(color, DARK)];
  return `:host{--brand:${color};--on-brand:${textOn(color)};--accent:${light};--on-accent:${textOn(light)}}
    @media (prefers-color-scheme:dark){:host{--accent:${dark};--on-accent:${textOn(dark)}}
    @supports (color:oklch(from red l c h)){:host{--accent:oklch(from var(--brand) .8 clamp(.04,c * 1.3,.14) h);--on-accent:#07120d}}}`;
}

async function fetchSheet() {
  const answer = await fetch(new URL('style.css', import.meta.url));
  if (!answer.ok) throw new Error(`style sheet: ${answer.status}`);
  return answer.text();
}
