/** Draws the chat's dialog with its header: in a corner of the page, full screen on a phone. */

/** @import { Configuration, Speaker } from './api.js' */
/** @import { Translate } from './wording.js' */

import { KEY } from './address.js';
import { h, icon } from './elements.js';

const PHONE = '(max-width: 30em), (max-height: 26em)';

export class Panel {
  #assistant;

  #mark;

  /**
   * @param {Translate} t
   * @param {Configuration} config
   * @param {{ onClose: () => void, onRestart: () => void, focus: () => void }} acts
   */
  constructor(t, config, { onClose, onRestart, focus }) {
    this.question = new RestartQuestion(t, { onYes: onRestart, focus });
    this.#assistant = config.assistant;
    this.#mark = h('span', { class: 'mark', 'aria-hidden': 'true' }, config.assistant[0]);
    this.status = h('p', { class: 'sub' });
    this.notice = h('p', { class: 'notice', role: 'status', hidden: true });
    this.save = headButton(t('guardar'), 'save');
    this.element = h('dialog', { class: 'panel', 'aria-labelledby': 'title' },
      h('header', {},
        this.#mark,
        h('div', { class: 'names' }, title(config), this.status),
        this.save,
        headButton(t('de_nuevo'), 'again', () => this.question.show()),
        headButton(t('cerrar'), 'down', onClose)),
      this.notice);
    this.element.addEventListener('cancel', (event) => event.preventDefault());
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      if (this.question.isShown) this.question.hide();
      else onClose();
    });
    this.#fitPhone();
  }

  get isOpen() {
    return this.element.open;
  }

  show() {
    if (matchMedia(PHONE).matches) this.element.showModal();
    else this.element.show();
    remember(true);
  }

  hide() {
    this.question.hide({ focus: false });
    this.element.close();
    remember(false);
  }

  /**
   * Shows who speaks with the citizen: the words below the title, and the initial of an agent with a name.
   * @param {Speaker} speaker
   * @param {string | null} staff
   * @param {string} words
   */
  showSpeaker(speaker, staff, words) {
    if (this.status.textContent !== words) this.status.textContent = words;
    this.element.dataset.speaker = speaker;
    this.#mark.textContent = [...((speaker === 'staff' && staff) || this.#assistant)][0];
  }

  /** @param {string} text The notice above the messages; '' hides it. */
  say(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  /** Fits the dialog into the part of the screen that the on-screen keyboard leaves. */
  #fitPhone() {
    const view = window.visualViewport;
    if (!view) return;
    const fit = () => {
      this.element.style.setProperty('--top', view.offsetTop + 'px');
      this.element.style.setProperty('--height', view.height + 'px');
    };
    for (const name of ['resize', 'scroll']) view.addEventListener(name, fit);
    fit();
  }
}

/** Asks for confirmation before a restart, since it deletes the conversation from this browser. */
class RestartQuestion {
  #focus;

  /**
   * @param {Translate} t
   * @param {{ onYes: () => void, focus: () => void }} acts `focus` returns the focus to the text field.
   */
  constructor(t, { onYes, focus }) {
    this.#focus = focus;
    this.no = h('button', { type: 'button', class: 'quick', onclick: () => this.hide() }, t('de_nuevo_no'));
    this.element = h('div', { class: 'sure', role: 'alertdialog', 'aria-label': t('de_nuevo'), hidden: true },
      h('p', {}, t('de_nuevo_pregunta')),
      h('button', { type: 'button', class: 'quick', onclick: onYes }, t('de_nuevo_si')),
      this.no);
  }

  get isShown() {
    return !this.element.hidden;
  }

  show() {
    this.element.hidden = false;
    this.no.focus();
  }

  hide({ focus = true } = {}) {
    this.element.hidden = true;
    if (focus) this.#focus();
  }
}

/** Returns whether the chat was open on the previous page; false on a phone, where it would cover this page. */
export function wasOpen() {
  try {
    return sessionStorage.getItem(KEY) !== null && !matchMedia(PHONE).matches;
  } catch {
    return false;
  }
}

/** @param {boolean} open */
function remember(open) {
  try {
    if (open) sessionStorage.setItem(KEY, '1');
    else sessionStorage.removeItem(KEY);
  } catch { /* no storage: the chat is closed on the next page */ }
}

/** @param {Configuration} config */
function title({ agency, short_name: short }) {
  return h('h2', { id: 'title', title: agency }, h('span', { class: 'long' }, agency), h('span', { class: 'short' }, short));
}

/**
 * @param {string} label
 * @param {Parameters<typeof icon>[0]} symbol
 * @param {() => void} [onclick]
 */
function headButton(label, symbol, onclick) {
  return h('button', { type: 'button', class: 'icon', 'aria-label': label, title: label, onclick }, icon(symbol));
}
