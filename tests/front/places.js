/** Tells where the scripts under test lie. */

const BOT = new URL('../../bot/', import.meta.url);

export const WIDGET = new URL('webchat/widget/', BOT).href;
export const DESK = new URL('console/static/', BOT).href;
