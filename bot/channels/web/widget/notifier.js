/** Notifies the citizen of new messages while the page is in the background, if the citizen asked for this. */

/** @import { Store } from './store.js' */
/** @import { Translate } from './wording.js' */

import { BASE } from './address.js';

export const NOTIFY_BUTTON = 'avisame'; // bot/turns/buttons.py
const NEWS_MS = 60000;

/**
 * Loads the module that few citizens need (static/notify.js).
 * @returns {Promise<typeof import('../static/notify.js')>}
 */
const means = () => import(BASE + 'webchat/notify.js');

export class Notifier {
  #t;

  #store;

  /**
   * @param {Translate} t
   * @param {Store} store
   */
  constructor(t, store) {
    this.#t = t;
    this.#store = store;
  }

  /** Must be called while a click is handled. @param {(text: string) => void} say */
  async ask(say) {
    this.#store.set({ notify: true });
    (await means().catch(() => null))?.ask(this.#t, say);
  }

  /** @param {number} at When the event happened, in ms since 1970. */
  async tell(at) {
    const wanted = this.#store.get().notify && document.visibilityState === 'hidden' && Date.now() - at < NEWS_MS;
    if (wanted) (await means().catch(() => null))?.tell(this.#t('titulo'), this.#t('aviso'));
  }
}
