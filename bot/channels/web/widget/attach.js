/* ---------- files: one for the person who attends, while one waits or is attended; and those that person sends ---------- */

const FILES_KEY = KEY + '-files';

/** A file that staff sent: pictures are shown small, and everything opens in another tab or is saved. */
const fileLink = ({ name, url, type, size }) => {
  const link = h('a', { class: 'file', href: new URL(url, BASE), target: '_blank', rel: 'noopener noreferrer' });
  const label = h('span', { class: 'name' }, name, h('small', {}, size));
  if (!type.startsWith('image/')) link.append(icon(ICONS.clip), label);
  else link.append(h('img', { src: link.href, alt: '', loading: 'lazy', onerror: ({ target }) => target.replaceWith(icon(ICONS.clip)) }), label);
  return link;
};

const Attach = (Base) => class extends Base {
  buildAttach() {
    const { accept } = this.config.files;
    this.chooser = h('input', { type: 'file', accept, hidden: true, onchange: () => this.chosen() });
    this.clip = h('button', { type: 'button', class: 'clip', hidden: true, 'aria-label': this.t('adjuntar'), title: this.t('adjuntar'), onclick: () => this.chooser.click() }, icon(ICONS.clip));
    return [this.chooser, this.clip];
  }

  chosen() {
    const [file] = this.chooser.files;
    this.chooser.value = '';
    if (file) this.sendFile(file);
    this.input.focus();
  }

  /** Files that have not arrived, by the id of their message. Unlike words they are lost when the page is left. */
  unsent = new Map();

  sendFile(file) {
    const id = newId();
    this.unsent.set(id, file);
    this.showPending({ id, at: Date.now(), text: file.name });
    this.toEnd();
    return this.upload(id);
  }

  /** The same again is safe: the server knows the id. */
  async upload(id) {
    this.setState(id, 'enviando');
    this.rememberFiles();
    try {
      await this.line.file(id, this.unsent.get(id));
      this.arrived(id);
    } catch ({ code, text }) {
      const again = !code || code === 'unavailable' || code === 'too_many';
      if (!again) this.arrived(id);
      this.setState(id, 'no_enviado', again ? '' : text);
      this.toEnd();
    }
  }

  arrived(id) {
    if (this.unsent.delete(id)) this.rememberFiles();
  }

  /** What a page that is opened again in this tab has to confess. */
  rememberFiles() {
    const names = [...this.unsent].map(([id, { name }]) => ({ id, name }));
    try { sessionStorage.setItem(FILES_KEY, JSON.stringify(names)); } catch { /* not told */ }
  }

  /** Names the files that were lost with the page that was to send them, once; one that did arrive is in the feed. */
  confessFiles() {
    let lost = [];
    try { lost = JSON.parse(sessionStorage.getItem(FILES_KEY)) || []; } catch { /* none */ }
    for (const { id, name } of lost) {
      this.showPending({ id, at: Date.now(), text: name });
      this.setState(id, 'no_enviado', this.t('archivo_perdido'));
    }
    this.rememberFiles();
  }
};
