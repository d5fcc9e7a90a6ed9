/** Shows a chosen file before it is sent, with a field for a caption. It takes the composer's place meanwhile. */

/** @import { Translate } from './wording.js' */

import { h, icon } from './elements.js';

const MEGABYTE = 1_000_000;

/** @typedef {{ onSend: (file: File, caption: string) => void, onLeave: () => void }} Acts */

export class FilePreview {
  #t;

  #acts;

  /** @type {File | null} */
  #file = null;

  #url = '';

  /**
   * @param {Translate} t
   * @param {Acts} acts
   */
  constructor(t, acts) {
    this.#t = t;
    this.#acts = acts;
    this.shown = h('div', { class: 'picked' });
    this.caption = h('textarea', { id: 'caption', rows: '1', maxlength: '1000', placeholder: t('adjunto_ejemplo'), enterkeyhint: 'send', autocomplete: 'off' });
    this.notice = h('p', { class: 'limit' }, t('adjunto_aviso'));
    const leave = h('button', { type: 'button', class: 'quick', onclick: () => this.#leave() }, t('adjunto_cancelar'));
    const send = h('button', { class: 'quick go' }, icon('send'), t('adjunto_enviar'));
    this.element = h('form', { class: 'compose preview', hidden: true, 'aria-labelledby': 'preview-title', onsubmit: (event) => this.#submitted(event) },
      h('p', { id: 'preview-title', class: 'title' }, t('adjunto_titulo')),
      this.shown,
      h('label', { for: 'caption' }, t('adjunto_comentario')),
      h('div', { class: 'field' }, this.caption),
      this.notice,
      h('div', { class: 'sides' }, leave, send));
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#leave(event);
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.target === this.caption) this.#submitted(event);
    });
  }

  /** @param {File} file */
  show(file) {
    this.close();
    this.#file = file;
    const isPicture = file.type.startsWith('image/');
    this.notice.hidden = !isPicture;
    this.shown.replaceChildren(isPicture ? this.#picture(file) : icon('clip'), h('span', { class: 'name' }, file.name, h('small', {}, sizeWords(file.size))));
    this.element.hidden = false;
    this.caption.focus();
  }

  /** @param {File} file */
  #picture(file) {
    this.#url = URL.createObjectURL(file);
    const picture = h('img', { src: this.#url, alt: this.#t('adjunto_foto', { nombre: file.name }), onerror: () => picture.replaceWith(icon('clip')) });
    return picture;
  }

  /** @param {Event} event */
  #submitted(event) {
    event.preventDefault();
    const [file, caption] = [this.#file, this.caption.value.trim()];
    this.close();
    if (file) this.#acts.onSend(file, caption);
  }

  /** @param {Event} [event] An Escape key, which must not close the chat too. */
  #leave(event) {
    event?.preventDefault();
    event?.stopPropagation();
    this.close();
    this.#acts.onLeave();
  }

  /** Drops the file and its caption. */
  close() {
    this.element.hidden = true;
    this.caption.value = '';
    this.#file = null;
    this.shown.replaceChildren();
    URL.revokeObjectURL(this.#url);
    this.#url = '';
  }
}

/** @param {number} size In bytes. */
function sizeWords(size) {
  return size < MEGABYTE ? `${Math.max(1, Math.round(size / 1000))} KB` : `${(size / MEGABYTE).toLocaleString('es-CL', { maximumFractionDigits: 1 })} MB`;
}
