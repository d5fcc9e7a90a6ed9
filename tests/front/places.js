/** Defines the folders of the scripts under test. */

const BOT = new URL('../../bot/', import.meta.url);

export const WIDGET = new URL('channels/web/widget/', BOT).href;
export const DESK = new URL('desk/static/', BOT).href;
