// A driver for myinfo-conformance: JSON lines on standard input and output (docs/driver-protocol.md). Node 18 or newer.
//
//     myinfo-conformance --stdio 'node driver.mjs'
//
// It runs as it is: what it cannot do yet is to exchange the code. `your connector:` marks where your code is called.
// Whatever is printed besides answers is a log. Never log the setup: it holds the client secret and the private key.

import { randomBytes } from 'node:crypto';

let setup = null; // your connector: keep it here, too
const sessions = new Map(); // what the web session of each browser holds
let begun = 0;
let crash = () => {};

// an exception that nobody can catch would end the process; while a login is being finished it is a crash, too
process.on('uncaughtException', (error) => {
  console.error(error);
  crash(error);
});

const verbs = {
  hello({ versions }) {
    if (!versions.includes(1)) return { unsupported: true };
    return {
      version: 1,
      // your connector: its name and version, what it can, and which keys it reads, the most usual format first
      name: 'my-connector',
      connector_version: '0.1.0',
      language: 'JavaScript',
      // what it speaks, one or several: v3, fapi (Singpass FAPI 2.0: Myinfo v5 and Login), oidc (the API before FAPI)
      profiles: ['v3'],
      // claim only what it can: gov, sandbox, txn_no, redirect_query, two_keys with v3; two_enc_keys, acr with fapi; custom_ca,
      // timeout with v3 and fapi; login_app, claims with fapi and oidc; person with all
      capabilities: ['gov', 'redirect_query'],
      // pkcs8, pkcs8-encrypted, pkcs1, p12, jwk
      key_formats: ['pkcs8'],
    };
  },

  async configure(message) {
    sessions.clear();
    setup = null;
    try {
      // your connector: make it anew from the setup: addresses, client, private key, certificates, issuer
      setup = message.setup;
      return { result: 'ok' };
    } catch (error) {
      return { result: 'config_error', message: described(error) };
    }
  },

  async start() {
    if (setup === null) return { result: 'error', message: 'not configured' };
    if (setup.profile === 'fapi') return startFapi();
    if (setup.profile === 'oidc') return startOidc();
    // your connector: let it build the address, and keep what it wants to have kept in the browser's session
    const state = randomBytes(16).toString('hex');
    const query = new URLSearchParams({
      client_id: setup.client_id,
      attributes: setup.attributes.join(','),
      purpose: setup.purpose,
      state,
      redirect_uri: setup.redirect_uri,
      response_type: 'code',
    });
    if (setup.esvc_id) query.set('sp_esvcId', setup.esvc_id);
    begun += 1;
    const session = `s${begun}`;
    sessions.set(session, { state });
    return { result: 'url', url: `${setup.authorise_url}?${query}`, session };
  },

  async callback({ session, url }) {
    const kept = sessions.get(session);
    // taken out: a login is finished once, whatever comes of it
    sessions.delete(session);
    if (kept === undefined) return rejected('state', 'no login is under way in this session');
    try {
      const crashed = new Promise((_, reject) => { crash = reject; });
      return await Promise.race([finish(kept, url), crashed]);
    } catch (error) {
      // your connector: a line for each of its errors, with the class that fits, for example
      // if (error instanceof SignatureError) return rejected('signature', error.message, error.name);
      return { outcome: 'crash', message: described(error) };
    }
  },

  reset() {
    // your connector: drop its caches, too, and keep its configuration
    sessions.clear();
    return {};
  },

  bye: () => ({}),
};

async function startFapi() {
  // your connector: let it read the discovery document and push its request (PAR), with the keys of private_jwks; keep state, nonce,
  // verifier and the key of its proofs in the browser's session, and give back the address of the authorization endpoint. What the
  // server refuses here is an error, too, with the class that fits: pushed_request, upstream, malformed …
  return notBegun();
}

async function startOidc() {
  // your connector: let it read the discovery document, and give back the address of its authorization endpoint with scopes, nonce,
  // state and code_challenge; keep state, nonce and verifier in the browser's session. A document that cannot be used is an error, too,
  // with the class that fits: upstream, malformed …
  return notBegun();
}

async function finish(kept, url) {
  // your connector: if it checks the state itself, hand it `kept` and the address instead
  const states = new URL(url).searchParams.getAll('state');
  if (states.length !== 1 || states[0] !== kept.state) {
    return rejected('state', 'the state is not that of this session');
  }
  // your connector: let it read error and code, exchange the code and fetch the person; then
  // return { outcome: 'accepted', person }; with fapi and oidc also `claims`, those of the ID token
  return rejected('other', 'not connected yet');
}

function notBegun() {
  return { result: 'error', class: 'other', native: '', message: 'not connected yet' };
}

function rejected(kind, message, native = '') {
  return { outcome: 'rejected', class: kind, native, message };
}

function described(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function serve(line) {
  const message = JSON.parse(line);
  const verb = Object.hasOwn(verbs, message.type) ? verbs[message.type] : () => ({ unsupported: true });
  const answer = JSON.stringify({ id: message.id, ...(await verb(message)) });
  await new Promise((written) => process.stdout.write(`@mdp ${answer}\n`, written));
  if (message.type === 'bye') process.exit(0);
}

let rest = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) await serve(line);
}
process.exit(0);
