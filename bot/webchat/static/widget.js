/*
 * Ventanilla web chat: <script src="https://host/webchat/widget.js" async></script> on any allowed site.
 *
 * One custom element, <ventanilla-chat>, made at the end of the page unless it is already there. On the script or on the
 * element: data-color="#1f5f4f", data-title="¿Te ayudo?", data-position="left", data-open. Anything on the page with
 * data-ventanilla-ask="¿una pregunta?" opens the chat and asks it; a form with that attribute asks what was typed in it.
 *
 * Store keeps the token and what is unsent, Line talks to the server (socket, or SSE and POST where sockets are blocked),
 * VentanillaChat is what people see. Only the `html` of events, made safe by the server, is ever inserted as HTML.
 */
(() => {
  'use strict';

  const SCRIPT = document.currentScript || document.querySelector('script[src*="/webchat/widget.js"]');
  const BASE = new URL('../', SCRIPT.src).href;
  const API = BASE + 'api/chat';
  const KEY = 'ventanilla:' + BASE;
  const SOCKET_TRIES = 2;
  const WELCOME_MS = 8000;
  const ACK_MS = 10000;
  const BEAT_MS = 25000;
  const QUIET_MS = 40000;
  const LONGEST_WAIT_MS = 30000;
  const TYPING_MS = 15000;
  const COUNT_FROM = 400;
  const PHONE = matchMedia('(max-width: 30em), (max-height: 26em)');

  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const order = (id) => id.split('-').map(Number);
  const later = (one, other) => {
    const [a, b] = [order(one), order(other || '0')];
    return a[0] - b[0] || (a[1] || 0) - (b[1] || 0);
  };

  /* ---------- colour: any agency colour must stay readable, WCAG AA ---------- */

  const parts = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const luminance = (color) => {
    const [r, g, b] = parts(color).map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const textOn = (color) => (contrast(color, '#ffffff') >= 4.5 ? '#ffffff' : '#000000');
  const mix = (one, other, share) => '#' + parts(one)
    .map((part, at) => Math.round(part * (1 - share) + parts(other)[at] * share).toString(16).padStart(2, '0')).join('');
  const readable = (color, surface, towards, enough) => {
    for (let share = 0; share < 1; share += 0.05) {
      const mixed = mix(color, towards, share);
      if (contrast(mixed, surface) >= enough) return mixed;
    }
    return towards;
  };

  /* ---------- elements ---------- */

  const policy = (() => {
    try { return trustedTypes.createPolicy('ventanilla', { createHTML: (html) => html }); } catch { return null; }
  })();

  /** h('button', {class: 'x', onclick: f}, child, ...) makes an element; strings become text. */
  const h = (tag, props = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, '');
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  };

  const icon = (path) => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS(svg.namespaceURI, 'path');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
  };
  const ICONS = {
    chat: 'M20 15a3 3 0 0 1-3 3H9l-5 3.5V7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3zM8.5 9.5h7M8.5 13h4.5',
    down: 'M6 9.5l6 6 6-6',
    again: 'M20 5v5h-5M4 19v-5h5M19.4 10A8 8 0 0 0 5.5 7.5M4.6 14a8 8 0 0 0 13.9 2.5',
    send: 'M12 19.5V5M5.5 11.5L12 5l6.5 6.5',
    person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0',
    back: 'M9.5 6.5L4 12l5.5 5.5M4 12h16',
  };

  /* ---------- what the browser keeps: {token, read, pending: [{id, text|button, title, at}]} ---------- */

  class Store {
    memory = {};

    get() {
      try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return this.memory; }
    }

    set(change) {
      const next = (this.memory = { ...this.get(), ...change });
      try { localStorage.setItem(KEY, JSON.stringify(next)); } catch { /* private mode: this page only */ }
    }

    get token() { return this.get().token; }

    get pending() { return this.get().pending || []; }

    add(message) { this.set({ pending: [...this.pending, message] }); }

    drop(id) { this.set({ pending: this.pending.filter((message) => message.id !== id) }); }
  }

  /* ---------- the line to the server ---------- */

  /** Tells `on` the socket's messages (welcome, event, speaker, ack, error) and {type: 'line', up} and {type: 'unsent', id}. */
  class Line {
    constructor(store, on) {
      Object.assign(this, { store, on, last: '0', misses: 0, socketMisses: 0, flying: new Map(), running: false, up: false });
    }

    start() {
      if (this.running) return;
      this.running = true;
      this.connect();
    }

    /** Drops the connection; `last` stays, so that starting again resumes. */
    stop() {
      this.running = false;
      this.hangUp();
    }

    restart() {
      this.stop();
      this.last = '0';
      this.misses = 0;
      this.start();
    }

    /** After a change of network or a return to the page: connect now, or find out whether the line is still alive. */
    nudge() {
      if (!this.running) return;
      if (!this.up) {
        this.misses = 0;
        this.hangUp();
        this.connect();
      } else if (this.socket) this.beat(5000);
    }

    hangUp() {
      clearTimeout(this.retry);
      clearInterval(this.watch);
      clearTimeout(this.welcomeTimer);
      const { socket, abort } = this;
      this.socket = this.abort = null;
      if (socket) {
        socket.onclose = socket.onmessage = socket.onopen = null;
        socket.close();
      }
      abort?.abort();
      for (const timer of this.flying.values()) clearTimeout(timer);
      this.flying.clear();
      this.up = false;
    }

    connect() {
      if (this.socketMisses < SOCKET_TRIES && window.WebSocket) this.openSocket();
      else this.openStream();
    }

    lost() {
      this.hangUp();
      this.on({ type: 'line', up: false });
      if (!this.running) return;
      const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** this.misses++);
      this.retry = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
    }

    connected(welcome) {
      this.misses = 0;
      this.up = true;
      if (welcome.token !== this.store.token) this.store.set({ token: welcome.token });
      this.on({ type: 'line', up: true });
      this.on(welcome);
      this.flush();
    }

    forget() {
      this.store.set({ token: null, read: null });
      this.last = '0';
      this.on({ type: 'forgotten' });
    }

    hear(message) {
      this.heard = Date.now();
      if (message.type === 'event') {
        if (later(message.id, this.last) <= 0) return;
        this.last = message.id;
        this.store.drop(message.message_id);
      }
      if (message.type === 'ack' || (message.type === 'error' && message.id)) this.landed(message);
      this.on(message);
    }

    landed({ id, code }) {
      clearTimeout(this.flying.get(id));
      this.flying.delete(id);
      if (code === 'too_many' || code === 'unavailable') {
        setTimeout(() => this.flush(), ACK_MS);
        this.on({ type: 'unsent', id });
      } else if (!code) this.store.drop(id);
    }

    /* WebSocket */

    openSocket() {
      let socket;
      try {
        socket = new WebSocket(API.replace(/^http/, 'ws') + '/socket');
      } catch {
        this.socketMisses++;
        return this.lost();
      }
      this.socket = socket;
      let spoke = false;
      const fail = () => {
        if (!spoke && navigator.onLine) this.socketMisses++;
        this.lost();
      };
      const hello = () => socket.send(JSON.stringify({ type: 'hello', token: this.store.token || undefined, after: this.last }));
      this.welcomeTimer = setTimeout(fail, WELCOME_MS);
      socket.onopen = hello;
      socket.onclose = fail;
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        spoke = true;
        this.heard = Date.now();
        if (message.type === 'welcome') {
          this.socketMisses = 0;
          clearTimeout(this.welcomeTimer);
          this.watch = setInterval(() => this.beat(ACK_MS), BEAT_MS);
          this.connected(message);
        } else if (message.code === 'unknown_token') {
          this.forget();
          hello();
        } else if (message.type === 'error' && !this.up) this.lost();
        else this.hear(message);
      };
    }

    /** Sends a ping; without any word from the server in `patience` ms the line is taken for dead. */
    beat(patience) {
      const { socket } = this;
      const asked = Date.now();
      if (socket.readyState === 1) socket.send('{"type":"ping"}');
      setTimeout(() => this.socket === socket && this.heard < asked && this.lost(), patience);
    }

    /* Server-Sent Events and POST */

    get headers() {
      return { Authorization: 'Bearer ' + this.store.token, 'Content-Type': 'application/json' };
    }

    async openStream() {
      const abort = (this.abort = new AbortController());
      const { signal } = abort;
      try {
        if (!this.store.token) this.store.set({ token: (await this.ask(API, { method: 'POST', signal })).token });
        const answer = await fetch(API + '/events?after=' + this.last, { headers: this.headers, signal, cache: 'no-store' });
        if (answer.status === 401) {
          this.forget();
          return this.connect();
        }
        if (!answer.ok) throw answer.status;
        this.heard = Date.now();
        this.watch = setInterval(() => Date.now() - this.heard > QUIET_MS && this.lost(), ACK_MS);
        this.connected({ type: 'welcome', token: this.store.token, speaker: 'assistant' });
        await this.readStream(answer.body.getReader());
      } catch { /* the line is lost, whatever the reason */ }
      if (this.abort === abort) {
        this.socketMisses = Math.min(this.socketMisses, SOCKET_TRIES - 1);
        this.lost();
      }
    }

    async readStream(reader) {
      const decoder = new TextDecoder();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.heard = Date.now();
        const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
        rest = blocks.pop();
        for (const block of blocks) {
          const field = (name) => block.match(new RegExp('^' + name + ': ?(.*)$', 'm'))?.[1];
          const data = field('data');
          if (data) this.hear({ type: field('event') === 'speaker' ? 'speaker' : 'event', ...JSON.parse(data) });
        }
      }
    }

    async ask(url, options) {
      const answer = await fetch(url, options);
      const body = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(), body);
      return body;
    }

    async post({ id, text, button }) {
      const { abort } = this;
      const body = JSON.stringify({ id, text, button });
      try {
        this.hear({ type: 'ack', id, ...(await this.ask(API + '/messages', { method: 'POST', headers: this.headers, body })) });
      } catch ({ code, text: reason }) {
        if (code === 'unknown_token' && this.abort === abort) {
          this.forget();
          this.hangUp();
          this.connect();
        } else this.hear({ type: 'error', id, code: code || 'unavailable', text: reason });
      }
    }

    /* what is unsent */

    async flush() {
      for (const message of this.store.pending) {
        if (!this.up) return;
        if (this.flying.has(message.id)) continue;
        const { id, text, button } = message;
        this.flying.set(id, setTimeout(() => this.unanswered(id), ACK_MS));
        this.on({ type: 'sending', id });
        if (this.socket) this.socket.send(JSON.stringify({ type: 'message', id, text, button }));
        else await this.post(message);
      }
    }

    unanswered(id) {
      this.on({ type: 'unsent', id });
      this.lost();
    }
  }

  /* ---------- what people see ---------- */

  class VentanillaChat extends HTMLElement {
    store = new Store();

    line = new Line(this.store, (message) => this['on_' + message.type]?.(message));

    nodes = new Map();

    unread = new Set();

    speaker = 'assistant';

    async connectedCallback() {
      if (this.config) return;
      this.config = {};
      const data = { ...SCRIPT.dataset, ...this.dataset };
      for (let wait = 2000; ; wait = Math.min(wait * 2, 60000)) {
        try {
          this.config = await (await fetch(API + '/config')).json();
          if (this.config.labels) break;
        } catch {
          console.warn(`Ventanilla: ${API} cannot be reached, or ${location.origin} is not in WIDGET_ORIGINS`);
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
      this.log = h('div', { class: 'log', role: 'log', 'aria-label': this.t('historial'), 'aria-live': 'polite', 'aria-busy': 'true', tabindex: '0' });
      this.typing = h('div', { class: 'typing', 'aria-hidden': 'true', hidden: true }, h('i'), h('i'), h('i'));
      this.scroller = h('div', { class: 'scroller', onscroll: () => this.onScroll() }, this.log, this.typing);
      this.jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.toEnd() }, icon(ICONS.down), this.t('abajo'));
      this.quick = h('button', { type: 'button', class: 'quick', onclick: () => this.quickAction() });
      this.input = h('textarea', { id: 'message', rows: '1', placeholder: this.t('marcador'), enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'limit' });
      this.limit = h('p', { id: 'limit', class: 'limit', 'aria-live': 'polite' });
      this.sendButton = h('button', { class: 'send', 'aria-label': this.t('enviar'), title: this.t('enviar') }, icon(ICONS.send));
      this.form = h('form', { onsubmit: (event) => { event.preventDefault(); this.submit(); } },
        h('div', { class: 'row' }, this.quick, h('a', { href: new URL(privacy_url, BASE), target: '_blank', rel: 'noopener' }, this.t('privacidad'))),
        h('div', { class: 'field' }, h('label', { for: 'message', class: 'hidden' }, this.t('mensaje')), this.input, this.sendButton),
        this.limit);
      this.sure = h('div', { class: 'sure', role: 'alertdialog', 'aria-label': this.t('de_nuevo'), hidden: true },
        h('p', {}, this.t('de_nuevo_pregunta')),
        h('button', { type: 'button', class: 'quick', onclick: () => this.again() }, this.t('de_nuevo_si')),
        h('button', { type: 'button', class: 'quick', onclick: () => this.askSure(false) }, this.t('de_nuevo_no')));
      this.panel = h('dialog', { class: 'panel', 'aria-labelledby': 'title' },
        h('header', {},
          h('span', { class: 'mark', 'aria-hidden': 'true' }, assistant[0]),
          h('div', { class: 'names' }, h('h2', { id: 'title', title: this.config.agency }, this.config.agency || short_name), this.status),
          button('de_nuevo', 'again', () => this.askSure(true)),
          button('cerrar', 'down', () => this.close())),
        this.notice, this.scroller, this.jump, this.sure, this.form);
      root.append(h('div', { class: 'root' + (data.position === 'left' ? ' left' : '') }, this.launcher, this.panel));
      this.showSpeaker();
      for (const message of this.store.pending) this.showPending(message);
    }

    style_(root, color) {
      const [light, dark] = [readable(color, '#ffffff', '#000000', 5), readable(color, '#1e2623', '#ffffff', 6.5)];
      const css = `:host{--brand:${color};--on-brand:${textOn(color)};--accent:${light};--on-accent:${textOn(light)}}
        @media (prefers-color-scheme:dark){:host{--accent:${dark};--on-accent:${textOn(dark)}}}` + STYLE;
      try {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        root.adoptedStyleSheets = [sheet];
      } catch {
        root.append(h('style', {}, css));
      }
    }

    listen() {
      this.input.addEventListener('input', () => this.measure());
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
      document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.line.nudge());
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
    on_speaker({ speaker, past }) {
      this.speaker = speaker;
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
      if (event.author === 'citizen') {
        this.retireChoices();
        this.lastAsked = event.id;
      } else {
        this.stopTyping();
        this.lastReply = event.id;
        if (event.name) this.staff = event.name;
        if (event.author === 'staff') this.on_speaker({ speaker: 'staff', past: true });
        this.unread.add(event.id);
      }
      if (this.isOpen && document.visibilityState === 'visible') this.markRead();
      else this.countUnread();
      if (!this.isOpen) return;
      if (follow) this.toEnd(node);
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
      if (!this.formats.has(key)) this.formats.set(key, new Intl.DateTimeFormat('es-CL', { timeZone: this.config.timezone, ...options }));
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

    /** A message's bubble. The author is read out with every message and shown with the first of a group. */
    bubble({ author, name, at }, body) {
      const who = { citizen: this.t('tu'), assistant: this.config.assistant, staff: name || this.t('con_persona'), system: this.t('sistema') }[author];
      const tag = { assistant: this.t('asistente'), staff: this.t('insignia_persona') }[author];
      return h('div', { class: 'm ' + author, 'data-who': author + (name || '') },
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
      const body = h('div', { class: 'html' });
      body.innerHTML = policy ? policy.createHTML(event.html) : event.html;
      for (const link of body.querySelectorAll('a[href^="/"]')) link.href = new URL(link.getAttribute('href'), BASE);
      if (event.source) {
        body.append(h('p', { class: 'source' }, this.t('fuente') + ': ', h('a', { href: event.source.url, target: '_blank', rel: 'noopener noreferrer' }, event.source.title)));
      }
      for (const link of body.querySelectorAll('a[target]')) link.append(h('span', { class: 'hidden' }, ` (${this.t('nueva_pestana')})`));
      const node = this.bubble(event, body);
      if (event.buttons.length) {
        this.retireChoices();
        node.append(h('div', { class: 'choices', role: 'group', 'aria-label': this.t('opciones') },
          ...event.buttons.map(({ id, title }) => h('button', { type: 'button', onclick: () => { this.send({ button: id, title }); this.input.focus(); } }, title))));
      }
      if (waiting && waiting.nextElementSibling === firstPending) {
        waiting.classList.remove('pending');
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
      if (!reason) place.append(act(this.t('reintentar'), () => { this.setState(id, 'enviando'); this.line.nudge(); this.line.flush(); }));
      place.append(act(this.t('descartar'), () => {
        this.store.drop(id);
        this.nodes.delete(id);
        node.remove();
        this.input.focus();
      }));
    }

    startTyping() {
      this.typing.hidden = false;
      clearTimeout(this.typingTimer);
      this.typingTimer = setTimeout(() => this.stopTyping(), TYPING_MS);
      if (this.atEnd || this.nearEnd) this.toEnd();
    }

    stopTyping() {
      clearTimeout(this.typingTimer);
      this.typing.hidden = true;
    }

    markRead() {
      this.unread.clear();
      const { read } = this.store.get();
      if (later(this.line.last, read) > 0) this.store.set({ read: this.line.last });
      this.countUnread();
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

    onScroll() { if (this.atEnd) this.jump.hidden = true; }

    toStart() { this.scroller.scrollTop = 0; }

    toEnd(node) {
      const { scroller } = this;
      const start = node ? node.offsetTop - 12 : Infinity;
      scroller.scrollTop = Math.min(start, scroller.scrollHeight - scroller.clientHeight);
      this.jump.hidden = true;
    }
  }

  const STYLE = `
:host{all:initial;--bg:#f6f3ec;--card:#fff;--ink:#1f2b26;--soft:#56645d;--line:#e2dbcd;--staff:#fdf1d6;--staff-line:#e6cf98;--bad:#a3261b;--shade:0 18px 50px -12px #1f2b2652,0 4px 14px #1f2b261f;
font:medium/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,Cantarell,sans-serif;color:var(--ink);color-scheme:light dark}
@media (prefers-color-scheme:dark){:host{--bg:#151b19;--card:#1e2623;--ink:#eaf0ec;--soft:#a5b3ab;--line:#36433d;--staff:#37301d;--staff-line:#6b5a2d;--bad:#ff9d90;--shade:0 18px 50px -8px #000b,0 0 0 1px #ffffff14}}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
h2,p{margin:0}
button,textarea{font:inherit;color:inherit}
button{cursor:pointer;border:0;background:none;padding:0;-webkit-tap-highlight-color:transparent}
a{color:var(--accent);text-underline-offset:.18em}
svg{width:1.5em;height:1.5em;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;flex:none}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.launcher{position:fixed;z-index:2147483000;right:max(1.25em,env(safe-area-inset-right));bottom:max(1.25em,env(safe-area-inset-bottom));display:flex;align-items:center;gap:.6em;min-height:3.5em;padding:.6em 1.35em .6em 1.1em;border:2px solid transparent;border-radius:2em;background:var(--brand);color:var(--on-brand);font-weight:600;box-shadow:0 0 0 1px #ffffff2e,0 8px 24px -6px #1f2b2680;transition:transform .15s}
.launcher:hover{transform:translateY(-2px)}
.launcher:focus-visible{outline-color:var(--on-brand);box-shadow:0 0 0 6px var(--brand)}
.badge{position:absolute;top:-.4em;right:-.1em;min-width:1.7em;padding:0 .45em;border-radius:1em;background:#b3261e;color:#fff;font-size:.85em;line-height:1.7em;text-align:center;border:2px solid #fff;box-sizing:content-box;min-width:.8em}
.left .launcher{right:auto;left:max(1.25em,env(safe-area-inset-left))}
.panel{position:fixed;z-index:2147483001;inset:auto max(1.25em,env(safe-area-inset-right)) max(1.25em,env(safe-area-inset-bottom)) auto;width:25.5em;max-width:calc(100vw - 2.5em);height:min(44em,calc(100dvh - 2.5em));max-height:none;margin:0;padding:0;border:1px solid transparent;border-radius:1.25em;overflow:hidden;background:var(--bg);color:var(--ink);box-shadow:var(--shade);overscroll-behavior:contain}
.left .panel{right:auto;left:max(1.25em,env(safe-area-inset-left))}
.panel[open]{display:flex;flex-direction:column;animation:rise .2s ease-out}
.panel::backdrop{background:#0000}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}
header{display:flex;align-items:center;gap:.75em;padding:.85em .6em .85em 1em;background:var(--brand);color:var(--on-brand);flex:none}
.mark{display:grid;place-items:center;flex:none;width:2.5em;height:2.5em;border-radius:50%;background:color-mix(in srgb,var(--on-brand) 16%,transparent);border:1px solid color-mix(in srgb,var(--on-brand) 34%,transparent);font-weight:600}
.names{flex:1;min-width:0}
h2{font-size:1em;line-height:1.3;font-weight:600;text-wrap:balance}
.sub{font-size:.875em;line-height:1.35}
.icon{display:grid;place-items:center;width:2.75em;height:2.75em;border-radius:50%;flex:none}
.icon:hover{background:color-mix(in srgb,var(--on-brand) 16%,transparent)}
header :focus-visible{outline-color:var(--on-brand);outline-offset:-3px}
.notice{padding:.6em 1em;background:var(--staff);border-bottom:1px solid var(--staff-line);font-size:.9em;flex:none}
.scroller{flex:1;min-height:0;overflow-y:auto;overscroll-behavior:contain;padding:1em;display:flex;flex-direction:column;position:relative;scrollbar-width:thin}
.log{display:flex;flex-direction:column;border-radius:.5em}
.log:focus-visible{outline-offset:6px}
.day{text-align:center;margin:.4em 0 .9em;font-size:.8125em;color:var(--soft)}
.day span::first-letter{text-transform:uppercase}
.day span{display:inline-block}
.m{display:flex;flex-direction:column;align-items:flex-start;max-width:92%;margin-bottom:.95em}
.m.joined{margin-bottom:.3em}
.m.joined .meta:has(.state:empty){display:none}
.citizen{align-self:flex-end;align-items:flex-end;max-width:84%}
.who{font-size:.8125em;font-weight:600;color:var(--soft);margin:0 0 .3em .2em}
.citizen .who,.system .who,.m:not(.first) .who{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.tag{font-weight:400;margin-left:.5em}
.staff .who{color:var(--ink)}
.staff .tag{display:inline-block;padding:0 .6em;border-radius:1em;background:var(--accent);color:var(--on-accent);font-weight:600}
.b{padding:.65em .95em;border-radius:1.15em;background:var(--card);border:1px solid var(--line);overflow-wrap:anywhere;min-width:0;max-width:100%}
.assistant .b,.staff .b{border-top-left-radius:.35em}
.staff .b{background:var(--staff);border-color:var(--staff-line)}
.citizen .b{background:var(--brand);color:var(--on-brand);border-color:transparent;border-bottom-right-radius:.35em;white-space:pre-line}
.citizen .html{white-space:normal}
.system{align-self:center;align-items:center;text-align:center;max-width:88%}
.system .b{background:none;border-color:transparent;padding:.2em .5em;font-size:.9em;color:var(--soft)}
.meta{display:flex;flex-wrap:wrap;align-items:center;column-gap:.6em;font-size:.75em;color:var(--soft);margin:.3em .3em 0}
.citizen .meta{justify-content:flex-end}
.state{display:contents}
[data-state=enviando] .meta{animation:show 0s .7s both}
[data-state=enviando] .meta time{display:none}
@keyframes show{from{visibility:hidden}}
[data-state=no_enviado] .b{opacity:.72}
[data-state=no_enviado] .meta{color:var(--bad);font-size:.875em}
[data-state=no_enviado] time{display:none}
.state button{min-height:2.75em;padding:0 .4em;text-decoration:underline;text-underline-offset:.18em;color:var(--accent);font-weight:600}
.html>:first-child{margin-top:0}
.html>:last-child{margin-bottom:0}
.html p,.html ul,.html ol,.html table,.html blockquote{margin:.55em 0}
.html ul,.html ol{padding-left:1.35em}
.html li{margin:.25em 0}
.html li::marker{color:var(--soft)}
.html table{display:block;overflow-x:auto;border-collapse:collapse;font-size:.9em}
.html td,.html th{border:1px solid var(--line);padding:.35em .55em;text-align:left}
.html a{font-weight:500}
.html strong a{font-weight:700}
.html .source{border-top:1px solid var(--line);margin-top:.75em;padding-top:.55em;font-size:.875em;color:var(--soft)}
.choices{display:flex;flex-direction:column;align-items:stretch;gap:.5em;margin-top:.6em;align-self:stretch}
.log>.choices{margin:.1em 0 .5em;max-width:92%}
.choices p{font-size:.8125em;color:var(--soft);margin-left:.2em}
.choices button,.quick{min-height:2.75em;padding:.5em 1em;border:1px solid color-mix(in srgb,var(--accent) 55%,var(--card));border-radius:1.4em;background:var(--card);color:var(--accent);font-weight:500;text-align:left;line-height:1.35;transition:background .12s}
.choices button:hover,.quick:hover{background:color-mix(in srgb,var(--accent) 10%,var(--card))}
.m .choices,.offered{order:1}.m .meta{order:2}
.offered{margin:.4em 0 0;padding:0 0 0 1.4em;font-size:.9em;color:var(--soft)}
.typing{display:flex;gap:.3em;align-self:flex-start;padding:.95em 1em;border-radius:.35em 1.15em 1.15em;background:var(--card);border:1px solid var(--line)}
.typing i{width:.45em;height:.45em;border-radius:50%;background:var(--soft);animation:bob 1.1s infinite ease-in-out}
.typing i:nth-child(2){animation-delay:.15s}.typing i:nth-child(3){animation-delay:.3s}
@keyframes bob{0%,60%,100%{opacity:.35;transform:none}30%{opacity:1;transform:translateY(-.25em)}}
.jump{display:flex;align-items:center;gap:.3em;align-self:center;margin:-3.4em 0 .65em;z-index:1;min-height:2.75em;padding:0 1.1em 0 .7em;border-radius:1.4em;background:var(--accent);color:var(--on-accent);font-size:.9em;font-weight:600;box-shadow:0 4px 14px #1f2b2640;flex:none}
.sure{padding:.9em 1em;border-top:1px solid var(--line);background:var(--card);flex:none;display:flex;flex-wrap:wrap;gap:.5em}
.sure p{flex-basis:100%;font-weight:500}
form{flex:none;padding:.6em .75em max(.75em,env(safe-area-inset-bottom));background:var(--card);border-top:1px solid var(--line)}
.row{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.2em .75em;margin-bottom:.6em;font-size:.9em}
.row a{display:inline-flex;align-items:center;min-height:3.06em;padding:0 .5em;color:var(--soft);margin-left:auto}
.quick{display:inline-flex;align-items:center;gap:.45em;font-weight:600}
.row .quick{min-height:3.06em}
.quick svg{width:1.25em;height:1.25em}
.field{display:flex;align-items:flex-end;gap:.4em;padding:.2em;border:1px solid color-mix(in srgb,var(--soft) 75%,transparent);border-radius:1.6em;background:var(--bg)}
.field:focus-within{border-color:var(--accent);box-shadow:0 0 0 2px var(--accent)}
textarea,textarea:focus-visible{outline:0}
textarea{flex:1;min-width:0;min-height:2.75em;max-height:8.5em;padding:.62em .5em .62em .9em;border:0;background:none;resize:none;line-height:1.5;field-sizing:content}
textarea::placeholder{color:var(--soft);opacity:1}
.send{display:grid;place-items:center;width:2.75em;height:2.75em;border-radius:50%;background:var(--accent);color:var(--on-accent);flex:none}
.limit{font-size:.875em;color:var(--soft);padding:.4em .9em 0}
.limit:empty{display:none}
.limit.bad{color:var(--bad);font-weight:500}
@media (max-width:30em),(max-height:26em){
.panel{inset:var(--top,0) 0 auto 0!important;width:100vw;max-width:100vw;height:var(--height,100dvh);border:0;border-radius:0}
header{padding-top:max(.7em,env(safe-area-inset-top));padding-bottom:.7em}
.scroller{padding:.9em .8em}
}
@media (max-width:23em){.mark,.row svg{display:none}.row{font-size:.875em;column-gap:.2em}.row .quick,.row a{min-height:3.15em;padding-inline:.8em}.row a{padding-inline:.3em}}
@media (max-height:32em){.row{margin-bottom:.3em}}
@media (max-height:20em){header .mark,.sub{display:none}header{padding-block:.2em}.scroller{min-height:5em}.panel{overflow-y:auto}}
@media (prefers-reduced-motion:reduce){*,*::before,*::after{animation-duration:.01ms!important;animation-iteration-count:1!important;transition:none!important}}
@media (forced-colors:active){.b,.launcher,.send,.jump,.staff .tag,.mark,.badge{border:1px solid}.citizen .b{border-width:2px}.field:focus-within{outline:3px solid Highlight}header{border-bottom:1px solid}.typing i{background:CanvasText}}
`;

  customElements.define('ventanilla-chat', VentanillaChat);

  const chat = () => document.querySelector('ventanilla-chat');
  const ready = () => chat() || document.body.append(document.createElement('ventanilla-chat'));
  if (document.body) ready();
  else addEventListener('DOMContentLoaded', ready);

  document.addEventListener('click', (event) => {
    const asker = event.target.closest?.('[data-ventanilla-ask]');
    if (!asker || asker.matches('form')) return;
    event.preventDefault();
    chat()?.ask(asker.dataset.ventanillaAsk);
  });
  document.addEventListener('submit', (event) => {
    const field = event.target.matches('form[data-ventanilla-ask]') && event.target.querySelector('input, textarea');
    if (!field) return;
    event.preventDefault();
    chat()?.ask(field.value);
    field.value = '';
  });
})();
