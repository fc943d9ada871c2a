// The published npm package @opengovsg/myinfo-gov-client, its code untouched, through the whole flow over /gov/v3.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import gov from '@opengovsg/myinfo-gov-client'
import { assertNoRuleBroken, login, program, start } from './mock.mjs'

const ATTRIBUTES = ['uinfin', 'name', 'sex', 'dob', 'nationality', 'regadd', 'vehicles.vehicleno']

const directory = mkdtempSync(join(tmpdir(), 'myinfo-export-'))
execFileSync(program('myinfo-mock'), ['export', directory])
const file = (name) => readFileSync(join(directory, name), 'utf8')
const setting = (name) => new RegExp(`^export ${name}='(.*)'$`, 'm').exec(file('env'))[1]
process.once('exit', () => rmSync(directory, { recursive: true }))

/** A client with the exported settings; only its public field baseAPIUrl is set. */
function client(mode, url) {
  const instance = new gov.MyInfoGovClient({
    clientId: setting('MYINFO_CLIENT_ID'),
    clientSecret: setting('MYINFO_CLIENT_SECRET'),
    redirectEndpoint: setting('MYINFO_REDIRECT_URL'),
    singpassEserviceId: 'MYINFO-CONSENTPLATFORM',
    clientPrivateKey: file('client-key.pem'),
    myInfoPublicKey: file('myinfo-public-key.pem'),
    mode,
  })
  instance.baseAPIUrl = `${url}/gov/v3`
  return instance
}

const authoriseUrl = (instance) =>
  instance.createRedirectURL({ purpose: 'a purpose with spaces & an ampersand', requestedAttributes: ATTRIBUTES, relayState: 'relay state/1' })

for (const [flavour, mode] of [['test', gov.MyInfoMode.Staging], ['sandbox', gov.MyInfoMode.Dev]]) {
  test(`myinfo-gov-client gets the person in the flavour ${flavour}`, async () => {
    const mock = await start('myinfo-mock', ['--http', '127.0.0.1:0', '--flavour', flavour])
    try {
      const instance = client(mode, mock.url)
      for (const [persona, name] of [['S6005048A', 'ANDY LAU'], ['S6005053H', 'MY,INFO%BB'], ['T0000004Z', null]]) {
        const callback = await login(authoriseUrl(instance), persona)
        assert.deepEqual([...callback.searchParams.keys()], ['code', 'state'])
        assert.equal(callback.searchParams.get('state'), 'relay state/1')
        const token = await instance.getAccessToken(callback.searchParams.get('code'))
        const person = await instance.getPerson(token, ATTRIBUTES)
        assert.equal(person.uinFin, persona)
        assert.equal(person.data.uinfin.value, persona)
        if (name) assert.equal(person.data.name.value, name)
        else assert.equal(person.data.name.value.length, 66)
        console.log(`${flavour}: ${person.data.uinfin.value} ${person.data.name.value}`)
      }
      await assertNoRuleBroken(mock.url, { token: 3, person: 3 })
    } finally {
      assert.deepEqual(await mock.stop(), { code: 0, signal: null })
    }
  })
}

test('myinfo-gov-client sees a refusal as a refusal', async () => {
  const mock = await start('myinfo-mock', ['--http', '127.0.0.1:0'], { MYINFO_MOCK_LOG: 'error' })
  try {
    const instance = client(gov.MyInfoMode.Staging, mock.url)
    const cancelled = await login(authoriseUrl(instance), 'S6005048A', 'cancel')
    assert.equal(cancelled.searchParams.get('error'), 'access_denied')
    assert.equal(cancelled.searchParams.get('error-description'), 'Resource Owner did not authorize the request')
    await assert.rejects(instance.getAccessToken('0'.repeat(40)), /status code 400/)
  } finally {
    await mock.stop()
  }
})
