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
