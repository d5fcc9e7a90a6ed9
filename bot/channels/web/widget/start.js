customElements.define('ventanilla-chat', VentanillaChat);

const chat = () => document.querySelector('ventanilla-chat');
const ready = () => chat() || document.body.append(document.createElement('ventanilla-chat'));
if (document.body) ready();
else addEventListener('DOMContentLoaded', ready);

document.addEventListener('click', (event) => {
  const asker = event.target.closest?.('[data-ventanilla-ask]');
  if (!asker || asker.matches('form')) return;
  event.preventDefault();
  chat()?.ask(asker.dataset.ventanillaAsk);
});
document.addEventListener('submit', (event) => {
  const field = event.target.matches('form[data-ventanilla-ask]') && event.target.querySelector('input, textarea');
  if (!field) return;
  event.preventDefault();
  chat()?.ask(field.value);
  field.value = '';
});
