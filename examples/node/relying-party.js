// Stands for your application: a Myinfo app over openid-client. Nothing in here knows that it talks to a mock.
import { importJWK } from 'jose'
import * as openid from 'openid-client'

export class RelyingParty {
  /** `keys` is the private JWK Set: one key to sign with, one to be encrypted for. */
  static async discover({ issuer, clientId, redirectUri, keys }) {
    const [signing, encryption] = ['sig', 'enc'].map((use) => keys.find((key) => key.use === use))
    const config = await openid.discovery(
      new URL(issuer), clientId, undefined,
      openid.PrivateKeyJwt({ key: await importJWK(signing, 'ES256'), kid: signing.kid }),
      // plain http: the mock on loopback alone has it
      { execute: issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [] },
    )
    openid.enableDecryptingResponses(config, ['A256GCM', 'A256CBC-HS512'], {
      key: await importJWK(encryption, encryption.alg), kid: encryption.kid, alg: encryption.alg,
    })
    openid.enableNonRepudiationChecks(config)
    return Object.assign(new RelyingParty(), { config, redirectUri })
  }

  /** Pushes the request. Gives the address for the browser, and what its session has to keep. */
  async begin(scope) {
    const session = {
      verifier: openid.randomPKCECodeVerifier(),
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      dpop: openid.getDPoPHandle(this.config, await openid.randomDPoPKeyPair('ES256')),
    }
    const address = await openid.buildAuthorizationUrlWithPAR(this.config, {
      redirect_uri: this.redirectUri,
      scope,
      state: session.state,
      nonce: session.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(session.verifier),
      code_challenge_method: 'S256',
    }, { DPoP: session.dpop })
    return { address, session }
  }

  /** Exchanges the callback for the person. */
  async finish(callback, session) {
    const tokens = await openid.authorizationCodeGrant(this.config, callback, {
      pkceCodeVerifier: session.verifier, expectedState: session.state, expectedNonce: session.nonce,
    }, undefined, { DPoP: session.dpop })
    const { sub } = tokens.claims()
    const userinfo = await openid.fetchUserInfo(this.config, tokens.access_token, sub, { DPoP: session.dpop })
    return userinfo.person_info
  }
}
