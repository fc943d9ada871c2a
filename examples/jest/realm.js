// A realm: clients, personas, journal, faults and clock of its own, so that no test sees what another one does.
import { readFileSync } from 'node:fs'

const MOCK = process.env.MOCK_URL

async function call(method, url, body) {
  const answer = await fetch(url, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const told = await answer.text()
  if (!answer.ok) throw new Error(told)
  return JSON.parse(told)
}

/** Makes a realm. */
export async function makeRealm() {
  const { name, base_url: url } = await call('POST', `${MOCK}/_mock/realms`, {})
  return {
    issuer: `${url}/fapi`,
    /** Fails with every broken rule, its cause and its remedy; `called` also counts the requests: `{ token: 1 }`. */
    assertNoRuleBroken: (called = {}) => call('POST', `${url}/_mock/assertions`, { no_rule_broken: true, called }),
    /** Makes the service misbehave; `myinfo-mock faults` lists how. */
    arm: (fault) => call('POST', `${url}/_mock/faults`, { id: fault }),
    remove: () => call('DELETE', `${MOCK}/_mock/realms/${name}`),
  }
}

/** What the mock knows of the client: its id, its redirect URI, its private JWK Set. Your own client has its own. */
export function exported() {
  const file = (name) => readFileSync(`${process.env.CLIENT_FOLDER}/${name}`, 'utf8')
  const setting = (name) => new RegExp(`^export MYINFO_FAPI_${name}='(.*)'$`, 'm').exec(file('env'))[1]
  return {
    clientId: setting('CLIENT_ID'),
    redirectUri: setting('REDIRECT_URL'),
    ...JSON.parse(file('client-jwks-private.json')),
  }
}

/** The browser's part: logs in as a persona without pages. Gives the address at which your application is called back. */
export async function logIn(address, persona) {
  const answer = await fetch(address, { redirect: 'manual', headers: { 'X-Myinfo-Mock-Persona': persona } })
  if (answer.status !== 302) throw new Error(await answer.text())
  return new URL(answer.headers.get('location'))
}
