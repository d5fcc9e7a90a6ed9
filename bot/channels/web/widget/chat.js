/** Defines the element <ventanilla-chat>: loads its configuration, connects its parts, opens and closes. */

/** @import { Configuration } from './api.js' */
/** @import { Refusal } from './refused.js' */
/** @import { View } from './view.js' */

import { API, BASE, KEY } from './address.js';
import { ChatApi } from './chat_api.js';
import { sleep } from './clock.js';
import { Connection, browserWays } from './connection.js';
import { Conversation } from './conversation.js';
import { watchKeyboard } from './keyboard.js';
import { watchForms, watchReading } from './page.js';
import { wasOpen } from './panel.js';
import { goAndAsk, isRefusal, showLink } from './refused.js';
import { Store } from './store.js';
import { dress, loadSheet } from './theme.js';
import { buildView } from './view.js';

const NAME = 'ventanilla-chat';
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60000;
const MINUTE_MS = 60000;
const SHARED_MINUTES = 15;

/** Whether this site may not show the chat; links and forms that ask the chat must then work without it. */
export let isRefused = false;

class ChatElement extends HTMLElement {
  /** @type {DOMStringMap} Attributes of the script tag; the element's own attributes override them. */
  static defaults = {};

  #store = new Store(KEY);

  #api = new ChatApi(API, this.#store);

  #connection = new Connection(this.#store, (message) => this.#conversation?.hear(message), { ways: browserWays(API, this.#api) });

  /** @type {Conversation | null} */
  #conversation = null;

  /** @type {View | null} */
  #view = null;

  #begun = false;

  /** @type {() => void} */
  #tellReady = () => {};

  /** Resolves when the chat has opened with the questions asked meanwhile, or is refused. @type {Promise<void>} */
  ready = new Promise((resolve) => { this.#tellReady = resolve; });

  /** @type {string | null} A question asked before the chat was ready. */
  #question = null;

  /** @type {string | null} A question to fill in, given before the chat was ready. */
  #draft = null;

  async connectedCallback() {
    if (this.#begun) return;
    this.#begun = true;
    const options = { ...ChatElement.defaults, ...this.dataset };
    if ('shared' in options) this.#store.useTab();
    const { config, css, refusal } = await this.#load(options.lang || 'es');
    if (!config) {
      await this.#refuse(refusal, options);
      return this.#tellReady();
    }
    this.#store.idleMs = MINUTE_MS * (Number(options.shared) || ('shared' in options ? SHARED_MINUTES : config.idle_minutes));
    if (this.#store.isIdle) this.#store.forget(false);
    this.#build(config, css, options);
    if (this.#store.token) this.#connection.start();
    await shown();
    this.#begin(options);
    this.#tellReady();
  }

  /**
   * Asks or fills in the question that was given before the chat was ready, or opens the chat if it must be open.
   * @param {DOMStringMap} options
   */
  #begin(options) {
    const question = this.#question ?? options.ask;
    const draft = this.#draft ?? options.draft;
    if (options.ask || options.draft) forgetQuestion();
    if (question !== undefined) this.ask(question);
    else if (draft !== undefined) this.draft(draft);
    else if ('open' in options || wasOpen()) this.open({ focus: false });
  }

  /**
   * Opens the chat and sends a question, as soon as the chat is ready.
   * @param {string} question
   */
  ask(question) {
    if (!this.#view) {
      this.#question = question;
      return;
    }
    this.open();
    const text = question.trim();
    if (text) this.#conversation?.send({ text });
  }

  /**
   * Opens the chat with a question filled in, which the citizen may change and send, as soon as the chat is ready.
   * @param {string} question
   */
  draft(question) {
    if (!this.#view) {
      this.#draft = question;
      return;
    }
    this.open();
    this.#view.composer.draft(question);
  }

  open({ focus = true } = {}) {
    const view = this.#view;
    if (!view) return;
    if (!view.panel.isOpen) this.#show(view);
    if (focus) view.composer.focus({ preventScroll: true });
    else if (this.shadowRoot?.activeElement instanceof HTMLElement) this.shadowRoot.activeElement.blur();
  }

  close() {
    this.#view?.panel.hide();
    if (this.#view) this.#view.launcher.expanded = false;
  }

  /**
   * Loads configuration and style sheet, and retries until the server answers; it may refuse the page's site.
   * @param {string} language
   * @returns {Promise<{ config: Configuration, css: string, refusal?: undefined } | { config?: undefined, css?: undefined, refusal: Refusal }>}
   */
  async #load(language) {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        const [config, css] = await Promise.all([this.#api.configuration(language), loadSheet()]);
        if (config.labels) return { config, css };
      } catch (problem) {
        if (isRefusal(problem)) return { refusal: problem };
        console.warn(`Ventanilla: ${API} cannot be reached`);
      }
      await sleep(wait);
    }
  }

  /**
   * @param {Refusal} refusal
   * @param {DOMStringMap} options
   */
  async #refuse(refusal, options) {
    isRefused = true;
    const question = this.#question ?? this.#draft;
    if (question !== null) goAndAsk(question);
    await showLink(this.attachShadow({ mode: 'open' }), refusal, options);
  }

  /**
   * @param {Configuration} config
   * @param {string} css
   * @param {DOMStringMap} options
   */
  #build(config, css, options) {
    const root = this.attachShadow({ mode: 'open' });
    dress(root, css, [options.color ?? '', config.color]);
    const conversation = () => /** @type {Conversation} */ (this.#conversation);
    const view = buildView(config, options, {
      api: this.#api,
      url: API,
      store: this.#store,
      acts: {
        onOpen: () => this.open(),
        onClose: () => this.close(),
        onRestart: () => ('shared' in options ? this.#leave(view) : conversation().restart()),
        onSend: (said) => conversation().send(said),
        onType: () => conversation().tellTyping(),
        onQuick: () => conversation().changeSpeaker(),
        onRetry: (id) => conversation().retry(id),
        onDiscard: (id) => conversation().discard(id),
      },
    });
    this.#view = view;
    root.append(view.root);
    view.notices.start();
    watchKeyboard(view.root);
    watchForms((inSight) => view.launcher.stepAside(inSight));
    watchReading((reading) => view.launcher.button.classList.toggle('small', reading));
    this.#conversation = new Conversation(config, { store: this.#store, connection: this.#connection, view });
    this.#listen(this.#conversation, view);
  }

  /** Ends a conversation with the assistant that has been unused for long. @param {View} view */
  #endIfIdle(view) {
    if (this.#connection.running && this.#store.isIdle) this.#leave(view);
  }

  /** Deletes the conversation from this browser and closes the chat. @param {View} view */
  #leave(view) {
    this.#conversation?.restart(false);
    view.composer.draft('');
    this.close();
  }

  /**
   * @param {Conversation} conversation
   * @param {View} view
   */
  #listen(conversation, view) {
    setInterval(() => this.#endIfIdle(view), FIRST_WAIT_MS);
    addEventListener('online', () => {
      conversation.showConnection();
      this.#connection.nudge();
    });
    addEventListener('offline', () => conversation.showConnection());
    addEventListener('storage', (event) => event.key === KEY && conversation.followOtherTab());
    document.addEventListener('keydown', ({ key, defaultPrevented }) => {
      if (key === 'Escape' && !defaultPrevented && view.panel.isOpen) this.#uncover(view);
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.#endIfIdle(view);
      this.#connection.nudge();
      if (view.panel.isOpen) conversation.markRead();
    });
  }

  /**
   * Closes the chat for a citizen who is on the page, whose focus may be below the chat, and stays there.
   * @param {View} view
   */
  #uncover({ panel, launcher }) {
    panel.hide();
    launcher.button.hidden = false;
    launcher.button.setAttribute('aria-expanded', 'false');
  }

