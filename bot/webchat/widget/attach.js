/* ---------- files: one for the person who attends, while one waits or is attended; and those that person sends ---------- */

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

  async sendFile(file) {
    const id = newId();
    this.showPending({ id, at: Date.now(), text: file.name });
    this.toEnd();
    try {
      await this.line.file(id, file);
    } catch ({ text }) {
      this.setState(id, 'no_enviado', text || this.t('no_enviado'));
    }
  }
};
