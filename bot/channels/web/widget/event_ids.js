/** Makes message ids, and compares event ids of the form "<ms>-<n>". */

/** @returns {string} 128 random bits in hexadecimal; crypto.randomUUID does not exist on plain http. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Compares two ids: positive if `one` is later. A missing id is earlier than all.
 * @param {string} one
 * @param {string | null} [other]
 */
export function compareIds(one, other) {
  const [a, b] = [one, other || '0'].map((id) => id.split('-').map(Number));
  return a[0] - b[0] || (a[1] || 0) - (b[1] || 0);
}