  /** Opens the chat; without a conversation, restarts the idle time, which may be over. @param {View} view */
  #show(view) {
    const { launcher, log, panel, scroller } = view;
    panel.show();
    launcher.expanded = true;
    if (!this.#store.token) this.#store.set({});
    this.#connection.start();
    this.#conversation?.showConnection();
    this.#conversation?.markRead();
    if (log.hasExamples) scroller.toStart();
    else scroller.toEnd();
  }
}

/**
 * Defines the element and appends it to the page, unless the page already contains it.
 * @param {DOMStringMap} options Attributes of the script tag.
 */
export function start(options) {
  ChatElement.defaults = options;
  customElements.define(NAME, ChatElement);
  if (document.body) addChat();
  else addEventListener('DOMContentLoaded', addChat);
}

/**
 * Opens the page's chat and sends a question; resolves when the chat is open.
 * @param {string} question
 */
export async function ask(question) {
  const chat = document.querySelector(NAME);
  if (!(chat instanceof ChatElement)) return;
  chat.ask(question);
  await chat.ready;
}

/**
 * Opens the page's chat with a question filled in.
 * @param {string} question
 */
export function draft(question) {
  const chat = document.querySelector(NAME);
  if (chat instanceof ChatElement) chat.draft(question);
}

/** Waits until the page is shown, since browsers may load a page ahead, and nothing must be asked then. */
async function shown() {
  if (!('prerendering' in document && document.prerendering)) return;
  await new Promise((resolve) => document.addEventListener('prerenderingchange', resolve, { once: true }));
}

/** Removes the question from the address of our own page, so that a reload does not ask it again. */
function forgetQuestion() {
  const address = new URL(location.href);
  if (!address.searchParams.has('q') || !BASE.startsWith(address.origin + '/')) return;
  address.searchParams.delete('q');
  history.replaceState(history.state, '', address);
}

function addChat() {
  if (!document.querySelector(NAME)) document.body.append(document.createElement(NAME));
}
