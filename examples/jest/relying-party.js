// Stands for your application: a Login app over openid-client. Nothing in here knows that it talks to a mock.
import { importJWK } from 'jose'
import * as openid from 'openid-client'

/** The application at an issuer; `keys` is the private JWK Set: one key to sign with, one to be encrypted for. */
export async function application({ issuer, clientId, redirectUri, keys }) {
  const own = Object.fromEntries(keys.map((key) => [key.use, key]))
  const authentication = openid.PrivateKeyJwt({ key: await importJWK(own.sig, 'ES256'), kid: own.sig.kid })
  // plain http: the mock on loopback alone has it
  const options = issuer.startsWith('http:') ? { execute: [openid.allowInsecureRequests] } : {}
  const config = await openid.discovery(new URL(issuer), clientId, undefined, authentication, options)
  const { kid, alg } = own.enc
  openid.enableDecryptingResponses(config, ['A256CBC-HS512'], { key: await importJWK(own.enc, alg), kid, alg })
  openid.enableNonRepudiationChecks(config)
  return {
    begin: () => begin(config, redirectUri),
    finish: (callback, session) => finish(config, callback, session),
  }
}

/** Pushes the request. Gives the address for the browser, and what its session has to keep. */
async function begin(config, redirectUri) {
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
  const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()]
  const request = {
    scope: 'openid user.identity name',
    redirect_uri: redirectUri,
    authentication_context_type: 'APP_AUTHENTICATION_DEFAULT',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  }
  const address = await openid.buildAuthorizationUrlWithPAR(config, request, { DPoP })
  return { address, session: { DPoP, verifier, state, nonce } }
}

/** Exchanges the callback for who logged in. */
async function finish(config, callback, { DPoP, verifier, state, nonce }) {
  const expected = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
  const tokens = await openid.authorizationCodeGrant(config, callback, expected, undefined, { DPoP })
  const { sub, sub_attributes: { identity_number: number, name } } = tokens.claims()
  return { sub, number, name }
}
