/** Asks the browser for the citizen's position, only after a tap on the button that offers it. */

/** @import { Said } from './message_log.js' */

/* bot/turns/buttons.py */
const LOCATION_BUTTON = 'ubicacion';
const HOW = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };

/** Number of buttons that were pressed, and of conversations that were left. */
let presses = 0;

/** Drops a press that waits for the position, since its conversation is over. */
export function forgetPress() {
  presses += 1;
}

/**
 * Sends what a button says; adds the position to the button that asks for it, unless it is refused. A press that waits for
 * the position is dropped if another button is pressed meanwhile, or the conversation is left.
 * @param {Said} said
 * @param {(said: Said) => void} send
 * @param {(searching: boolean) => void} tell
 */
export async function located(said, send, tell) {
  const press = (presses += 1);
  if (!('button' in said) || said.button !== LOCATION_BUTTON) return send(said);
  tell(true);
  const place = await position();
  tell(false);
  if (press === presses) send(place ? { ...said, place } : said);
}

/** @returns {Promise<{ latitude: number, longitude: number } | null>} Null if the citizen or the browser refuses. */
function position() {
  return new Promise((resolve) => {
    if (!('geolocation' in navigator)) return resolve(null);
    navigator.geolocation.getCurrentPosition(({ coords: { latitude, longitude } }) => resolve({ latitude, longitude }), () => resolve(null), HOW);
  });
}
