/** Opens the chat's page when the citizen presses a notification. It caches nothing and answers no request. */

self.addEventListener('notificationclick', (event) => {
  const { notification, waitUntil } = /** @type {any} */ (event);
  notification.close();
  waitUntil.call(event, goToChat());
});

async function goToChat() {
  const { clients } = /** @type {any} */ (self);
  const [page] = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  return page ? page.focus() : clients.openWindow('/');
}
