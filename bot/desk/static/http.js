/**
 * Sends requests to /desk/api. Failures throw an ApiError; a 401 also fires "signed-out" on window, the second time: the
 * first request may have left while another tab gave the password again, which replaces the cookie.
 */

/** @import { Board, Refusal } from "./shapes.js" */

import { facts, say } from "./facts.js";

const PATIENCE_MS = 15_000;
const UPLOAD_PATIENCE_MS = 120_000;
const KEPT_BYTES = 60_000; // a browser refuses requests that outlive the page if their bodies exceed 64 KiB together
const KEPT_AT_ONCE = 6; // Firefox refuses the tenth of all tabs of a site
const FIELD_BYTES = 200; // of a field with a file besides its name and value, at most
const AGAIN_AFTER_MS = 1000;
const NO_NETWORK = 0;
const NOT_THE_SERVERS = -1;
const NO_CONTENT = 204;
const UNAUTHORIZED = 401;
const TOO_MANY = 429;
const SERVER_ERROR = 500;

let keptBytes = 0;
let keptNow = 0;
let losable = 0;

export class ApiError extends Error {
  /**
   * @param {number} status HTTP status; 0 if the server was not reached, -1 for an error of this page.
   * @param {Refusal | null} detail
   */
  constructor(status, detail) {
    super(detail?.message ?? say("sin_red"));
    this.status = status;
    this.code = detail?.error ?? "";
    this.owner = detail?.owner ?? "";
    this.newest = detail?.newest ?? "";
  }

  /** Returns whether a retry of the request may succeed. */
  get passing() {
    return this.status === NO_NETWORK || this.status === TOO_MANY || this.status >= SERVER_ERROR;
  }
}

/**
 * Converts anything caught into an ApiError.
 * @param {unknown} error
 */
export function failure(error) {
  return error instanceof ApiError ? error : new ApiError(NOT_THE_SERVERS, { error: "", message: String(error) });
}

/** @param {string} path */
export function get(path) {
  return call(path, { method: "GET" });
}

/**
 * @param {string} path
 * @param {object} body
 */
export function post(path, body = {}) {
  return change(path, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/**
 * @param {string} path
 * @param {FormData | URLSearchParams} form The form, perhaps with a file.
 */
export function upload(path, form) {
  return change(path, { body: form, signal: AbortSignal.timeout(UPLOAD_PATIENCE_MS) });
}

/**
 * Sends a POST, and retries once with a new CSRF token, which changes when another tab signs in again.
 * @param {string} path
 * @param {RequestInit} options
 */
async function change(path, { headers, ...options }) {
  const once = () => kept(path, { method: "POST", headers: { ...headers, "X-CSRF-Token": facts.csrf }, ...options });
  try {
    return await once();
  } catch (error) {
    if (failure(error).code !== "csrf") throw error;
    facts.csrf = /** @type {Board} */ (await get("/tickets")).csrf;
    return once();
  }
}

/**
 * Sends a POST that leaving or reloading the page does not cancel. If those on their way are too many or too large for that,
 * the browser asks whoever leaves.
 * @param {string} path
 * @param {RequestInit} options
 */
async function kept(path, options) {
  const bytes = bytesOf(options.body);
  const keepalive = keptNow < KEPT_AT_ONCE && keptBytes + bytes <= KEPT_BYTES;
  if (keepalive) count(1, bytes);
  else if (losable++ === 0) window.addEventListener("beforeunload", askToStay);
  try {
    return await call(path, { keepalive, ...options });
  } finally {
    if (keepalive) count(-1, -bytes);
    else if (--losable === 0) window.removeEventListener("beforeunload", askToStay);
  }
}

/**
 * @param {number} requests
 * @param {number} bytes
 */
function count(requests, bytes) {
  keptNow += requests;
  keptBytes += bytes;
}

/** @param {Event} event */
function askToStay(event) {
  event.preventDefault();
}

/** @param {BodyInit | null | undefined} body A text, or a form, whose size is an upper bound. */
function bytesOf(body) {
  if (!(body instanceof FormData)) return new Blob([String(body)]).size;
  const fields = [...body];
  return new Blob(fields.flat()).size + fields.length * FIELD_BYTES;
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function call(path, options) {
  const response = await signedIn(path, options);
  if (response.status === NO_CONTENT) return null;
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === UNAUTHORIZED) window.dispatchEvent(new Event("signed-out"));
  if (body?.detail?.error === "password_change") location.assign("/desk/clave");
  throw new ApiError(response.status, Array.isArray(body?.detail) ? null : body?.detail);
}

/**
 * Repeats a request once whose session is unknown.
 * @param {string} path
 * @param {RequestInit} options
 */
async function signedIn(path, options) {
  const response = await reach(path, options);
  if (response.status !== UNAUTHORIZED) return response;
  await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  return reach(path, options);
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function reach(path, options) {
  try {
    return await fetch(`/desk/api${path}`, { redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  } catch {
    throw new ApiError(NO_NETWORK, null);
  }
}

/** Returns 128 random bits in hex; crypto.randomUUID is missing on plain http, as in an office network. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
