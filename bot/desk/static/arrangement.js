/** Keeps which rows the list draws, in which order, while it is held still, and counts what would change. */

/** @typedef {Record<string, string[]>} Rows The ids of the tickets that each group draws, in order. */

export class Arrangement {
  /** @type {Rows} */
  #drawn = {};

  /** Number of changes that wait until the hold ends. */
  changes = 0;

  /**
   * Returns the rows to draw: `wanted`, or those of the last time while the list is held.
   * @param {Rows} wanted
   * @param {boolean} held
   */
  arrange(wanted, held) {
    const empty = Object.values(this.#drawn).every((ids) => !ids.length);
    if (!held || empty) this.#drawn = wanted;
    this.changes = changesOf(this.#drawn, wanted);
    return this.#drawn;
  }
}

/**
 * Counts the rows that come, go, or move to another place.
 * @param {Rows} drawn
 * @param {Rows} wanted
 */
function changesOf(drawn, wanted) {
  const [before, after] = [placesOf(drawn), placesOf(wanted)];
  const gone = [...before.keys()].filter((id) => !after.has(id)).length;
  const stayed = [...after].filter(([id, { group }]) => before.get(id)?.group === group);
  const orders = Object.keys(wanted).map((name) => stayed.filter(([, { group }]) => group === name).map(([id]) => before.get(id)?.place ?? 0));
  return gone + after.size - stayed.length + orders.reduce((sum, one) => sum + one.length - longestRise(one), 0);
}

/** @param {Rows} rows */
function placesOf(rows) {
  return new Map(Object.entries(rows).flatMap(([group, ids]) => ids.map((id, place) => /** @type {const} */ ([id, { group, place }]))));
}

/**
 * Returns how many of the numbers stay if as few as possible are taken out until the rest rises.
 * @param {number[]} numbers
 */
function longestRise(numbers) {
  /** @type {number[]} The smallest last number of a rise of each length. */
  const ends = [];
  for (const one of numbers) {
    const place = ends.findIndex((end) => end >= one);
    ends[place < 0 ? ends.length : place] = one;
  }
  return ends.length;
}
