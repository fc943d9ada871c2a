// The published npm package openid-client, its code untouched and used as its manual shows, through the whole flow over FAPI.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { importJWK } from 'jose'
import * as client from 'openid-client'
import { assertNoRuleBroken, login, program, start } from './mock.mjs'

const MYINFO = 'TESTBEDxMYINFOxAPPx0000000000001'
const LOGIN = 'TESTBEDxLOGINxAPPx00000000000002'

const directory = mkdtempSync(join(tmpdir(), 'myinfo-fapi-'))
process.once('exit', () => rmSync(directory, { recursive: true }))

/** What `myinfo-mock export` writes for a client. */
function exported(id) {
  const folder = join(directory, id)
  execFileSync(program('myinfo-mock'), ['export', folder, '--client', id])
  const env = readFileSync(join(folder, 'env'), 'utf8')
  const setting = (name) => new RegExp(`^export ${name}='(.*)'$`, 'm').exec(env)[1]
  const { keys } = JSON.parse(readFileSync(join(folder, 'client-jwks-private.json'), 'utf8'))
  return { redirect: setting('MYINFO_FAPI_REDIRECT_URL'), key: (kid) => keys.find((key) => key.kid === kid) }
}

/** A configuration out of the discovery document; with the checks of signatures where they are asked for. */
async function configured(url, id, { checks }) {
  const own = exported(id)
  const [signing, encryption] = [own.key('client-sig-p256'), own.key('client-enc-p256')]
  const key = await importJWK(signing, 'ES256')
  const config = await client.discovery(
    new URL(`${url}/fapi`), id, undefined, client.PrivateKeyJwt({ key, kid: signing.kid }),
    { execute: [client.allowInsecureRequests] },
  )
  client.enableDecryptingResponses(config, ['A256CBC-HS512', 'A256GCM'], {
    key: await importJWK(encryption, encryption.alg), kid: encryption.kid, alg: encryption.alg,
  })
  if (checks) client.enableNonRepudiationChecks(config)
  return { config, redirect: own.redirect }
}

/** The login of a persona; gives the claims of the ID token and, for a Myinfo app, what userinfo says. */
async function flow(url, id, parameters, options, persona = 'S6005048A') {
  const { config, redirect } = await configured(url, id, options)
  const handle = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const address = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: redirect, state, nonce, ...parameters,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }, { DPoP: handle })
  assert.deepEqual([...address.searchParams.keys()].sort(), ['client_id', 'request_uri'])
  const callback = await login(address.href, persona)
  const tokens = await client.authorizationCodeGrant(
    config, callback, { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state }, undefined, { DPoP: handle },
  )
  assert.equal(tokens.token_type, 'dpop')
  const claims = tokens.claims()
  const userinfo = id === MYINFO
    ? await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP: handle })
    : undefined
  return { claims, userinfo }
}

for (const checks of [false, true]) {
  test(`a Myinfo app of openid-client gets the person ${checks ? 'with' : 'without'} its checks of signatures`, async () => {
    const mock = await start('myinfo-mock', ['--http', '127.0.0.1:0'])
    try {
      const scope = 'openid uinfin name sex regadd vehicles.make cpfbalances.oa'
      const { claims, userinfo } = await flow(mock.url, MYINFO, { scope }, { checks })
      assert.equal(userinfo.sub, claims.sub)
      assert.match(claims.sub, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      const person = userinfo.person_info
      assert.deepEqual(Object.keys(person), ['uinfin', 'name', 'sex', 'regadd', 'vehicles', 'cpfbalances'])
      assert.equal(person.uinfin.value, 'S6005048A')
      assert.equal(person.name.value, 'ANDY LAU')
      assert.deepEqual(claims.sub_attributes, { name: 'ANDY LAU' })
      await assertNoRuleBroken(mock.url, { par: 1, auth: 1, token: 1, userinfo: 1 })
      console.log(`myinfo: ${person.uinfin.value} ${person.name.value}`)
    } finally {
      assert.deepEqual(await mock.stop(), { code: 0, signal: null })
    }
  })
}

test('a Login app of openid-client learns who logged in', async () => {
  const mock = await start('myinfo-mock', ['--http', '127.0.0.1:0'])
  try {
    const parameters = { scope: 'openid user.identity name', authentication_context_type: 'APP_AUTHENTICATION_DEFAULT' }
    const { claims } = await flow(mock.url, LOGIN, parameters, { checks: true })
    assert.equal(claims.sub_attributes.identity_number, 'S6005048A')
    assert.equal(claims.sub_attributes.account_type, 'standard')
    assert.equal(claims.acr, 'urn:singpass:authentication:loa:2')
    await assertNoRuleBroken(mock.url, { par: 1, auth: 1, token: 1, userinfo: 0 })
  } finally {
    await mock.stop()
  }
})

test('openid-client hears of a cancelled login, and of a scope that is not Myinfo\'s', async () => {
  const mock = await start('myinfo-mock', ['--http', '127.0.0.1:0'], { MYINFO_MOCK_LOG: 'error' })
  try {
    const { config, redirect } = await configured(mock.url, MYINFO, { checks: true })
    const handle = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    const verifier = client.randomPKCECodeVerifier()
    const [state, nonce] = [client.randomState(), client.randomNonce()]
    const request = {
      redirect_uri: redirect, state, nonce, scope: 'openid uinfin',
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    }
    const push = (more) => client.buildAuthorizationUrlWithPAR(config, { ...request, ...more }, { DPoP: handle })
    const cancelled = await login((await push({})).href, 'S6005048A', 'cancel')
    await assert.rejects(
      client.authorizationCodeGrant(config, cancelled, { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state }),
      (error) => error.error === 'access_denied',
    )
    await assert.rejects(push({ scope: 'openid user.identity' }), (error) => error.error === 'invalid_scope')
  } finally {
    await mock.stop()
  }
})
