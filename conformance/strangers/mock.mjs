// Starts a program of ours for a test and waits for its ready line; follows the mock's pages like a browser without script.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import http from 'node:http'
import https from 'node:https'
import { fileURLToPath } from 'node:url'

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url))
const profile = process.env.MYINFO_PROFILE ?? 'debug'

/** Path of one of the project's programs. */
export const program = (name) => `${target}/${profile}/${name}`

/** Starts a program of ours; see `ready`. */
export const start = (name, args, env = {}) =>
  ready(name, spawn(program(name), args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } }))

/** Resolves once a program printed its ready lines, with the first URL, all of them, and a function that stops it. */
export async function ready(name, child) {
  const urls = await new Promise((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
      // all ready lines come in one piece
      const ready = [...text.matchAll(/^ready (\S+)$/gm)].map((line) => line[1])
      if (ready.length > 0 && text.endsWith('\n')) resolve(ready)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready`)))
  })
  const stop = () => new Promise((resolve) => {
    child.removeAllListeners('exit')
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.kill('SIGTERM')
  })
  return { url: urls[0], urls, stop }
}

/** Asserts by the mock's journal that no rule was broken, and how often each endpoint was called. */
export async function assertNoRuleBroken(mockUrl, called = {}) {
  const response = await fetch(`${mockUrl}/_mock/assertions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ no_rule_broken: true, called }),
  })
  const text = await response.text()
  assert.equal(response.status, 200, text)
}

const follow = async (url, options = {}) => fetch(url, { redirect: 'manual', ...options })

const form = (fields) => ({ method: 'POST', body: new URLSearchParams(fields) })

/** The hidden transaction id of a page. */
const transactionOf = (html) => /name="transaction" value="([0-9a-f]+)"/.exec(html)[1]

/** Logs in as a persona by the pages and decides; resolves with the address of the relying party that the browser is sent to. */
export async function login(authoriseUrl, persona, decision = 'agree') {
  const redirect = await follow(authoriseUrl)
  assert.equal(redirect.status, 302, await redirect.text())
  const loginUrl = new URL(redirect.headers.get('location'), authoriseUrl)
  if (loginUrl.searchParams.has('error') || loginUrl.searchParams.has('code')) return loginUrl
  const loginPage = await (await follow(loginUrl)).text()
  assert.ok(loginPage.includes(`data-test="persona-${persona}"`), 'the login page offers the persona')
  const chosen = await follow(loginUrl, form({ transaction: transactionOf(loginPage), persona }))
  // a profile without consent sends the browser back at once
  if (chosen.status === 302) return new URL(chosen.headers.get('location'))
  assert.equal(chosen.status, 303)
  const consentUrl = new URL(chosen.headers.get('location'), loginUrl)
  const consentPage = await (await follow(consentUrl)).text()
  assert.ok(consentPage.includes('data-test="agree"'), 'the consent page has a button')
  const decided = await follow(consentUrl, form({ transaction: transactionOf(consentPage), decision }))
  assert.equal(decided.status, 302)
  return new URL(decided.headers.get('location'))
}

/** Logs in as a persona without pages, by the mock's header; resolves with the address that the browser is sent to. */
export async function callbackOf(authoriseUrl, persona) {
  const headers = { 'X-Myinfo-Mock-Persona': persona }
  const proxy = process.env.HTTPS_PROXY && new URL(process.env.HTTPS_PROXY)
  const response = await new Promise((resolve, reject) => {
    const request = proxy
      ? http.get({ host: proxy.hostname, port: proxy.port, path: authoriseUrl, headers }, resolve)
      : https.get(authoriseUrl, { headers }, resolve)
    request.once('error', reject)
  })
  response.resume()
  assert.equal(response.statusCode, 302)
  return new URL(response.headers.location)
}
