/** Draws the chat's dialog with its header: in a corner of the page, full screen on a phone. */

/** @import { Configuration } from './api.js' */
/** @import { Translate } from './wording.js' */

import { BASE, KEY } from './address.js';
import { h, icon } from './elements.js';
import { Menu, menuButton, menuLink } from './menu.js';
import { initials, speakerWords } from './wording.js';

const PHONE = '(max-width: 30em), (max-height: 26em)';

export class Panel {
  #t;

  #assistant;

  #lasting = '';

  /**
   * @param {Translate} t
   * @param {Configuration} config
   * @param {{ onClose: () => void, onRestart: () => void, focus: () => void }} acts
   * @param {boolean} shared Whether the computer is shared: a button in sight leaves the chat, instead of one that restarts it.
   */
  constructor(t, config, { onClose, onRestart, focus }, shared) {
    const end = shared ? 'salir' : 'de_nuevo';
    this.question = new RestartQuestion(t, { onYes: onRestart, focus }, end);
    const again = menuButton(t(end), 'again', () => this.question.show());
    if (shared) again.className = 'quick leave';
    this.status = h('p', { class: 'sub' });
    this.notice = h('p', { class: 'notice', role: 'status' }); // empty it is in sight, too: else its first words would not be read out
    this.save = menuButton(t('guardar'), 'save');
    this.mark = h('span', { class: 'mark', 'aria-hidden': 'true' });
    this.#t = t;
    this.#assistant = config.assistant;
    const wide = menuButton(t('ampliar'), 'wide', () => this.element.classList.toggle('wide'));
    wide.classList.add('desktop');
    this.menu = new Menu(t('mas'), [
      this.save,
      shared ? null : again,
      wide,
      menuLink(t('privacidad'), 'lock', new URL(config.privacy_url, BASE)),
    ]);
    this.element = h('dialog', { class: 'panel', 'aria-labelledby': 'title' },
      h('header', { role: 'none' }, // else a second banner of the page that the chat is on
        this.mark,
        h('div', { class: 'names' }, title(config), this.status),
        this.menu.element,
        headButton(t('cerrar'), 'down', onClose)),
      shared ? again : null,
      this.notice);
    this.element.addEventListener('cancel', (event) => event.preventDefault());
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      if (this.menu.isShown) this.#closeMenu();
      else if (this.question.isShown) this.question.hide();
      else onClose();
    });
    this.#fitPhone();
  }

  /**
   * Shows the speaker: a text, and the initials of the agent or of the assistant.
   * @param {Parameters<typeof speakerWords>[1]} now
   */
  showSpeaker(now) {
    const words = speakerWords(this.#t, now), { speaker, staff } = now;
    if (this.status.textContent !== words) this.status.textContent = words;
    this.mark.replaceChildren(speaker !== 'staff' ? this.#assistant[0] : staff ? initials(staff) : icon('person'));
    this.element.dataset.speaker = speaker;
  }

  #closeMenu() {
    this.menu.hide();
    this.menu.button.focus();
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
    this.menu.hide();
    this.element.close();
    remember(false);
  }

  /** @param {string} text The notice above the messages, until the next one; '' ends it. */
  say(text) {
    this.#lasting = text;
    this.mention('');
  }

  /** @param {string} text Is shown in place of the notice for a moment; '' brings the notice back. */
  mention(text) {
    const words = text || this.#lasting;
    if (this.notice.textContent !== words) this.notice.textContent = words;
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

/** Asks for confirmation before a restart, since it deletes the conversation from this browser, or to leave it. */
class RestartQuestion {
  #focus;

  /**
   * @param {Translate} t
   * @param {{ onYes: () => void, focus: () => void }} acts `focus` returns the focus to the text field.
   * @param {string} end The label of what is asked about.
   */
  constructor(t, { onYes, focus }, end) {
    this.#focus = focus;
    this.no = h('button', { type: 'button', class: 'quick', onclick: () => this.hide() }, t('de_nuevo_no'));
    this.element = h('div', { class: 'sure', role: 'alertdialog', 'aria-label': t(end), hidden: true },
      h('p', {}, t(end + '_pregunta')),
      h('button', { type: 'button', class: 'quick', onclick: onYes }, t(end + '_si')),
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
