/** Keeps any agency's colour readable (WCAG AA). bot/channels/web/palette.py does the same sums for the pages. */

const LEAST_CONTRAST = 4.5;
const STEP = 0.05;

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
 * Mixes the colour with `towards` until it can be read on `surface`.
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
 * @param {number} share Of `other`, 0 to 1.
 */
function mix(one, other, share) {
  const target = channels(other);
  const mixed = channels(one).map((channel, at) => Math.round(channel * (1 - share) + target[at] * share));
  return '#' + mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('');
}
