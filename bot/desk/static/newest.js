/** Tells whether a request is still the newest of its kind: what an older one answers is then not shown. */

export class Newest {
  #asks = 0;

  /** Begins a request; returns a function that says whether no other one has begun, nor been dropped, since. */
  ask() {
    const mine = (this.#asks += 1);
    return () => mine === this.#asks;
  }

  /** Drops the requests that are on their way. */
  drop() {
    this.#asks += 1;
  }
}
