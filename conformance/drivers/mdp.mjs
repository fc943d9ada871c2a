// The driver protocol of myinfo-conformance for Node: a JSON object a line on stdin, answers behind `@mdp ` on stdout.
import { createInterface } from 'node:readline'
import { parse } from 'node:querystring'

/** What an exception means that a driver lets through. */
const FAILED = {
  configure: (message) => ({ result: 'config_error', message }),
  start: (message) => ({ result: 'error', message }),
  callback: (message) => ({ outcome: 'crash', message }),
}

/** A refusal: `native` is the package's own name for it, `message` are its own words. */
export const rejected = (kind, native, message) => ({ outcome: 'rejected', class: kind, native, message })

/** What Node throws at a mistake in a program is a crash; every other error is an answer, however it came about. */
export const isCrash = (error) => error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError

/** The query of a callback as Express hands it to an application: a parameter that comes twice is a list. */
export const queryOf = (url) => parse(url.split('#')[0].split('?').slice(1).join('?'))

/** Neither package looks at the callback, so the application has to see that it brings an error. */
export function errorIn(query) {
  if (!('error' in query)) return undefined
  const error = String(query.error)
  const away = /^(5\d\d|server_error|temporarily_unavailable)$/.test(error)
  const kind = error === 'access_denied' ? 'access_denied' : away ? 'upstream' : 'authorisation'
  return rejected(kind, error, String(query['error-description'] ?? query.error_description ?? ''))
}

/** Answers messages one after the other, with a driver's `hello` and its functions `configure`, `start`, `callback`. */
export async function serve(driver) {
  let crash = () => {}
  // an exception that nobody can catch would end the application; here it is the answer to what is under way
  process.on('uncaughtException', (error) => {
    console.error(error?.stack ?? String(error))
    crash(error)
  })
  for await (const text of createInterface({ input: process.stdin })) {
    const message = JSON.parse(text)
    const crashed = new Promise((_, reject) => { crash = reject })
    crashed.catch(() => {})
    let answer
    try {
      answer = await Promise.race([handle(driver, message), crashed])
    } catch (error) {
      answer = FAILED[message.type]?.(error?.message ?? String(error)) ?? {}
    }
    const line = `@mdp ${JSON.stringify({ id: message.id, ...answer })}\n`
    await new Promise((written) => process.stdout.write(line, written))
    if (message.type === 'bye') break
  }
  process.exit(0)
}

async function handle(driver, message) {
  switch (message.type) {
    case 'hello': return message.versions.includes(1) ? { version: 1, language: 'JavaScript', ...driver.hello } : { unsupported: true }
    case 'configure': return await driver.configure(message.setup) ?? { result: 'ok' }
    case 'start': return { result: 'url', ...await driver.start() }
    case 'callback': return await driver.callback(message)
    // nothing is kept from one login to the next
    case 'reset':
    case 'bye': return {}
    default: return { unsupported: true }
  }
}
