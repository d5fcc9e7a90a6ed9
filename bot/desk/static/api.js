// Every request to /desk/api. Failures are ApiError: status 0 is "no network", 401 also fires "signed-out" on window.

import { facts, say } from "./words.js";

const PATIENCE_MS = 15_000;
const UPLOAD_PATIENCE_MS = 120_000;

export class ApiError extends Error {
  constructor(status, detail) {
    super(detail?.message ?? say("sin_red"));
    this.status = status;
    this.code = detail?.error ?? "";
    this.owner = detail?.owner ?? "";
  }

  /** The same request may work later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function get(path) {
  return call(path, { method: "GET" });
}

export function post(path, body = {}) {
  return change(path, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** `form` is a FormData with a file. */
export function upload(path, form) {
  return change(path, { body: form, signal: AbortSignal.timeout(UPLOAD_PATIENCE_MS) });
}

/** A session begun in another tab has another token: it is read once, then the change is tried again. */
async function change(path, { headers, ...options }) {
  const once = () => call(path, { method: "POST", headers: { ...headers, "X-CSRF-Token": facts.csrf }, ...options });
  try {
    return await once();
  } catch (error) {
    if (error.code !== "csrf") throw error;
    facts.csrf = (await get("/tickets")).csrf;
    return once();
  }
}

async function call(path, options) {
  const response = await reach(path, options);
  if (response.status === 204) return null;
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === 401) window.dispatchEvent(new Event("signed-out"));
  if (body?.detail?.error === "password_change") location.assign("/desk/clave");
  throw new ApiError(response.status, Array.isArray(body?.detail) ? null : body?.detail);
}

async function reach(path, options) {
  try {
    return await fetch(`/desk/api${path}`, { redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  } catch {
    throw new ApiError(0, null);
  }
}

/** 128 random bits; crypto.randomUUID is missing on plain http in an office network. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
