/** Provides fakes of a browser's clock, socket and storage. */

export class FakeClock {
  #now = 1_000_000;

  /** @type {{ at: number, act: () => void, every: number }[]} */
  #timers = [];

  /** The result of random(); 1 yields the longest delay before a reconnection. */
  chance = 1;

  now() {
    return this.#now;
  }

  random() {
    return this.chance;
  }

  after(ms, act) {
    return this.#add(ms, act, 0);
  }

  every(ms, act) {
    return this.#add(ms, act, ms);
  }

  stop(timer) {
    this.#timers = this.#timers.filter((one) => one !== timer);
  }

  /** Advances the time by `ms` and runs the due timers in order. */
  pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = next.at;
      if (next.every) next.at += next.every;
      else this.stop(next);
      next.act();
    }
    this.#now = end;
  }

  get pending() {
    return this.#timers.length;
  }

  #add(ms, act, every) {
    const timer = { at: this.#now + ms, act, every };
    this.#timers.push(timer);
    return timer;
  }
}

export class FakeSocket {
  readyState = 1;

  closed = false;

  /** @type {any[]} */
  sent = [];

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  /** Delivers a frame as the server would. */
  says(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

export class FakeStorage {
  #items = new Map();

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, value);
  }

  removeItem(key) {
    this.#items.delete(key);
  }

  clear() {
    this.#items.clear();
  }

  keys() {
    return [...this.#items.keys()];
  }
}

/** Waits until pending promise callbacks have run. */
export function settled() {
  return new Promise((done) => setImmediate(done));
}
