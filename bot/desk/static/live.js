// The stream of live events. After every (re)connection "ready" comes first, and the page loads the list again.

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
const NAMES = ["ready", "ticket", "message", "proposal", "typing", "read", "problems", "signed_out"];

export class Live {
  #source = null;
  #retryMs = FIRST_RETRY_MS;
  #timer = null;

  /** `on[name](data)` for each event, `onState("connected" | "connecting")`. */
  constructor(on, onState) {
    this.on = on;
    this.onState = onState;
    window.addEventListener("online", () => this.start());
    window.addEventListener("pagehide", () => this.stop());
    window.addEventListener("pageshow", (shown) => shown.persisted && this.start());
  }

  start() {
    this.stop();
    const source = new EventSource("/desk/api/events");
    this.#source = source;
    for (const name of NAMES) source.addEventListener(name, (event) => this.#got(name, JSON.parse(event.data)));
    source.addEventListener("error", () => this.#lost(source));
  }

  stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #got(name, data) {
    if (name === "ready") {
      this.#retryMs = FIRST_RETRY_MS;
      this.onState("connected");
    }
    this.on[name](data);
  }

  /** The browser tries again by itself after a broken connection, but never after an answer other than 200. */
  #lost(source) {
    this.onState("connecting");
    if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
    this.stop();
    this.on.refused();
    this.#timer = setTimeout(() => this.start(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
