// Jest runs this file beside login.test.js, in another process.
import { exported, logIn, makeRealm } from './realm.js'
import { RelyingParty } from './relying-party.js'

let realm, party

beforeEach(async () => {
  realm = await makeRealm()
  party = await RelyingParty.discover({ issuer: realm.issuer, ...exported() })
})
afterEach(() => realm.remove())

test('a person who cancels is no failure of yours', async () => {
  const { address, session } = await party.begin('openid uinfin name')
  const callback = await logIn(address, 'error:access_denied')
  await expect(party.finish(callback, session)).rejects.toMatchObject({ error: 'access_denied' })
  await realm.assertNoRuleBroken({ token: 0 })
})

test('a token that was not signed by the service is refused', async () => {
  // what no real service does for you: it misbehaves on demand
  await realm.arm('fapi-id-token-signer')
  const { address, session } = await party.begin('openid uinfin')
  const callback = await logIn(address, 'S6005048A')
  await expect(party.finish(callback, session)).rejects.toMatchObject({
    cause: { message: expect.stringContaining('signature') },
  })
})
