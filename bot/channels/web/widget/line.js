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
        const type = field('event') || 'message';
          if (data) this.hear({ type: type === 'message' ? 'event' : type, ...JSON.parse(data) });
      }
    }
  }

  async ask(url, options) {
    const answer = await fetch(url, options);
    const body = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(), body);
    return body;
  }

  /** POST of something that is answered with nothing; throws {code, text}. */
  async tell(path, facts) {
    const answer = await fetch(API + path, { method: 'POST', headers: this.headers, body: JSON.stringify(facts) });
    if (!answer.ok) throw await answer.json();
  }

  /** Sends a file; the feed tells when it is there. Throws {code, text}. */
  async file(id, file) {
    const where = `/files?id=${id}&name=${encodeURIComponent(file.name.slice(-200))}`;
    const answer = await fetch(API + where, { method: 'POST', headers: { ...this.headers, 'Content-Type': 'application/octet-stream' }, body: file });
    if (!answer.ok) throw await answer.json();
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

  /** Tells that somebody types or has read: at once or not at all. */
  signal(message) {
    if (!this.up) return;
    if (this.socket) this.socket.send(JSON.stringify(message));
    else this.tell('/signals', message).catch(() => null);
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
