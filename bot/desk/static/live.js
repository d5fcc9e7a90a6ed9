/**
 * Receives the live events. "ready" is the first event after every (re)connection; the page then reloads the list. A
 * connection on which even the pings stopped, as after a laptop slept, is reopened.
 */

/** @import { LiveEvents } from "./shapes.js" */

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
const SILENT_MS = 40_000; // the server sends a ping every 15 s

/** @type {(keyof LiveEvents)[]} */
const NAMES = ["ready", "ticket", "message", "proposal", "notices", "complaint", "looking", "typing", "read", "problems", "signed_out"];

/** @typedef {{ [Name in keyof LiveEvents]: (data: LiveEvents[Name]) => void }} EventHandlers */
/** @typedef {EventHandlers & { refused: () => void }} Handlers */

export class Live {
  /** @type {EventSource | null} */
  #source = null;

  #retryMs = FIRST_RETRY_MS;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;

  /**
   * @param {Handlers} on
   * @param {(state: "connected" | "connecting") => void} onState
   */
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
    for (const name of NAMES) source.addEventListener(name, (event) => this.#receive(name, JSON.parse(event.data)));
    source.addEventListener("ping", () => this.#heard());
    source.addEventListener("error", () => this.#lost(source));
    this.#heard();
  }

  stop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = null;
  }

  /**
   * @template {keyof LiveEvents} Name
   * @param {Name} name
   * @param {LiveEvents[Name]} data
   */
  #receive(name, data) {
    this.#heard();
    if (name === "ready") {
      this.#retryMs = FIRST_RETRY_MS;
      this.onState("connected");
    }
    /** @type {EventHandlers} */
    const handlers = this.on;
    handlers[name](data);
  }

  /** Restarts the timer that ends a silent connection: the browser itself may wait for minutes. */
  #heard() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.onState("connecting");
      this.start();
    }, SILENT_MS);
  }

  /**
   * Reconnects after a response other than 200; after a broken connection the browser reconnects by itself.
   * @param {EventSource} source
   */
  #lost(source) {
    if (source !== this.#source) return; // it was closed, and another one may be connected by now
    this.onState("connecting");
    if (source.readyState !== EventSource.CLOSED) return;
    this.stop();
    this.on.refused();
    this.#timer = setTimeout(() => this.start(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
