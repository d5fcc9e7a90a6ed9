/* ---------- a file for the person who attends: a message of its own, while one waits or is attended ---------- */

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
