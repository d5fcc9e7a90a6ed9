/** Formats the sizes of files. */

const KILO = 1000;
const MEGA = 1_000_000;

/** @param {number} bytes */
export function sizeWords(bytes) {
  if (bytes < MEGA) return `${Math.max(1, Math.round(bytes / KILO))} KB`;
  return `${(bytes / MEGA).toFixed(1).replace(".", ",")} MB`;
}
