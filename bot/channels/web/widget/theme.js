/**
 * Applies the style sheet (style.css beside this module) and the agency's color, made readable (WCAG AA).
 *
 * bot/channels/web/palette.py computes the same colors for the pages.
 */

import { h } from './elements.js';

const LEAST_CONTRAST = 4.5;
const STEP = 0.05;
const COLOR = /^#[0-9a-f]{6}$/i;
const LIGHT = { surface: '#ffffff', towards: '#000000', enough: 5 };
const DARK = { surface: '#1e2623', towards: '#ffffff', enough: 6.5 };

/** Fetched as soon as this module loads, in parallel with the configuration. */
let sheet = fetchSheet();
/* loadSheet handles the error */
sheet.catch(() => null);

/** Returns the style sheet; rejects if it cannot be loaded, and the next call tries again. */
export async function loadSheet() {
  try {
    return await sheet;
  } catch (error) {
    sheet = fetchSheet();
    throw error;
  }
}

/**
 * Applies the style sheet and the color rules to the chat's shadow root.
 * @param {ShadowRoot} root
 * @param {string} css
 * @param {string[]} colors Candidates; the first valid #rrggbb is used.
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

/** @param {string} color "#rrggbb" */
function channels(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

/** @param {string} color */
function luminance(color) {
  const [red, green, blue] = channels(color)
    .map((channel) => channel / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * @param {string} one
 * @param {string} other
 */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {string} color */
export function textOn(color) {
  return contrast(color, '#ffffff') >= LEAST_CONTRAST ? '#ffffff' : '#000000';
}

/**
 * Mixes the color with `towards` until its contrast to `surface` is `enough`.
 * @param {string} color
 * @param {{ surface: string, towards: string, enough: number }} wanted
 */
export function readable(color, { surface, towards, enough }) {
  for (let share = 0; share < 1; share += STEP) {
    const mixed = mix(color, towards, share);
    if (contrast(mixed, surface) >= enough) return mixed;
  }
  return towards;
}

/**
 * @param {string} one
 * @param {string} other
 * @param {number} share The share of `other`, 0 to 1.
 */
function mix(one, other, share) {
  const target = channels(other);
  const mixed = channels(one).map((channel, at) => Math.round(channel * (1 - share) + target[at] * share));
  return '#' + mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('');
}
