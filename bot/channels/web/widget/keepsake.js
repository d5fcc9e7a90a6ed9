/* ---------- the conversation as a text file, made in the browser from what was shown ---------- */

const plainText = (text) => text
  .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, words, url) => `${words} (${new URL(url, BASE).href})`)
  .replace(/(\*\*|__)(?=\S)(.+?)\1/g, '$2');

const Keepsake = (Base) => class extends Base {
  told = [];

  keepForFile(event) {
    this.told.push(event);
    this.saveButton.hidden = false;
  }

  asText() {
    const moment = (at) => this.format(at, { dateStyle: 'short', timeStyle: 'short' });
    const lines = this.told.map((event) => {
      const { citizen, author, text, source } = { citizen: event.author === 'citizen', ...event };
      const who = this.whoSaid(event);
      const words = citizen || author === 'staff' ? text : plainText(text);
      const from = source ? `\n${this.t('fuente')}: ${source.title} (${source.url})` : '';
      const files = (event.files || []).map(({ name, size }) => `\n${this.t('archivo')}: ${name} (${size})`).join('');
      return `[${moment(event.at)}] ${who}:\n${words}${files}${from}\n`;
    });
    return [`${this.t('titulo')} · ${moment(Date.now())}\n`, ...lines].join('\n');
  }

  save() {
    const url = URL.createObjectURL(new Blob(['\ufeff' + this.asText()], { type: 'text/plain;charset=utf-8' }));
    const day = new Date().toISOString().slice(0, 10);
    h('a', { href: url, download: `chat-${day}.txt` }).click();
    setTimeout(() => URL.revokeObjectURL(url), ACK_MS);
  }
};
