/** Sets the globals that the desk's scripts read from their page; must be imported before them. */

import { FakeStorage } from './fakes.js';

const TEXTS = {
  espera_ahora: 'ahora', minutos: '{n} min', horas: '{n} h {m}', dias: '{n} d', acaba_de_llegar: 'acaba de llegar', esperando: 'espera hace {tiempo}',
  hoy: 'Hoy', ayer: 'Ayer', ventana_horas: '{n} h {m} min', sin_red: 'sin red', adjunto_perdido: 'se perdió', por_nombre: '[nombre]',
};

export const storage = new FakeStorage();
const facts = { csrf: 'x', staff: '7', draft_key: '0f'.repeat(32), me: 'Ana', texts: TEXTS };
globalThis.document = { getElementById: () => ({ textContent: JSON.stringify(facts), remove: () => {} }) };
globalThis.sessionStorage = storage;
