/** Sends requests to /desk/api. Failures throw an ApiError; a 401 also fires "signed-out" on window. */

/** @import { Board, Refusal } from "./shapes.js" */

import { facts, say } from "./facts.js";

const PATIENCE_MS = 15_000;
const UPLOAD_PATIENCE_MS = 120_000;
const NO_NETWORK = 0;
const NOT_THE_SERVERS = -1;
const NO_CONTENT = 204;
const UNAUTHORIZED = 401;
const TOO_MANY = 429;
const SERVER_ERROR = 500;

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
 * @param {FormData} form The form, with a file.
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
  const once = () => call(path, { method: "POST", headers: { ...headers, "X-CSRF-Token": facts.csrf }, ...options });
  try {
    return await once();
  } catch (error) {
    if (failure(error).code !== "csrf") throw error;
    facts.csrf = /** @type {Board} */ (await get("/tickets")).csrf;
    return once();
  }
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function call(path, options) {
  const response = await reach(path, options);
  if (response.status === NO_CONTENT) return null;
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === UNAUTHORIZED) window.dispatchEvent(new Event("signed-out"));
  if (body?.detail?.error === "password_change") location.assign("/desk/clave");
  throw new ApiError(response.status, Array.isArray(body?.detail) ? null : body?.detail);
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
