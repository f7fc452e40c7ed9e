// Passkeys: asks the browser for one, and sends what it says. Without it passwords and codes work.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (data) => btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function asked(path, csrf) {
  const answer = await fetch(path, { method: "POST", headers: csrf ? { "X-CSRF-Token": csrf } : {} });
  if (answer.redirected) location.assign(answer.url); // a code is wanted first
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

function said(made) {
  const { response } = made;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = text(response[name]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response: parts });
}

async function add(part) {
  const csrf = part.dataset.csrf;
  const wanted = await asked("/account/passkeys/ask", csrf);
  const made = await navigator.credentials.create({
    publicKey: {
      ...wanted,
      challenge: bytes(wanted.challenge),
      user: { ...wanted.user, id: bytes(wanted.user.id) },
      excludeCredentials: known(wanted.excludeCredentials),
    },
  });
  const name = part.querySelector("[name=name]").value;
  await send("/account/passkeys", { csrf, name, answer: said(made) });
}

async function enter() {
  const wanted = await asked("/sign-in/passkey/ask");
  const made = await navigator.credentials.get({
    publicKey: { ...wanted, challenge: bytes(wanted.challenge), allowCredentials: known(wanted.allowCredentials) },
  });
  await send("/sign-in/passkey", { answer: said(made) });
}

async function send(path, fields) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(answer.status);
  location.assign(answer.url);
}

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  part.hidden = false;
  const failed = part.querySelector("[data-passkey-failed]");
  part.querySelector("[data-passkey-begin]").addEventListener("click", async () => {
    failed.hidden = true;
    try {
      await (part.dataset.passkey === "add" ? add(part) : enter());
    } catch {
      failed.hidden = false;
    }
  });
}
