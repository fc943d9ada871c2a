// Starts a mock for the tests of a file, and asks it at the end whether every request kept the rules.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

// the program from the PATH; with `npm install --save-dev` of its package, `npm test` puts it there
const program = process.env.MYINFO_MOCK ?? 'myinfo-mock'

/** Starts a mock on a free port. Resolves when it accepts connections: no polling, no waiting. */
export async function startMock(...flags) {
  const child = spawn(program, ['--http', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
    createInterface({ input: child.stdout }).once('line', (line) => resolve(line.replace(/^ready /, '')))
  })
  return {
    url,
    issuer: `${url}/fapi`,
    /** Forgets what happened before: requests, armed faults, logins that wait. */
    reset: () => post(url, 'reset'),
    /** Fails with every broken rule, its cause and its remedy; `called` also counts the requests: `{ token: 1 }`. */
    assertNoRuleBroken: (called = {}) => post(url, 'assertions', { no_rule_broken: true, called }),
    /** Makes the service misbehave; `myinfo-mock faults` lists how. */
    arm: (fault) => post(url, 'faults', { id: fault }),
    stop: () => new Promise((resolve) => {
      child.removeAllListeners('exit')
      child.once('exit', resolve)
      child.kill()
    }),
  }
}

async function post(url, operation, body = {}) {
  const answer = await fetch(`${url}/_mock/${operation}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

/** What the mock knows of a client: its id, its redirect URI, its private JWK Set. Your own client has its own. */
export function exported(clientId) {
  const folder = mkdtempSync(join(tmpdir(), 'myinfo-'))
  try {
    execFileSync(program, ['export', folder, '--client', clientId])
    const env = readFileSync(join(folder, 'env'), 'utf8')
    const setting = (name) => new RegExp(`^export MYINFO_FAPI_${name}='(.*)'$`, 'm').exec(env)[1]
    return {
      clientId,
      redirectUri: setting('REDIRECT_URL'),
      ...JSON.parse(readFileSync(join(folder, 'client-jwks-private.json'), 'utf8')),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The browser's part: logs in as a persona without pages. Gives the address at which your application is called back. */
export async function logIn(address, persona) {
  const answer = await fetch(address, { redirect: 'manual', headers: { 'X-Myinfo-Mock-Persona': persona } })
  if (answer.status !== 302) throw new Error(await answer.text())
  return new URL(answer.headers.get('location'))
}
