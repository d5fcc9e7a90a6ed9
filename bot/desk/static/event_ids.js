/** Compares ids of events, which are "<ms>-<n>". */

/**
 * Whether `one` comes after `other`; everything comes after no id.
 * @param {string} one
 * @param {string | null} [other]
 */
export function isLater(one, other) {
  if (!other) return true;
  const [ms, n] = one.split("-").map(Number);
  const [otherMs, otherN] = other.split("-").map(Number);
  return ms > otherMs || (ms === otherMs && n > otherN);
}
