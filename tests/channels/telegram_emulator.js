// Starts npm's telegram-test-api (4.2.1) on the port given, with what python-telegram-bot needs and it lacks: `is_bot` in
// getMe, dates in seconds, `chat_instance` in callback queries. Run from a folder where it is installed.
const api = require(require.resolve("telegram-test-api", { paths: [process.cwd()] }));
const TelegramServer = api.TelegramServer || api.default || api;
const format = TelegramServer.formatUpdate;
TelegramServer.formatUpdate = (update) => {
  const made = format(update);
  if (made.callback_query) made.callback_query.chat_instance = "1";
  return made;
};
const server = new TelegramServer({ port: Number(process.argv[2]), host: "127.0.0.1" });
const add = server.addBotMessage.bind(server);
server.addBotMessage = (message, token) => {
  delete message.link_preview_options; // it would come back as the text it was sent as
  const made = add(message, token);
  made.date = Math.floor(made.date / 1000);
  return made;
};
const app = server.webServer;
const me = { id: 666, is_bot: true, first_name: "Aroma", username: "TestNameBot" };
app.all("/bot:token/getMe", (request, response) => response.json({ ok: true, result: me }));
app.all("/bot:token/sendChatAction", (request, response) => response.json({ ok: true, result: true }));
const stack = app._router.stack;
stack.splice(4, 0, ...stack.splice(-2));
server.start();
