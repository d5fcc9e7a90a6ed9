// Replies on their way: sent in order, again after a lost connection, never said twice (the server knows each reply_id).

import { newId, post, upload } from "./api.js";
import { keepOutbox, outbox } from "./kept.js";
import { say } from "./words.js";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;

export class Outbox {
  #replies = outbox();
  #files = new Map();
  #sending = false;
  #retryMs = FIRST_RETRY_MS;
  #timer = null;

  /** `onSent(reply, feedId)` and `onState(reply)` after every change of a reply's `state`: sending, waiting, failed. */
  constructor({ onSent, onState }) {
    this.onSent = onSent;
    this.onState = onState;
  }

  of(conversation) {
    return this.#replies.filter((reply) => reply.conversation === conversation);
  }

  /**
   * `entry` is the version of an entry that is sent as it is, with its source; `text` then only shows it meanwhile. `file` stays in
   * this page: after a reload the reply says that it was lost.
   */
  add(ticket, text, { entry = "", file = null } = {}) {
    const reply = { ticket: ticket.id, conversation: ticket.conversation, reply_id: newId(), text, entry, file: file?.name, state: "sending", error: "" };
    if (file) this.#files.set(reply.reply_id, file);
    this.#replies.push(reply);
    keepOutbox(this.#replies);
    this.flush();
    return reply;
  }

  discard(replyId) {
    this.#files.delete(replyId);
    this.#replies = this.#replies.filter((reply) => reply.reply_id !== replyId);
    keepOutbox(this.#replies);
  }

  retry(replyId) {
    const reply = this.#replies.find((one) => one.reply_id === replyId);
    if (reply) this.#set(reply, "sending");
    this.flush();
  }

  /** Sends what waits, in order; called after a new reply, when the connection is back and by its own timer. */
  async flush() {
    if (this.#sending) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    let reply;
    while ((reply = this.#replies.find((one) => one.state !== "failed"))) {
      if (!(await this.#send(reply))) break;
    }
    this.#sending = false;
  }

  async #send(reply) {
    const file = this.#files.get(reply.reply_id);
    if (reply.file && !file) {
      this.#set(reply, "failed", say("adjunto_perdido"));
      return true;
    }
    this.#set(reply, "sending");
    try {
      const { id } = await said(reply, file);
      this.#retryMs = FIRST_RETRY_MS;
      this.discard(reply.reply_id);
      this.onSent(reply, id);
      return true;
    } catch (error) {
      return this.#failed(reply, error);
    }
  }

  #failed(reply, error) {
    if (error.status === 401) {
      this.#set(reply, "waiting");
      return false;
    }
    if (!error.passing) {
      this.#set(reply, "failed", error.message);
      return true;
    }
    this.#set(reply, "waiting");
    this.#timer = setTimeout(() => this.flush(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    return false;
  }

  #set(reply, state, error = "") {
    reply.state = state;
    reply.error = error;
    keepOutbox(this.#replies);
    this.onState(reply);
  }
}

function said(reply, file) {
  const words = { reply_id: reply.reply_id, text: reply.entry ? "" : reply.text };
  if (!file) return post(`/tickets/${reply.ticket}/replies`, { ...words, entry: reply.entry });
  const form = new FormData();
  Object.entries({ ...words, file }).forEach(([name, value]) => form.append(name, value));
  return upload(`/tickets/${reply.ticket}/files`, form);
}
