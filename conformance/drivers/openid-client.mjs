// Drives the npm package openid-client, its code untouched and used as its manual shows, for myinfo-conformance.
// With `--checks` its checks of signatures are on (`enableNonRepudiationChecks`), which the manual leaves to the application.
import { createRequire } from 'node:module'
import { importJWK } from 'jose'
import * as client from 'openid-client'
import { isCrash, rejected, serve } from './mdp.mjs'

const NAME = 'openid-client'
const checks = process.argv.includes('--checks')

let setup
let config
let sessions = new Map()
let counter = 0

async function configure(wanted) {
  setup = wanted
  config = undefined
  sessions = new Map()
  const { keys } = JSON.parse(setup.private_jwks)
  const key = (use) => keys.find((key) => key.use === use && key.d)
  const [signing, encryption] = [key('sig'), key('enc')]
  if (!signing || !encryption) throw new Error('the JWK Set lacks a private key: the driver picks them by `use`')
  settings = async () => {
    const found = await client.discovery(
      new URL(setup.issuer), setup.client_id, undefined,
      client.PrivateKeyJwt({ key: await importJWK(signing, 'ES256'), kid: signing.kid }),
      { execute: [client.allowInsecureRequests], timeout: setup.timeout_seconds ?? 30 },
    )
    client.enableDecryptingResponses(found, ['A256CBC-HS512', 'A256GCM'], {
      key: await importJWK(encryption, encryption.alg), kid: encryption.kid, alg: encryption.alg,
    })
    if (checks) client.enableNonRepudiationChecks(found)
    return found
  }
}

/** The configuration out of the discovery document, which an application fetches once. */
let settings
const configured = async () => (config ??= await settings())

async function start() {
  try {
    const found = await configured()
    const handle = client.getDPoPHandle(found, await client.randomDPoPKeyPair('ES256'))
    const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()]
    const parameters = {
      redirect_uri: setup.redirect_uri,
      scope: setup.scopes,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }
    if (setup.context_type) parameters.authentication_context_type = setup.context_type
    if (setup.context_message) parameters.authentication_context_message = setup.context_message
    if (setup.acr_values) parameters.acr_values = setup.acr_values.join(' ')
    const url = await client.buildAuthorizationUrlWithPAR(found, parameters, { DPoP: handle })
    counter += 1
    const session = `s${counter}`
    sessions.set(session, { found, handle, verifier, state, nonce })
    return { url: url.href, session }
  } catch (error) {
    if (isCrash(error) && !isOfNetwork(error)) throw error
    const { class: kind, native, message } = refusal(error, 'pushed_request')
    return { result: 'error', class: kind, native, message }
  }
}

/** The manual keeps verifier, state, nonce and key in the session of the browser; a login is finished once. */
async function callback({ session, url }) {
  const kept = sessions.get(session)
  sessions.delete(session)
  if (!kept) return rejected('state', 'no session', 'no login is under way in this session')
  const { found, handle, verifier, state, nonce } = kept
  let endpoint = 'token_request'
  try {
    const tokens = await client.authorizationCodeGrant(
      found, new URL(url), { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }, undefined, { DPoP: handle },
    )
    const claims = tokens.claims()
    if (setup.app === 'login') return { outcome: 'accepted', person: null, claims }
    endpoint = 'person_request'
    const userinfo = await client.fetchUserInfo(found, tokens.access_token, claims.sub, { DPoP: handle })
    // what the documents leave to the application: the data are in `person_info`
    if (typeof userinfo.person_info !== 'object') return rejected('malformed', 'no person_info', 'userinfo has no person_info')
    return { outcome: 'accepted', person: userinfo.person_info, claims }
  } catch (error) {
    if (isCrash(error) && !isOfNetwork(error)) throw error
    return refusal(error, endpoint)
  }
}

/** `fetch` says with a TypeError that the network failed; the package hands it on, and puts a code on its own ones. */
const isOfNetwork = (error) => Boolean(error.code) || ['fetch failed', 'terminated'].includes(error.message)

/** Whether a time limit ended it, however deep that stands. */
const timedOut = (error) => Boolean(error) && (/Timeout|Abort/.test(error.name) || /TIMEOUT|ABORT/.test(error.code) || timedOut(error.cause))

/** The package's errors, by their documented codes and the errors of OAuth in them. */
function refusal(error, endpoint) {
  const native = error.code ?? error.name
  const said = (kind) => rejected(kind, native, [error.message, error.error, error.cause?.message].filter(Boolean).join(': '))
  if (error instanceof client.AuthorizationResponseError) {
    if (error.error === 'access_denied') return said('access_denied')
    return said(/^(server_error|temporarily_unavailable)$/.test(error.error) ? 'upstream' : 'authorisation')
  }
  const status = error.status ?? error.cause?.status ?? error.cause?.response?.status
  if (status >= 500 || status === 429) return said('upstream')
  if (endpoint === 'person_request' && status === 400) return said('no_profile')
  if (status >= 400) return said(endpoint)
  if (timedOut(error) || ['fetch failed', 'terminated'].includes(error.message)) return said('transport')
  if (/DECRYPT/.test(native)) return said('decryption')
  const words = `${error.message} ${error.cause?.message ?? ''}`
  if (/state/.test(words)) return said('state')
  if (/nonce/.test(words)) return said('nonce')
  if (/signature/i.test(words)) return said('signature')
  if (/"alg"/.test(words)) return said('algorithm')
  if (/"aud"/.test(words)) return said('audience')
  if (/"iss"|issuer/.test(words)) return said('issuer')
  if (/"exp"|"iat"/.test(words)) return said('expiry')
  if (/"sub"/.test(words)) return said('subject')
  return said('malformed')
}

await serve({
  hello: {
    name: NAME,
    connector_version: createRequire(import.meta.url)(`${NAME}/package.json`).version,
    profiles: ['fapi'],
    capabilities: ['login_app', 'acr', 'timeout', 'person', 'claims'],
  },
  configure,
  start,
  callback,
})
