import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { exported, logIn, startMock } from './mock.js'
import { RelyingParty } from './relying-party.js'

let mock, party

before(async () => {
  mock = await startMock()
  party = await RelyingParty.discover({ issuer: mock.issuer, ...exported('TESTBEDxMYINFOxAPPx0000000000001') })
})
beforeEach(() => mock.reset())
after(() => mock?.stop())

test('a person who agrees is known by name', async () => {
  const { address, session } = await party.begin('openid uinfin name sex regadd')
  const callback = await logIn(address, 'S6005048A')
  const person = await party.finish(callback, session)
  assert.equal(person.uinfin.value, 'S6005048A')
  assert.equal(person.name.value, 'ANDY LAU')
  assert.equal(person.regadd.country.code, 'SG')
  await mock.assertNoRuleBroken({ par: 1, auth: 1, token: 1, userinfo: 1 })
})

test('a person who cancels is no failure of yours', async () => {
  const { address, session } = await party.begin('openid uinfin name')
  const callback = await logIn(address, 'error:access_denied')
  await assert.rejects(party.finish(callback, session), { error: 'access_denied' })
  await mock.assertNoRuleBroken()
})

test('a token that was not signed by the service is refused', async () => {
  // what no real service does for you: it misbehaves on demand
  await mock.arm('fapi-id-token-signer')
  const { address, session } = await party.begin('openid uinfin')
  const callback = await logIn(address, 'S6005048A')
  await assert.rejects(party.finish(callback, session), ({ cause }) => /signature/.test(cause.message))
})
