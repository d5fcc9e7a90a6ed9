/** Derives the server's URLs from this module's own, <base>/webchat/widget/<version>/address.js. */

export const BASE = new URL('../../../', import.meta.url).href;
export const API = BASE + 'api/chat';
export const KEY = 'ventanilla:' + BASE;
