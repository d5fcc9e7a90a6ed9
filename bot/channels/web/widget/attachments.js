/** Uploads the citizen's photos and documents, after a preview with a caption. */

/** @import { ChatApi } from './chat_api.js' */
/** @import { Translate } from './wording.js' */
/** @import { MessageLog } from './message_log.js' */

import { KEY } from './address.js';
import { h, icon } from './elements.js';
import { newId } from './event_ids.js';
import { FilePreview } from './file_preview.js';

const NAMES_KEY = KEY + '-files';
/* the last one while the chat is being opened */
const TEMPORARY = ['unavailable', 'too_many', 'unknown_token'];

/** @typedef {{ api: ChatApi, log: MessageLog, toEnd: () => void, focus: () => void }} Means */

export class Attachments {
  /** @type {Map<string, { file: File, caption: string, at: number, failed?: boolean }>} Files not yet uploaded, by message id; lost when the page closes. */
  #unsent = new Map();

  #lost = lostNames();

  #t;

  #means;

  /**
   * @param {Translate} t
   * @param {string} accept The `accept` attribute of the file field.
   * @param {Means} means
   */
  constructor(t, accept, means) {
    this.#t = t;
    this.#means = means;
    this.chooser = h('input', { type: 'file', accept, hidden: true, onchange: () => this.#chosen() });
    this.preview = new FilePreview(t, { onSend: (file, caption) => this.#send(file, caption), onLeave: means.focus });
    this.clip = h('button', { type: 'button', class: 'clip', 'aria-label': t('adjuntar'), title: t('adjuntar'), onclick: () => this.chooser.click() }, icon('clip'));
    addEventListener('beforeunload', (event) => {
      if (this.#unsent.size) event.preventDefault();
    });
  }

  /** @param {string} id */
  has(id) {
    return this.#unsent.has(id);
  }

  /**
   * Uploads a file, or retries: the server drops a repeated id.
   * @param {string} id
   */
  async upload(id) {
    const { api, log, toEnd } = this.#means;
    log.setState(id, 'enviando');
    this.#rememberNames();
    const unsent = this.#unsent.get(id);
    if (!unsent) return;
    try {
      unsent.failed = false;
      await api.upload(id, unsent.file, unsent.caption);
      this.forget(id);
    } catch (problem) {
      const { code, text } = /** @type {{ code?: string, text?: string }} */ (problem);
      const temporary = unsent.failed = !code || TEMPORARY.includes(code);
      if (!temporary) this.forget(id);
      log.setState(id, 'no_enviado', temporary ? '' : text);
      toEnd();
    }
  }

  /**
   * Drops a file that was uploaded or discarded.
   * @param {string} id
   */
  forget(id) {
    if (this.#unsent.delete(id)) this.#rememberNames();
  }

  /** Drops all files, for another conversation. */
  clear() {
    this.#lost = [];
    this.#unsent.clear();
    this.#rememberNames();
  }

  /** Shows the files that are not sent yet; for a log that was emptied. */
  showUnsent() {
    for (const [id, { file, caption, at, failed }] of this.#unsent) {
      this.#means.log.showPending({ id, at, text: caption || file.name });
      if (failed) this.#means.log.setState(id, 'no_enviado');
    }
  }

  /** Shows, once, below the past events, the files that were lost when the previous page closed before uploading them. */
  reportLostFiles() {
    const { log, toEnd } = this.#means;
    for (const { id, name } of this.#lost.splice(0)) {
      log.showPending({ id, at: Date.now(), text: name });
      log.setState(id, 'no_enviado', this.#t('archivo_perdido'));
      toEnd();
    }
    this.#rememberNames();
  }

  #chosen() {
    const [file] = this.chooser.files ?? [];
    this.chooser.value = '';
    if (file) this.preview.show(file);
    else this.#means.focus();
  }

  /**
   * @param {File} file
   * @param {string} caption
   */
  #send(file, caption) {
    const { log, toEnd, focus } = this.#means;
    const id = newId();
    const at = Date.now();
    this.#unsent.set(id, { file, caption, at });
    log.showPending({ id, at, text: caption || file.name });
    toEnd();
    focus();
    this.upload(id);
  }

  /** Stores the names for the next page in this tab, which reports them as lost. */
  #rememberNames() {
    const names = [...this.#lost, ...[...this.#unsent].map(([id, { file }]) => ({ id, name: file.name }))];
    try {
      sessionStorage.setItem(NAMES_KEY, JSON.stringify(names));
    } catch { /* no storage: lost files are not reported */ }
  }
}

/** @returns {{ id: string, name: string }[]} */
function lostNames() {
  try {
    return JSON.parse(sessionStorage.getItem(NAMES_KEY) ?? 'null') || [];
  } catch {
    return [];
  }
}
