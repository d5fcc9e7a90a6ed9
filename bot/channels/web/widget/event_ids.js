/** Makes the ids of messages and compares those of events, which are "<ms>-<n>". */

/** @returns {string} 128 random bits; crypto.randomUUID is missing on plain http. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Compares two ids: above 0 when `one` is later. No id counts as the very first.
 * @param {string} one
 * @param {string | null} [other]
 */
export function compareIds(one, other) {
  const [a, b] = [one, other || '0'].map((id) => id.split('-').map(Number));
  return a[0] - b[0] || (a[1] || 0) - (b[1] || 0);
}
