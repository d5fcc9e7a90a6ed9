/*
 * Opens the page of one's own data: posts the token that stands after «#» in the address, and removes it from there. So
 * the token is in the address of no request. Without this script, the citizen pastes the link into the form.
 */
(() => {
  const form = /** @type {HTMLFormElement} */ (document.getElementById('abrir'));
  const field = /** @type {HTMLInputElement} */ (document.getElementById('enlace'));

  const open = () => {
    const token = location.hash.slice(1);
    if (token.length < 40) return; // no token, such as the link to the content
    history.replaceState(history.state, '', location.pathname);
    field.value = token;
    form.submit();
    field.value = '';
  };

  addEventListener('hashchange', open);
  open();
})();
