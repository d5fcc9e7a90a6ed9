/* ---------- what the citizen thought of an attention that a person closed: 1 to 5, and words if they like ---------- */

const SCORES = [1, 2, 3, 4, 5];

const Feedback = (Base) => class extends Base {
  judged = new Set();

  /** An attention ended, or was judged (perhaps in another tab). Going on with the conversation takes the question away. */
  on_feedback({ ticket, given }) {
    if (given) {
      this.judged.add(ticket);
      if (this.opinion?.dataset.ticket === ticket && !this.opinion.dataset.sent) this.dropOpinion();
    } else if (!this.judged.has(ticket)) this.askOpinion(ticket);
  }

  askOpinion(ticket) {
    this.dropOpinion();
    const scores = SCORES.map((score) => h('label', { class: 'score' },
      h('input', { type: 'radio', name: 'score', value: score, required: true }),
      h('span', {}, score, score === 1 || score === 5 ? h('small', {}, this.t('nota_' + score)) : null)));
    const words = h('textarea', { id: 'words', rows: '2', maxlength: '500', placeholder: this.t('opinion_cuidado') });
    this.opinion = h('form', { class: 'opinion', 'data-ticket': ticket, onsubmit: (event) => { event.preventDefault(); this.sendOpinion(ticket); } },
      h('fieldset', {}, h('legend', {}, this.t('opinion')), h('div', { class: 'scores' }, ...scores)),
      h('label', { for: 'words' }, this.t('opinion_palabras')), words,
      h('p', { class: 'limit bad', role: 'alert' }),
      h('div', { class: 'sides' },
        h('button', { class: 'quick' }, this.t('opinion_enviar')),
        h('button', { type: 'button', class: 'quick plain', onclick: () => { this.judged.add(ticket); this.dropOpinion(); this.input.focus(); } }, this.t('opinion_no'))));
    this.scroller.append(this.opinion);
    this.showOpinion();
  }

  async sendOpinion(ticket) {
    const form = this.opinion;
    const score = Number(new FormData(form).get('score'));
    const words = form.querySelector('textarea').value.trim();
    form.dataset.sent = true;
    try {
      await this.line.tell('/feedback', { ticket, score, words });
      this.judged.add(ticket);
      form.replaceChildren(h('p', { role: 'status' }, this.t('opinion_gracias')));
      if (this.isOpen) this.input.focus();
    } catch ({ text }) {
      delete form.dataset.sent;
      form.querySelector('.limit').textContent = text || this.t('no_enviado');
    }
  }

  /** Once the closing words have been shown above it. */
  showOpinion() {
    requestAnimationFrame(() => this.isOpen && this.opinion && this.toEnd());
  }

  dropOpinion() {
    this.opinion?.remove();
    this.opinion = null;
  }
};
