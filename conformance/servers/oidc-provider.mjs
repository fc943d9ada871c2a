// The published npm package oidc-provider, its code untouched, set up as much like Singpass as it lets itself be.
//
//     node oidc-provider.mjs DIRECTORY PORT      DIRECTORY: what `myinfo-mock export DIRECTORY --client ID` wrote
//     node oidc-provider.mjs --testbed PORT      three clients with the testbed's published keys, as oidc-provider.toml names them
//
// Prints `ready URL`, as the mock does; the issuer is URL. Any login name is a person, who has that name as `sub`.
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Node before 22 does not have it
URL.parse ??= (...parts) => (URL.canParse(...parts) ? new URL(...parts) : null)
const { Provider } = await import('oidc-provider')

const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

const published = (name) => json(fileURLToPath(new URL(`../../fixtures/keys/ec/${name}.json`, import.meta.url))).keys

/** The clients of the testbed, which share their keys. */
const testbed = () =>
  ['TESTBEDxMYINFOxAPPx0000000000001', 'TESTBEDxOTHERxAPPx00000000000003', 'TESTBEDxLOGINxAPPx00000000000002'].map((id) =>
    client(id, 'http://localhost:3001/callback', published('client-jwks')),
  )

/** The client as `myinfo-mock export` describes it. */
function exported(directory) {
  const env = readFileSync(join(directory, 'env'), 'utf8')
  const setting = (name) => new RegExp(`^export MYINFO_FAPI_${name}='(.*)'$`, 'm').exec(env)[1]
  return client(setting('CLIENT_ID'), setting('REDIRECT_URL'), json(join(directory, 'client-jwks.json')).keys)
}

function client(id, redirect, keys) {
  return {
    client_id: id,
    redirect_uris: [redirect],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    dpop_bound_access_tokens: true,
    id_token_signed_response_alg: 'ES256',
    id_token_encrypted_response_alg: 'ECDH-ES+A256KW',
    id_token_encrypted_response_enc: 'A256CBC-HS512',
    userinfo_signed_response_alg: 'ES256',
    userinfo_encrypted_response_alg: 'ECDH-ES+A256KW',
    userinfo_encrypted_response_enc: 'A256GCM',
    jwks: { keys },
  }
}

const metadata = { lastupdated: '2024-01-01', source: '1', classification: 'C' }
const person = {
  uinfin: { ...metadata, value: 'S6005048A' },
  name: { ...metadata, value: 'ANDY LAU' },
  email: { ...metadata, unavailable: true },
}

/** Whoever logs in: in userinfo with the same data for all, of which the scopes choose. */
const findAccount = (_, id) => ({
  accountId: id,
  claims: (use, scope) => {
    if (use === 'id_token') return { sub: id }
    const asked = Object.entries(person).filter(([name]) => scope.split(' ').includes(name))
    return { sub: id, person_info: Object.fromEntries(asked) }
  },
})

const algorithms = { wrap: ['ECDH-ES+A256KW'], sign: ['ES256'] }

const configuration = (clients) => ({
  clients,
  // the mock's own keys, which are published test keys; their kids have slashes
  jwks: { keys: published('service-jwks-private') },
  claims: { openid: ['sub', 'person_info'] },
  scopes: ['openid', 'uinfin', 'name', 'email'],
  findAccount,
  // the ID token says who logged in, userinfo what is known about them
  conformIdTokenClaims: true,
  responseTypes: ['code'],
  clientAuthMethods: ['private_key_jwt'],
  pkce: { required: () => true },
  // RFC 6749 §4.1.3: what was in the authorisation request is in the token request; its default lets it be left out
  allowOmittingSingleRegisteredRedirectUri: false,
  ttl: { AuthorizationCode: 60, AccessToken: 1800 },
  features: {
    // its own pages for login and consent
    devInteractions: { enabled: true },
    dPoP: { enabled: true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    fapi: { enabled: true, profile: '2.0' },
  },
  enabledJWA: {
    clientAuthSigningAlgValues: algorithms.sign,
    dPoPSigningAlgValues: algorithms.sign,
    idTokenSigningAlgValues: algorithms.sign,
    idTokenEncryptionAlgValues: algorithms.wrap,
    idTokenEncryptionEncValues: ['A256CBC-HS512'],
    userinfoSigningAlgValues: algorithms.sign,
    userinfoEncryptionAlgValues: algorithms.wrap,
    userinfoEncryptionEncValues: ['A256GCM'],
  },
})

const [directory, port] = process.argv.slice(2)
const clients = directory === '--testbed' ? testbed() : [exported(directory)]
const server = http.createServer()
server.listen(Number(port ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  server.on('request', new Provider(issuer, configuration(clients)).callback())
  process.once('SIGTERM', () => process.exit(0))
  console.log(`ready ${issuer}`)
})
