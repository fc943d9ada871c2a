import { exported, logIn, makeRealm } from './realm.js'
import { RelyingParty } from './relying-party.js'

let realm, party

beforeEach(async () => {
  realm = await makeRealm()
  party = await RelyingParty.discover({ issuer: realm.issuer, ...exported() })
})
afterEach(() => realm.remove())

test.each([['S6005048A', 'ANDY LAU'], ['S6005053H', 'MY,INFO%BB']])('%s is known as %s', async (persona, name) => {
  const { address, session } = await party.begin('openid uinfin name')
  const person = await party.finish(await logIn(address, persona), session)
  expect(person.uinfin.value).toBe(persona)
  expect(person.name.value).toBe(name)
  await realm.assertNoRuleBroken({ par: 1, auth: 1, token: 1, userinfo: 1 })
})
