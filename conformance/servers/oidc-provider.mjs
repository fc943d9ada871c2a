// The published npm package oidc-provider, its code untouched, set up as much like Singpass as it lets itself be.
//
//     node oidc-provider.mjs DIRECTORY PORT      DIRECTORY: what `myinfo-mock export DIRECTORY --client ID` wrote
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

/** The client as `myinfo-mock export` describes it. */
function client(directory) {
  const env = readFileSync(join(directory, 'env'), 'utf8')
  const setting = (name) => new RegExp(`^export MYINFO_FAPI_${name}='(.*)'$`, 'm').exec(env)[1]
  const { keys } = json(join(directory, 'client-jwks.json'))
  return {
    client_id: setting('CLIENT_ID'),
    redirect_uris: [setting('REDIRECT_URL')],
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

/** Whoever logs in, with the same data below `person_info`. */
const findAccount = (_, id) => ({
  accountId: id,
  claims: () => ({
    sub: id,
    person_info: { uinfin: { value: 'S6005048A' }, name: { value: 'ANDY LAU' }, email: { unavailable: true } },
  }),
})

const algorithms = { wrap: ['ECDH-ES+A256KW'], sign: ['ES256'] }

const configuration = (directory) => ({
  clients: [client(directory)],
  // the mock's own keys, which are published test keys; their kids have slashes
  jwks: { keys: json(fileURLToPath(new URL('../../fixtures/keys/ec/service-jwks-private.json', import.meta.url))).keys },
  claims: { openid: ['sub', 'person_info'] },
  scopes: ['openid', 'uinfin', 'name', 'email'],
  findAccount,
  // the ID token says who logged in, userinfo what is known about them
  conformIdTokenClaims: true,
  responseTypes: ['code'],
  clientAuthMethods: ['private_key_jwt'],
  pkce: { required: () => true },
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
const server = http.createServer()
server.listen(Number(port ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  server.on('request', new Provider(issuer, configuration(directory)).callback())
  process.once('SIGTERM', () => process.exit(0))
  console.log(`ready ${issuer}`)
})
