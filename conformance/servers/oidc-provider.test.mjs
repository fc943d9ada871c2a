// Our connector against an authorisation server that nobody of this project wrote: oidc-provider, set up like Singpass in
// oidc-provider.mjs. The connector is the program `myinfo-connector serve --profile fapi`, with settings that everybody has.
//
// Where this is not Singpass, and what was done about it:
// - the issuer is http on the loopback address, without /fapi: MYINFO_FAPI_ISSUER names it, and the connector takes plain http
//   there and nowhere else; every other address (/request, /auth, /token, /me, /jwks) comes out of the discovery document
// - a person is whatever login name is typed, so the name typed is a UUID: the connector takes no other `sub`
// - it does not know context types, and ignores parameters that it does not know
// - userinfo has an `exp`, which Singpass' has not: the connector holds it where it is there
// - the server itself runs on Node 20 with the one function that it lacks
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { program, ready, start } from '../strangers/mock.mjs'

const MYINFO = 'TESTBEDxMYINFOxAPPx0000000000001'
const LOGIN = 'TESTBEDxLOGINxAPPx00000000000002'
const SUBJECT = '7c9c72ec-5be2-495a-a78e-61e809a2a236'

const directory = mkdtempSync(join(tmpdir(), 'myinfo-oidc-provider-'))
after(() => rmSync(directory, { recursive: true }))

/** A browser without script that keeps the cookies of one site, and stops where it is sent to another. */
class Browser {
  #cookies = new Map()

  async #get(url, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', ...options, headers: { cookie, ...options.headers } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      this.#cookies.set(name, value)
    }
    return answer
  }

  /** The page behind all redirects of this site, or the address at another site that the last one leads to. */
  async visit(url, options) {
    let here = new URL(url)
    for (let hops = 0; hops < 10; hops += 1) {
      const answer = await this.#get(here, hops === 0 ? options : {})
      if (answer.status < 300 || answer.status > 399) return { here, status: answer.status, page: await answer.text() }
      const next = new URL(answer.headers.get('location'), here)
      if (next.origin !== here.origin) return { callback: next }
      here = next
    }
    throw new Error(`more than ten redirects, at last to ${here}`)
  }

  /** Sends the form of a page. */
  submit({ here, page }, fields) {
    const action = new URL(/<form[^>]* action="([^"]+)"/.exec(page)[1], here)
    const prompt = /name="prompt" value="(\w+)"/.exec(page)[1]
    return this.visit(action, { method: 'POST', body: new URLSearchParams({ prompt, ...fields }) })
  }
}

/** Both programs for one client: the stranger's server, and our connector in front of it. */
async function stage(id, env = {}) {
  const exported = join(directory, id)
  execFileSync(program('myinfo-mock'), ['export', exported, '--client', id])
  const script = fileURLToPath(new URL('oidc-provider.mjs', import.meta.url))
  const server = await ready('oidc-provider', spawn('node', [script, exported], { stdio: ['ignore', 'pipe', 'ignore'] }))
  const settings = { MYINFO_FAPI_ISSUER: server.url, MYINFO_FAPI_CLIENT_ID: id, MYINFO_FAPI_KEYS: join(exported, 'client-jwks-private.json') }
  const serve = ['serve', '--profile', 'fapi', '--http', '127.0.0.1:0', '--whole-person']
  const connector = await start('myinfo-connector', serve, { ...settings, ...env }).catch(async (error) => {
    await server.stop()
    throw error
  })
  const stop = async () => {
    await connector.stop()
    await server.stop()
  }
  return { home: connector.url, issuer: server.url, stop }
}

/** Begins a login at the connector: where the browser has to go, and the cookie that the callback needs. */
async function begin(home) {
  const answer = await fetch(`${home}/users/me/external/myinfo-redirect-login`)
  const begun = await answer.json()
  assert.equal(begun.message, 'OK', JSON.stringify(begun))
  return { url: begun.data.url, headers: { cookie: answer.headers.getSetCookie()[0].split(';')[0] } }
}

/** Logs in and consents on the server's own pages. */
async function login(url, subject) {
  const browser = new Browser()
  const first = await browser.visit(url)
  assert.equal(first.status, 200, first.page)
  const consent = await browser.submit(first, { login: subject, password: 'any' })
  assert.match(consent.page, /name="prompt" value="consent"/)
  return (await browser.submit(consent, {})).callback
}

/** What the connector says of whoever comes back from the server. */
async function person(home, begun, callback) {
  const page = await fetch(`${home}/callback${callback.search}`, { headers: begun.headers })
  assert.equal(page.status, 200, await page.text())
  const code = encodeURIComponent(callback.searchParams.get('code'))
  return (await fetch(`${home}/users/me/external/myinfo?code=${code}`, { headers: begun.headers })).json()
}

test('a Myinfo app of our connector gets the person of oidc-provider', async () => {
  const { home, issuer, stop } = await stage(MYINFO, { MYINFO_FAPI_SCOPE: 'openid uinfin name email' })
  try {
    const begun = await begin(home)
    const pushed = new URL(begun.url)
    assert.equal(pushed.origin, issuer)
    assert.deepEqual([...pushed.searchParams.keys()].sort(), ['client_id', 'request_uri'])
    const callback = await login(begun.url, SUBJECT)
    assert.equal(callback.searchParams.get('iss'), issuer)
    const answer = await person(home, begun, callback)
    const metadata = { lastupdated: '2024-01-01', source: '1', classification: 'C' }
    const person_info = { uinfin: { ...metadata, value: 'S6005048A' }, name: { ...metadata, value: 'ANDY LAU' }, email: { ...metadata, unavailable: true } }
    assert.deepEqual(answer, { message: 'OK', data: person_info })
    console.log(`person ${answer.data.uinfin.value} ${answer.data.name.value}`)
  } finally {
    await stop()
  }
})

test('a Login app of our connector learns from oidc-provider who logged in', async () => {
  const { home, stop } = await stage(LOGIN, { MYINFO_FAPI_SCOPE: 'openid', MYINFO_FAPI_APP: 'login' })
  try {
    const begun = await begin(home)
    const answer = await person(home, begun, await login(begun.url, SUBJECT))
    assert.equal(answer.message, 'OK', JSON.stringify(answer))
    assert.equal(answer.data.sub, SUBJECT)
  } finally {
    await stop()
  }
})

test('our connector takes none from oidc-provider who is no UUID, nor a callback without its issuer, nor a cancelled login', async () => {
  const { home, stop } = await stage(MYINFO, { MYINFO_FAPI_SCOPE: 'openid uinfin' })
  try {
    const stranger = await begin(home)
    assert.equal((await person(home, stranger, await login(stranger.url, 'andy'))).code, 'subject')

    const silent = await begin(home)
    const callback = await login(silent.url, SUBJECT)
    callback.searchParams.delete('iss')
    const refused = await fetch(`${home}/callback${callback.search}`, { headers: silent.headers })
    assert.match(await refused.text(), /data-test="code">issuer</)

    const cancelled = await begin(home)
    const browser = new Browser()
    const { here, page } = await browser.visit(cancelled.url)
    const left = await browser.visit(new URL(/href="([^"]+\/abort)"/.exec(page)[1], here))
    const denied = await fetch(`${home}/callback${left.callback.search}`, { headers: cancelled.headers })
    assert.match(await denied.text(), /data-test="code">access_denied</)
  } finally {
    await stop()
  }
})
