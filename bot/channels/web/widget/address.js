/** Tells where the assistant is: this module lies in <base>/webchat/widget/<version>/. */

export const BASE = new URL('../../../', import.meta.url).href;
export const API = BASE + 'api/chat';
export const KEY = 'ventanilla:' + BASE;
