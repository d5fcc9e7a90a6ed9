/**
 * Sends the replies to each conversation in order and retries after a lost connection; the server drops repeats by their
 * reply_id. No reply waits for one to another conversation.
 */

/** @import { Ticket } from "./shapes.js" */
/** @import { ApiError } from "./http.js" */

import { sendFile, sendReply } from "./api.js";
import { say } from "./facts.js";
import { failure, newId } from "./http.js";
import { keepUnsentReplies, unsentReplies } from "./tab_storage.js";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
const UNAUTHORIZED = 401;
const FILE_REFUSED = new Set(["unchecked", "file_no_room"]); // may take hours to pass, unlike other errors of the server

/** @typedef {"sending" | "waiting" | "failed"} State */

/**
 * An unsent reply. `entry` is the version of an FAQ entry to send unchanged, or ""; `file` is the name of a file.
 * @typedef {object} Reply
 * @property {string} ticket
 * @property {string} conversation
 * @property {string} reply_id
 * @property {string} text
 * @property {string} entry
 * @property {string} [file]
 * @property {State} state
 * @property {string} error
 */

/** @typedef {{ id: string }} Sent */

/**
 * The sending of the replies to one conversation.
 * @typedef {object} Lane
 * @property {boolean} sending
 * @property {number} retryMs
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

export class Outbox {
  /** @type {Reply[]} */
  #replies = unsentReplies();

  /** @type {Map<string, File>} */
  #files = new Map();

  /** @type {Map<string, Lane>} By conversation. */
  #lanes = new Map();

  #send;

  /**
   * @param {object} acts
   * @param {(reply: Reply, eventId: string) => void} acts.onSent
   * @param {(reply: Reply) => void} acts.onState Called after every change of a reply's state.
   * @param {(reply: Reply, file: File | undefined) => Promise<Sent>} [acts.send]
   */
  constructor({ onSent, onState, send = sent }) {
    this.onSent = onSent;
    this.onState = onState;
    this.#send = send;
  }

  get isEmpty() {
    return !this.#replies.length;
  }

  /** @param {string} conversation */
  of(conversation) {
    return this.#replies.filter((reply) => reply.conversation === conversation);
  }

  /**
   * Adds a reply and sends it. With `entry`, that entry is sent and `text` is only shown until then. A file is kept in
   * memory: after a reload the reply fails, because the file is lost.
   * @param {Pick<Ticket, "id" | "conversation">} ticket
   * @param {string} text
   * @param {{ entry?: string, file?: File | null }} carried
   */
  add(ticket, text, { entry = "", file = null } = {}) {
    /** @type {Reply} */
    const reply = { ticket: ticket.id, conversation: ticket.conversation, reply_id: newId(), text, entry, file: file?.name, state: "sending", error: "" };
    if (file) this.#files.set(reply.reply_id, file);
    this.#replies.push(reply);
    keepUnsentReplies(this.#replies);
    this.#sendTo(reply.conversation);
    return reply;
  }

  /** @param {string} replyId */
  discard(replyId) {
    this.#files.delete(replyId);
    this.#replies = this.#replies.filter((reply) => reply.reply_id !== replyId);
    keepUnsentReplies(this.#replies);
  }

  /** @param {string} replyId */
  retry(replyId) {
    const reply = this.#replies.find((one) => one.reply_id === replyId);
    if (!reply) return;
    this.#set(reply, "sending");
    this.#sendTo(reply.conversation);
  }

  /** Sends the unsent replies to each conversation in order, until one has to wait for a retry. */
  async flush() {
    const conversations = new Set(this.#replies.map(({ conversation }) => conversation));
    await Promise.all([...conversations].map((one) => this.#sendTo(one)));
  }

  /** @param {string} conversation */
  async #sendTo(conversation) {
    const lane = this.#lane(conversation);
    if (lane.sending) return;
    clearTimeout(lane.timer);
    lane.sending = true;
    let hasMore = true;
    while (hasMore) {
      const next = this.of(conversation).find((one) => one.state !== "failed");
      hasMore = next !== undefined && (await this.#try(next, lane));
    }
    lane.sending = false;
  }

  /** @param {string} conversation */
  #lane(conversation) {
    const lane = this.#lanes.get(conversation) ?? { sending: false, retryMs: FIRST_RETRY_MS };
    this.#lanes.set(conversation, lane);
    return lane;
  }

  /**
   * Tries to send one reply; returns whether the next one may be tried.
   * @param {Reply} reply
   * @param {Lane} lane
   */
  async #try(reply, lane) {
    const file = this.#files.get(reply.reply_id);
    if (reply.file && !file) {
      this.#set(reply, "failed", say("adjunto_perdido"));
      return true;
    }
    this.#set(reply, "sending");
    try {
      const { id } = await this.#send(reply, file);
      lane.retryMs = FIRST_RETRY_MS;
      this.discard(reply.reply_id);
      this.onSent(reply, id);
      return true;
    } catch (error) {
      return this.#failed(reply, lane, failure(error));
    }
  }

  /**
   * @param {Reply} reply
   * @param {Lane} lane
   * @param {ApiError} error
   */
  #failed(reply, lane, error) {
    if (error.status === UNAUTHORIZED) {
      this.#set(reply, "waiting");
      return false;
    }
    if (!error.passing || FILE_REFUSED.has(error.code)) {
      this.#set(reply, "failed", error.message);
      return true;
    }
    this.#set(reply, "waiting");
    lane.timer = setTimeout(() => this.#sendTo(reply.conversation), lane.retryMs);
    lane.retryMs = Math.min(lane.retryMs * 2, LAST_RETRY_MS);
    return false;
  }

  /**
   * @param {Reply} reply
   * @param {State} state
   */
  #set(reply, state, error = "") {
    reply.state = state;
    reply.error = error;
    keepUnsentReplies(this.#replies);
    this.onState(reply);
  }
}

/**
 * @param {Reply} reply
 * @param {File | undefined} file
 */
function sent(reply, file) {
  const words = { reply_id: reply.reply_id, text: reply.entry ? "" : reply.text };
  return file ? sendFile(reply.ticket, { ...words, file }) : sendReply(reply.ticket, { ...words, entry: reply.entry });
}
