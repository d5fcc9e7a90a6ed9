/** Asks the browser for the citizen's position, only after a tap on the button that offers it. */

/** @import { Said } from './message_log.js' */

const LOCATION_BUTTON = 'ubicacion'; // bot/turns/buttons.py
const HOW = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };

/**
 * Adds the position to the press of the button that asks for it; other messages, and a press whose position is refused,
 * stay as they are.
 * @param {Said} said
 * @param {(searching: boolean) => void} tell
 * @returns {Promise<Said>}
 */
export async function located(said, tell) {
  if (!('button' in said) || said.button !== LOCATION_BUTTON) return said;
  tell(true);
  const place = await position();
  tell(false);
  return place ? { ...said, place } : said;
}

/** @returns {Promise<{ latitude: number, longitude: number } | null>} Null if the citizen or the browser refuses. */
function position() {
  return new Promise((resolve) => {
    if (!('geolocation' in navigator)) return resolve(null);
    navigator.geolocation.getCurrentPosition(({ coords: { latitude, longitude } }) => resolve({ latitude, longitude }), () => resolve(null), HOW);
  });
}
