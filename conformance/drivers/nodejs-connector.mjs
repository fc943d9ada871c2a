// Drives the npm package myinfo-connector-nodejs, its code untouched, for myinfo-conformance.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorIn, isCrash, queryOf, rejected, serve } from './mdp.mjs'

const NAME = 'myinfo-connector-nodejs'
const require = createRequire(import.meta.url)

let setup
let server
let connector
let sessions = 0

// The package calls the host of its addresses over TLS on port 443, whatever scheme and port they have. Before it is
// loaded, https.request is wrapped: a request to the configured host goes to the configured port over plain HTTP, with
// the package's own path, method, headers and body.
const overTls = https.request
https.request = (options, ...rest) => {
  if (server?.protocol !== 'http:' || options.hostname !== server.hostname) return overTls(options, ...rest)
  return http.request({ ...options, protocol: 'http:', port: server.port, agent: false }, ...rest)
}
const MyInfoConnector = require(NAME)

// The package reads its keys from files, and the client's key anew for each request. A runner may end a driver without
// notice, so the files are there only while the package works.
const directory = join(tmpdir(), `myinfo-driver-${randomUUID()}`)
const path = (name) => join(directory, name)
const removeFiles = () => rmSync(directory, { recursive: true, force: true })
process.once('exit', removeFiles)

async function withFiles(work) {
  const { text, base64 } = setup.private_key
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(path('myinfo.pem'), setup.myinfo_certificates[0])
    writeFileSync(path('client.p12'), text ?? Buffer.from(base64, 'base64'))
    return await work()
  } finally {
    removeFiles()
  }
}

async function configure(wanted) {
  connector = undefined
  setup = wanted
  server = new URL(setup.base_url)
  await withFiles(() => { connector = new MyInfoConnector(settings()) })
}

function settings() {
  return {
    MYINFO_SIGNATURE_CERT_PUBLIC_CERT: path('myinfo.pem'),
    CLIENT_SECURE_CERT: path('client.p12'),
    // the package demands one; where the key has none, it must not stop at that
    CLIENT_SECURE_CERT_PASSPHRASE: setup.private_key.passphrase ?? 'none',
    CLIENT_ID: setup.client_id,
    CLIENT_SECRET: setup.client_secret,
    REDIRECT_URL: setup.redirect_uri,
    ATTRIBUTES: setup.attributes.join(','),
    ENVIRONMENT: setup.flavour === 'sandbox' ? 'SANDBOX' : 'TEST',
    TOKEN_URL: setup.token_url,
    PERSON_URL: setup.person_url,
    // the quietest level that the README names
    DEBUG_LEVEL: 'error',
  }
}

/** The package has no part in this: the application makes the address and the state. */
function start() {
  const query = new URLSearchParams({
    client_id: setup.client_id,
    attributes: setup.attributes.join(','),
    purpose: setup.purpose,
    state: randomBytes(16).toString('hex'),
    redirect_uri: setup.redirect_uri,
  })
  sessions += 1
  return { url: `${setup.authorise_url}?${query}`, session: `s${sessions}` }
}

/**
 * The README hands the callback's code and state to the package, and so does the demo application of the same publisher:
 * neither keeps a state nor compares it. The driver does the same, so what follows from it counts. The demo application
 * stops where there is no code.
 */
async function callback({ url }) {
  const query = queryOf(url)
  const refused = errorIn(query)
  if (refused) return refused
  if (!('code' in query)) return rejected('malformed', '', 'Missing Auth Code')
  try {
    const person = await withFiles(() => connector.getMyInfoPersonData(query.code, query.state, setup.txn_no))
    return { outcome: 'accepted', person }
  } catch (error) {
    return refusalOf(error)
  }
}

/** The package rejects with texts, with objects, and with whatever Node and its libraries throw. */
function refusalOf(error) {
  if (error?.statusCode) {
    const { statusCode, msg } = error
    return rejected(classOfStatus(statusCode), `status ${statusCode}`, String(msg?.error ?? ''))
  }
  if (error instanceof SyntaxError) return rejected('malformed', error.name, error.message)
  if (isCrash(error)) throw error
  const text = String(error?.error ?? error?.message ?? error)
  if (text === 'UINFIN NOT FOUND') return rejected('subject', text, text)
  if (text === 'INVALID TOKEN') return rejected('malformed', text, text)
  if (text.startsWith('Invalid openssl exit code')) return rejected('config', error.name, text)
  // node-jose says "no key found" of signatures and of encrypted keys alike
  return rejected('other', error instanceof Error ? error.name : text, text)
}

/** It does not tell token from person; only person answers 404. With status 200 it is the network that failed. */
function classOfStatus(status) {
  if (status === 200) return 'transport'
  if (status === 404) return 'no_profile'
  return status === 429 || status >= 500 ? 'upstream' : 'other'
}

await serve({
  hello: {
    name: NAME,
    connector_version: require(`${NAME}/package.json`).version,
    // REDIRECT_URL takes any address, and the README names no limit: redirect_query is claimed
    capabilities: ['sandbox', 'txn_no', 'redirect_query', 'person'],
    key_formats: ['p12'],
  },
  configure,
  start,
  callback,
})
