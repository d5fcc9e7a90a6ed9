/* ---------- what people see ---------- */

class VentanillaChat extends Attach(Keepsake(Feedback(Presence(HTMLElement)))) {
  store = new Store();

  line = new Line(this.store, (message) => this['on_' + message.type]?.(message));

  nodes = new Map();

  unread = new Set();

  speaker = 'assistant';

  async connectedCallback() {
    if (this.config) return;
    this.config = {};
    const data = { ...SCRIPT.dataset, ...this.dataset };
    const address = API + '/config?lang=' + encodeURIComponent(data.lang || 'es');
    for (let wait = 2000; ; wait = Math.min(wait * 2, 60000)) {
      try {
        this.config = await (await fetch(address)).json();
        if (this.config.labels) break;
      } catch {
        console.warn(`Ventanilla: ${API} cannot be reached, or ${location.origin} may not use it (sitios_del_chat)`);
      }
      await sleep(wait);
    }
    this.build(data);
    this.listen();
    if (this.store.token) this.line.start();
    let stay = false;
    try { stay = sessionStorage.getItem(KEY) && !PHONE.matches; } catch { /* no storage: closed */ }
    if (this.waiting != null) this.ask(this.waiting);
    else if ('open' in data || stay) this.open({ focus: false });
  }

  t(key, values = {}) {
    return Object.entries({ agencia: this.config.agency, asistente: this.config.assistant, ...values })
      .reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), this.config.labels[key] || key);
  }

  /* building */

  build(data) {
    const root = this.attachShadow({ mode: 'open' });
    this.style_(root, /^#[0-9a-f]{6}$/i.test(data.color) ? data.color : this.config.color);
    const { assistant, short_name, privacy_url } = this.config;
    const button = (name, symbol, onclick) => h('button', { type: 'button', class: 'icon', 'aria-label': this.t(name), title: this.t(name), onclick }, icon(ICONS[symbol]));

    this.badge = h('span', { class: 'badge', hidden: true, 'aria-hidden': 'true' });
    this.launcher = h('button', { type: 'button', class: 'launcher', 'aria-label': this.t('abrir'), 'aria-expanded': 'false', onclick: () => this.open() },
      icon(ICONS.chat), h('span', { 'aria-hidden': 'true' }, data.title || this.t('boton')), this.badge);

    this.status = h('p', { class: 'sub' });
    this.notice = h('p', { class: 'notice', role: 'status', hidden: true });
    this.log = h('div', { class: 'log', role: 'log', lang: 'es-CL', 'aria-label': this.t('historial'), 'aria-live': 'polite', 'aria-busy': 'true', tabindex: '0' });
    this.buildPresence();
    this.scroller = h('div', { class: 'scroller', onscroll: () => this.onScroll() }, this.log, this.typing);
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.scroller); // what opens below hides no newest words
    this.jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.toEnd() }, icon(ICONS.down), this.t('abajo'));
    this.quick = h('button', { type: 'button', class: 'quick', onclick: () => this.quickAction() });
    this.input = h('textarea', { id: 'message', rows: '1', placeholder: this.t('marcador'), enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'limit' });
    this.limit = h('p', { id: 'limit', class: 'limit', 'aria-live': 'polite' });
    this.sendButton = h('button', { class: 'send', 'aria-label': this.t('enviar'), title: this.t('enviar') }, icon(ICONS.send));
    this.form = h('form', { class: 'compose', onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      h('div', { class: 'row' }, this.quick, h('a', { href: new URL(privacy_url, BASE), target: '_blank', rel: 'noopener' }, this.t('privacidad'))),
      h('div', { class: 'field' }, h('label', { for: 'message', class: 'hidden' }, this.t('mensaje')), ...this.buildAttach(), this.input, this.sendButton),
      this.limit);
    this.sure = h('div', { class: 'sure', role: 'alertdialog', 'aria-label': this.t('de_nuevo'), hidden: true },
      h('p', {}, this.t('de_nuevo_pregunta')),
      h('button', { type: 'button', class: 'quick', onclick: () => this.again() }, this.t('de_nuevo_si')),
      h('button', { type: 'button', class: 'quick', onclick: () => this.askSure(false) }, this.t('de_nuevo_no')));
    this.saveButton = button('guardar', 'save', () => this.save());
    this.saveButton.hidden = true;
    this.panel = h('dialog', { class: 'panel', 'aria-labelledby': 'title' },
      h('header', {},
        h('span', { class: 'mark', 'aria-hidden': 'true' }, assistant[0]),
        h('div', { class: 'names' }, h('h2', { id: 'title', title: this.config.agency }, h('span', { class: 'long' }, this.config.agency), h('span', { class: 'short' }, short_name)), this.status),
        this.saveButton,
        button('de_nuevo', 'again', () => this.askSure(true)),
        button('cerrar', 'down', () => this.close())),
      this.notice, this.scroller, this.jump, this.queue, this.sure, this.form);
    root.append(h('div', { class: 'root' + (data.position === 'left' ? ' left' : ''), lang: this.config.language }, this.launcher, this.panel));
    this.showSpeaker();
    for (const message of this.store.pending) this.showPending(message);
    this.confessFiles();
  }

  style_(root, color) {
    const [light, dark] = [readable(color, '#ffffff', '#000000', 5), readable(color, '#1e2623', '#ffffff', 6.5)];
    const css = `:host{--brand:${color};--on-brand:${textOn(color)};--accent:${light};--on-accent:${textOn(light)}}
      @media (prefers-color-scheme:dark){:host{--accent:${dark};--on-accent:${textOn(dark)}}
      @supports (color:oklch(from red l c h)){:host{--accent:oklch(from var(--brand) .8 clamp(.04,c * 1.3,.14) h);--on-accent:#07120d}}}` + STYLE;
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(h('style', {}, css));
    }
  }

  listen() {
    this.input.addEventListener('input', () => { this.measure(); this.tellTyping(); });
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    this.panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      if (this.sure.hidden) this.close();
      else this.askSure(false);
    });
    this.panel.addEventListener('cancel', (event) => event.preventDefault());
    addEventListener('online', () => { this.showLine(); this.line.nudge(); });
    addEventListener('offline', () => this.showLine());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.line.nudge();
      if (this.isOpen) this.markRead();
    });
    addEventListener('beforeunload', (event) => { if (this.unsent.size) event.preventDefault(); });
    addEventListener('storage', (event) => event.key === KEY && this.otherTab());
    const view = window.visualViewport;
    const fit = () => {
      this.panel.style.setProperty('--top', view.offsetTop + 'px');
      this.panel.style.setProperty('--height', view.height + 'px');
    };
    if (view) {
      for (const name of ['resize', 'scroll']) view.addEventListener(name, fit);
      fit();
    }
  }

  /* opening and closing */

  get isOpen() { return !!this.panel?.open; }

  open({ focus = true } = {}) {
    if (!this.panel) return;
    if (!this.isOpen) {
      if (PHONE.matches) this.panel.showModal();
      else this.panel.show();
      this.launcher.hidden = true;
      this.launcher.setAttribute('aria-expanded', 'true');
      this.line.start();
      this.showLine();
      this.markRead();
      if (this.examples) this.toStart();
      else this.toEnd();
      this.remember(true);
    }
    if (focus) this.input.focus({ preventScroll: true });
    else this.shadowRoot.activeElement?.blur();
  }

  close() {
    this.askSure(false, false);
    this.panel.close();
    this.launcher.hidden = false;
    this.launcher.setAttribute('aria-expanded', 'false');
    this.launcher.focus();
    this.remember(false);
  }

  remember(open) {
    try { open ? sessionStorage.setItem(KEY, '1') : sessionStorage.removeItem(KEY); } catch { /* not kept */ }
  }

  /** Opens the chat and asks; before the widget is ready the question waits. */
  ask(question) {
    if (!this.panel) {
      this.waiting = question;
      return;
    }
    this.open();
    if (question.trim()) this.send({ text: question.trim() });
  }

  askSure(shown, focus = true) {
    this.sure.hidden = !shown;
    if (focus) (shown ? this.sure.querySelectorAll('button')[1] : this.input).focus();
  }

  again() {
    this.store.set({ token: null, read: null, pending: [] });
    this.askSure(false);
    this.empty();
    this.line.restart();
  }

  otherTab() {
    const { token } = this.store;
    if (token && this.token && token !== this.token) {
      this.token = token;
      this.empty();
      this.line.restart();
    } else if (!this.isOpen) this.countUnread();
  }

  empty() {
    this.log.replaceChildren();
    this.log.setAttribute('aria-busy', 'true');
    this.nodes.clear();
    this.unread.clear();
    this.day = this.examples = this.staff = this.lastAsked = this.lastReply = null;
    this.stopTyping();
    this.dropOpinion();
    this.told = [];
    this.unsent.clear();
    this.rememberFiles();
    this.saveButton.hidden = true;
    for (const message of this.store.pending) this.showPending(message);
  }

  /* sending */

  submit() {
    const text = this.input.value.trim();
    if (!text) return this.input.focus();
    if ([...text].length > this.config.max_characters) {
      this.measure();
      return this.input.focus();
    }
    this.input.value = '';
    this.measure();
    this.send({ text });
  }

  send(message) {
    const kept = { id: newId(), at: Date.now(), ...message };
    this.store.add(kept);
    this.showPending(kept);
    this.retireChoices();
    this.toEnd();
    this.line.start();
    this.line.flush();
  }

  quickAction() {
    this.send({ text: this.t(this.speaker === 'assistant' ? 'persona_texto' : 'volver_texto') });
    this.input.focus();
  }

  measure() {
    const { input, limit, config: { max_characters: max } } = this;
    const count = [...input.value.trim()].length;
    const near = max - count <= COUNT_FROM;
    const text = count > max ? this.t('largo', { n: count.toLocaleString('es-CL'), max: max.toLocaleString('es-CL') }) : near ? this.t('quedan', { n: max - count }) : '';
    if (limit.textContent !== text) limit.textContent = text;
    limit.classList.toggle('bad', count > max);
    if (count > max) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    if (!CSS.supports('field-sizing', 'content')) {
      input.style.height = 'auto';
      input.style.height = input.scrollHeight + 2 + 'px';
    }
  }

  /* what the line says */

  on_line({ up }) {
    this.lineUp = up;
    this.showLine();
    if (!up) this.stopTyping();
  }

  on_welcome({ token, speaker }) {
    this.token = token;
    this.on_speaker({ speaker, past: true });
  }

  on_forgotten() {
    this.token = null;
    this.empty();
    this.log.append(h('div', { class: 'm system' }, h('div', { class: 'b' }, this.t('conversacion_nueva'))));
  }

  /** The first one after a welcome also says that the past has been told. */
  on_speaker({ speaker, past, name }) {
    this.speaker = speaker;
    if (name) this.staff = name;
    this.queue.hidden ||= speaker !== 'waiting';
    this.showSpeaker();
    if (this.warned) {
      this.warned = false;
      this.showLine();
    }
    if (past) return;
    this.log.setAttribute('aria-busy', 'false');
    this.showExamples();
  }

  on_event(event) {
    const follow = this.atEnd;
    const node = this.showEvent(event);
    this.keepForFile(event);
    if (event.author === 'citizen') {
      this.retireChoices();
      this.dropOpinion();
      this.arrived(event.message_id);
      this.lastAsked = event.id;
    } else {
      this.stopTyping();
      this.lastReply = event.id;
      if (event.name) this.staff = event.name;
      if (event.author === 'system') this.bestPlace = Infinity; // it told the place, perhaps in another line
      this.unread.add(event.id);
    }
    if (this.isOpen && document.visibilityState === 'visible') this.markRead();
    else this.countUnread();
    if (!this.isOpen) return;
    if (follow) this.toEnd(this.opinion ? null : node);
    else if (event.author !== 'citizen') this.jump.hidden = false;
  }

  on_ack({ id, event_id, speaker }) {
    this.setState(id, '');
    this.on_speaker({ speaker, past: true });
    if (speaker === 'assistant' && !(this.lastReply && later(this.lastReply, event_id) > 0)) this.startTyping();
  }

  on_sending({ id }) { this.setState(id, 'enviando'); }

  on_unsent({ id }) { this.setState(id, 'no_enviado'); }

  on_error({ id, code, text }) {
    if (id && (code === 'too_long' || code === 'invalid')) {
      this.store.drop(id);
      this.setState(id, 'no_enviado', text);
    } else if (text) {
      this.warned = true;
      this.say(text);
    }
  }

  /* showing */

  say(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  showLine() {
    clearTimeout(this.lineTimer);
    if (!navigator.onLine) return this.say(this.t('sin_red'));
    if (this.lineUp || !this.line.running) return this.say('');
    this.lineTimer = setTimeout(() => this.say(this.t(this.token ? 'reconectando' : 'conectando')), 1200);
  }

  showSpeaker() {
    const { speaker } = this;
    const who = speaker === 'staff' ? (this.staff ? this.t('con_nombre', { nombre: this.staff }) : this.t('con_persona'))
      : speaker === 'waiting' ? this.t('en_fila') : this.t('asistente');
    if (this.status.textContent !== who) this.status.textContent = who;
    this.panel.dataset.speaker = speaker;
    this.clip.hidden = speaker === 'assistant';
    this.input.placeholder = this.t(speaker === 'assistant' ? 'marcador' : 'marcador_persona');
    if (this.quick.dataset.speaker === speaker) return;
    this.quick.dataset.speaker = speaker;
    this.quick.replaceChildren(icon(speaker === 'assistant' ? ICONS.person : ICONS.back), this.t(speaker === 'assistant' ? 'persona' : 'volver'));
    this.quick.hidden = speaker === 'staff';
  }

  showExamples() {
    if (this.examples || this.lastAsked || this.store.pending.length || this.log.querySelector('.citizen')) return;
    this.examples = h('div', { class: 'choices', role: 'group', 'aria-label': this.t('ejemplos') }, h('p', {}, this.t('ejemplos')),
      ...this.config.examples.map((text) => h('button', { type: 'button', onclick: () => { this.send({ text }); this.input.focus(); } }, text)));
    this.log.append(this.examples);
    if (this.isOpen) this.toStart();
  }

  formats = new Map();

  format(at, options) {
    const key = JSON.stringify(options);
    if (!this.formats.has(key)) this.formats.set(key, new Intl.DateTimeFormat(this.config.language === 'en' ? 'en' : 'es-CL', { timeZone: this.config.timezone, ...options }));
    return this.formats.get(key).format(at);
  }

  dayOf(at) { return this.format(at, { year: 'numeric', month: '2-digit', day: '2-digit' }); }

  showDay(at, before) {
    const day = this.dayOf(at);
    if (this.day === day) return;
    this.day = day;
    const named = day === this.dayOf(Date.now()) ? this.t('hoy') : day === this.dayOf(Date.now() - 864e5) ? this.t('ayer')
      : this.format(at, { weekday: 'long', day: 'numeric', month: 'long' });
    this.log.insertBefore(h('div', { class: 'day' }, h('span', {}, named)), before);
  }

  whoSaid({ author, name }) {
    return { citizen: this.t('tu'), assistant: this.config.assistant, staff: name || this.t('con_persona'), system: this.t('sistema') }[author];
  }

  /** A message's bubble. The author is read out with every message and shown with the first of a group. */
  bubble({ id, author, name, at }, body) {
    const who = this.whoSaid({ author, name });
    const tag = { assistant: this.t('asistente'), staff: this.t('insignia_persona') }[author];
    return h('div', { class: 'm ' + author, 'data-who': author + (name || ''), 'data-event': id },
      h('p', { class: 'who' }, who, tag ? h('span', { class: 'tag' }, tag) : null, h('span', { class: 'hidden' }, ': ')),
      h('div', { class: 'b' }, body),
      h('p', { class: 'meta' }, h('time', { datetime: new Date(at).toISOString() }, this.format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })), h('span', { class: 'state' })));
  }

  showPending(message) {
    const node = this.bubble({ author: 'citizen', at: message.at }, message.text || message.title);
    node.classList.add('pending');
    this.examples?.remove();
    this.nodes.set(message.id, node);
    this.log.append(node);
    this.setState(message.id, 'enviando');
    this.group(node);
  }

  showEvent(event) {
    const waiting = this.nodes.get(event.message_id);
    const firstPending = [...this.log.querySelectorAll(':scope > .pending')].find((node) => node !== waiting) || null;
    if (event.author === 'citizen') this.examples?.remove();
    this.showDay(event.at, waiting?.isConnected && waiting.nextElementSibling === firstPending ? waiting : firstPending);
    const body = h('div', { class: 'html', lang: event.language });
    body.innerHTML = policy ? policy.createHTML(event.html) : event.html;
    for (const link of body.querySelectorAll('a[href^="/"]')) link.href = new URL(link.getAttribute('href'), BASE);
    if (event.source) {
      body.append(h('p', { class: 'source' }, this.t('fuente') + ': ', h('a', { href: event.source.url, target: '_blank', rel: 'noopener noreferrer' }, event.source.title)));
    }
    body.append(...(event.files || []).map(fileLink));
    for (const link of body.querySelectorAll('a[target]')) link.append(h('span', { class: 'hidden' }, ` (${this.t('nueva_pestana')})`));
    const node = this.bubble(event, body);
    if (event.buttons.length) {
      this.retireChoices();
      node.append(h('div', { class: 'choices', role: 'group', 'aria-label': this.t('opciones') },
        ...event.buttons.map(({ id, title }) => h('button', { type: 'button', onclick: () => { this.send({ button: id, title }); this.input.focus(); } }, title))));
    }
    if (waiting && waiting.nextElementSibling === firstPending) {
      waiting.classList.remove('pending');
      waiting.dataset.event = event.id;
      const bubble = waiting.querySelector('.b');
      if (bubble.textContent !== event.text) bubble.replaceChildren(body);
      this.setState(event.message_id, '');
      this.nodes.delete(event.message_id);
      this.group(waiting);
      return waiting;
    }
    waiting?.remove();
    this.log.insertBefore(node, firstPending);
    this.group(node);
    if (firstPending) this.group(firstPending);
    return node;
  }

  group(node) {
    let before = node.previousElementSibling;
    node.classList.toggle('first', before?.dataset.who !== node.dataset.who);
    before?.classList.toggle('joined', before.dataset.who === node.dataset.who);
  }

  retireChoices() {
    for (const choices of this.log.querySelectorAll('.choices')) {
      const offered = [...choices.querySelectorAll('button')].map((button) => h('li', {}, button.textContent));
      if (choices === this.examples) choices.remove();
      else choices.replaceWith(h('ul', { class: 'offered' }, ...offered));
    }
    this.examples = null;
  }

  setState(id, state, reason) {
    const node = this.nodes.get(id);
    if (!node) return;
    node.dataset.state = state;
    const place = node.querySelector('.state');
    place.replaceChildren(...(state ? [reason || this.t(state)] : []));
    if (state !== 'no_enviado') return;
    const act = (label, onclick) => h('button', { type: 'button', onclick }, label);
    if (!reason) place.append(act(this.t('reintentar'), () => this.resend(id)));
    place.append(act(this.t('descartar'), () => {
      this.store.drop(id);
      this.arrived(id);
      this.nodes.delete(id);
      node.remove();
      this.input.focus();
    }));
  }

  resend(id) {
    if (this.unsent.has(id)) return this.upload(id);
    this.setState(id, 'enviando');
    this.line.nudge();
    this.line.flush();
  }

  markRead() {
    this.unread.clear();
    const { read } = this.store.get();
    if (later(this.line.last, read) > 0) this.store.set({ read: this.line.last });
    this.countUnread();
    this.tellRead();
  }

  countUnread() {
    const { read } = this.store.get();
    for (const id of this.unread) if (read && later(id, read) <= 0) this.unread.delete(id);
    const n = this.unread.size;
    this.badge.hidden = !n;
    this.badge.textContent = n;
    this.launcher.setAttribute('aria-label', this.t('abrir') + (n ? '. ' + (n === 1 ? this.t('sin_leer_uno') : this.t('sin_leer', { n })) : ''));
  }

  /* scrolling: stay at the end, but never past the beginning of a long answer */

  get atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollHeight - clientHeight - scrollTop < 80;
  }

  onScroll() {
    this.stick();
    if (this.atEnd) this.jump.hidden = true;
  }

  /** Whether the very end is shown, and is to be shown still when what is below takes more room. */
  stick() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    this.stuck = scrollHeight - clientHeight - scrollTop < 8;
  }

  toStart() {
    this.scroller.scrollTop = 0;
    this.stuck = false;
  }

  toEnd(node) {
    const { scroller } = this;
    const start = node ? node.offsetTop - 12 : Infinity;
    scroller.scrollTop = Math.min(start, scroller.scrollHeight - scroller.clientHeight);
    this.stick();
    this.jump.hidden = true;
  }
}
