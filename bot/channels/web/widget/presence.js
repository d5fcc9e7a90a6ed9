/* ---------- what happens meanwhile: the place in the line, who types, who has read ---------- */

const TELL_TYPING_MS = 3000;
const STAFF_TYPING_MS = 6000;

const Presence = (Base) => class extends Base {
  bestPlace = Infinity;

  buildPresence() {
    this.queue = h('p', { class: 'queue', role: 'status', hidden: true });
    this.typist = h('span', { class: 'typist' });
    this.typing = h('div', { class: 'typing', 'aria-hidden': 'true', hidden: true }, h('i'), h('i'), h('i'), this.typist);
  }

  /** Who falls behind, as emergencies and complaints go first, reads why for as long as they are behind. */
  on_place({ place }) {
    this.bestPlace = Math.min(place, this.bestPlace);
    const behind = place > this.bestPlace;
    const words = place === 1 ? this.t('lugar_primero') : this.t(behind ? 'lugar_atras' : 'lugar', { n: place });
    const follow = this.atEnd; // the bar takes room from the messages
    if (this.queue.textContent !== words) this.queue.replaceChildren(icon(ICONS.person), words);
    this.queue.hidden = this.speaker !== 'waiting';
    if (follow) this.toEnd();
  }

  on_typing({ name }) {
    if (this.speaker !== 'staff') return;
    this.typist.textContent = this.t('escribe', { nombre: name });
    this.startTyping(STAFF_TYPING_MS);
  }

  /** Under the newest message of the citizen that the staff has seen. */
  on_read({ event_id }) {
    this.log.querySelector('.seen')?.remove();
    const seen = [...this.log.querySelectorAll('.citizen[data-event]')].filter((node) => later(node.dataset.event, event_id) <= 0).at(-1);
    seen?.querySelector('.meta').append(h('span', { class: 'seen' }, this.t('visto')));
  }

  tellTyping() {
    const now = Date.now();
    if (this.speaker !== 'staff' || now - (this.toldTyping || 0) < TELL_TYPING_MS || !this.input.value.trim()) return;
    this.toldTyping = now;
    this.line.signal({ type: 'typing' });
  }

  tellRead() {
    if (this.speaker !== 'staff' || !this.lastReply || this.toldRead === this.lastReply) return;
    this.toldRead = this.lastReply;
    this.line.signal({ type: 'read', event_id: this.lastReply });
  }

  startTyping(lasts = TYPING_MS) {
    if (lasts === TYPING_MS) this.typist.textContent = '';
    this.typing.hidden = false;
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.stopTyping(), lasts);
    if (this.atEnd) this.toEnd();
  }

  stopTyping() {
    clearTimeout(this.typingTimer);
    this.typing.hidden = true;
  }
};
