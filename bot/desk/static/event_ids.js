/** Compares event ids, which have the form "<ms>-<n>". */

/**
 * Returns whether event `one` is later than `other`; always true if `other` is missing.
 * @param {string} one
 * @param {string | null} [other]
 */
export function isLater(one, other) {
  if (!other) return true;
  const [ms, n] = one.split("-").map(Number);
  const [otherMs, otherN] = other.split("-").map(Number);
  return ms > otherMs || (ms === otherMs && n > otherN);
}
