// Gets a person with a published client whose addresses are built in; prints uinfin and name. One client a run:
// `node person.mjs gov-client|node-test|node-sandbox|openid-client DIRECTORY`, DIRECTORY being what `myinfo-mock export` wrote.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { callbackOf } from './mock.mjs'

const [which, directory] = process.argv.slice(2)
const file = (name) => readFileSync(join(directory, name))
const setting = (name) => new RegExp(`^export ${name}='(.*)'$`, 'm').exec(file('env').toString())[1]
const attributes = ['uinfin', 'name', 'sex', 'regadd']
const identity = { id: setting('MYINFO_CLIENT_ID'), secret: setting('MYINFO_CLIENT_SECRET'), redirect: setting('MYINFO_REDIRECT_URL') }

/** @opengovsg/myinfo-gov-client: mode staging, nothing else set. */
async function govClient() {
  const { default: gov } = await import('@opengovsg/myinfo-gov-client')
  const client = new gov.MyInfoGovClient({
    clientId: identity.id,
    clientSecret: identity.secret,
    redirectEndpoint: identity.redirect,
    singpassEserviceId: 'MYINFO-CONSENTPLATFORM',
    clientPrivateKey: file('client-key.pem').toString(),
    myInfoPublicKey: file('myinfo-public-key.pem').toString(),
    mode: gov.MyInfoMode.Staging,
  })
  const url = client.createRedirectURL({ purpose: 'a test', requestedAttributes: attributes, relayState: 's' })
  const code = (await callbackOf(url, 'S6005048A')).searchParams.get('code')
  return (await client.getPerson(await client.getAccessToken(code), attributes)).data
}

/** myinfo-connector-nodejs: its sample's settings but for the keys. */
async function nodeConnector(environment, host) {
  const MyInfoConnector = createRequire(import.meta.url)('myinfo-connector-nodejs')
  const connector = new MyInfoConnector({
    MYINFO_SIGNATURE_CERT_PUBLIC_CERT: join(directory, 'myinfo-cert.pem'),
    CLIENT_SECURE_CERT: join(directory, 'client.p12'),
    CLIENT_SECURE_CERT_PASSPHRASE: 'myinfo-mock',
    CLIENT_ID: identity.id,
    CLIENT_SECRET: identity.secret,
    REDIRECT_URL: identity.redirect,
    ATTRIBUTES: attributes.join(','),
    ENVIRONMENT: environment,
    TOKEN_URL: `https://${host}/com/v3/token`,
    PERSON_URL: `https://${host}/com/v3/person`,
    USE_PROXY: 'N',
    DEBUG_LEVEL: 'off',
  })
  const query = new URLSearchParams({
    client_id: identity.id, attributes: attributes.join(','), purpose: 'a test', state: 's', redirect_uri: identity.redirect,
  })
  const code = (await callbackOf(`https://${host}/com/v3/authorise?${query}`, 'S6005048A')).searchParams.get('code')
  return connector.getMyInfoPersonData(code, 's')
}

/** openid-client on the issuer of Singpass' staging, with its checks of signatures. */
async function openidClient() {
  const [client, { importJWK }] = [await import('openid-client'), await import('jose')]
  const { keys: [signing, encryption] } = JSON.parse(file('client-jwks-private.json'))
  const config = await client.discovery(
    new URL('https://stg-id.singpass.gov.sg/fapi'), setting('MYINFO_FAPI_CLIENT_ID'), undefined,
    client.PrivateKeyJwt({ key: await importJWK(signing, 'ES256'), kid: signing.kid }),
  )
  const decryption = { key: await importJWK(encryption, encryption.alg), kid: encryption.kid, alg: encryption.alg }
  client.enableDecryptingResponses(config, ['A256CBC-HS512', 'A256GCM'], decryption)
  client.enableNonRepudiationChecks(config)
  const handle = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
  const address = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: setting('MYINFO_FAPI_REDIRECT_URL'), scope: setting('MYINFO_FAPI_SCOPE'), state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }, { DPoP: handle })
  const callback = await callbackOf(address.href, 'S6005048A')
  const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state }
  const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP: handle })
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP: handle })
  return userinfo.person_info
}

const clients = {
  'openid-client': () => openidClient(),
  'gov-client': () => govClient(),
  'node-test': () => nodeConnector('TEST', 'test.api.myinfo.gov.sg'),
  'node-sandbox': () => nodeConnector('SANDBOX', 'sandbox.api.myinfo.gov.sg'),
}

const person = await clients[which]()
console.log(`person ${person.uinfin.value} ${person.name.value}`)
