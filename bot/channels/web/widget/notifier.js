/** Shows a notification of the browser about news in the conversation, if the citizen asked for it and allows it. */

/** @import { Store } from './store.js' */
/** @import { Translate } from './wording.js' */

export const NOTIFY_BUTTON = 'avisame'; // bot/turns/buttons.py
const NEWS_MS = 60000;

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

  /** Asks the browser for its permission; must be called while a click is handled. */
  ask() {
    this.#store.set({ notify: true });
    if ('Notification' in window && Notification.permission === 'default') Notification.requestPermission().catch(() => null);
  }

  /**
   * Notifies of a new event while the page is in the background. The text names no content, since others may see it.
   * @param {number} at When the event happened, in ms since 1970.
   */
  tell(at) {
    const wanted = this.#store.get().notify && document.visibilityState === 'hidden' && Date.now() - at < NEWS_MS;
    if (!wanted || !('Notification' in window) || Notification.permission !== 'granted') return;
    try {
      const note = new Notification(this.#t('titulo'), { body: this.#t('aviso'), tag: 'ventanilla', lang: 'es-CL' });
      note.onclick = () => window.focus();
    } catch { /* phones only let a service worker notify; the page shows the news */ }
  }
}
