/** Comforts on top of screens that work without them: buttons that copy. */

for (const button of document.querySelectorAll('button[data-copy]')) {
  const label = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = label;
    }, 1500);
  });
}

/** A log-in by a key that the device holds, where the browser can. */
const canUseKeys = globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;
for (const button of document.querySelectorAll('button.passkey')) {
  button.hidden = !canUseKeys;
  button.addEventListener('click', async () => {
    const post = (path, body) =>
      fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    try {
      const { attempt, options } = await (await post('/api/session/passkey/begin')).json();
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      const key = await navigator.credentials.get({ publicKey });
      const answer = await post('/api/session/passkey', { attempt, response: key.toJSON() });
      if (!answer.ok) throw new Error(`The desk answers ${answer.status}.`);
      location.assign(button.dataset.next);
    } catch {
      button.textContent = button.dataset.failed;
    }
  });
}
