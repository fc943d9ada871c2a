import { exported, logIn, makeRealm } from './realm.js'
import { application } from './relying-party.js'

let realm, app

beforeEach(async () => {
  realm = await makeRealm()
  app = await application({ issuer: realm.issuer, ...exported() })
})
afterEach(() => realm.remove())

test.each([['S6005048A', 'ANDY LAU'], ['S6005053H', 'MY,INFO%BB']])('%s is known as %s', async (number, name) => {
  const { address, session } = await app.begin()
  const person = await app.finish(await logIn(address, number), session)
  expect(person).toMatchObject({ number, name })
  await realm.assertNoRuleBroken({ par: 1, auth: 1, token: 1, userinfo: 0 })
})
