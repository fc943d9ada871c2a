// Jest runs this file beside login.test.js, in another process.
import { exported, logIn, makeRealm } from './realm.js'
import { application } from './relying-party.js'

/** A login in a realm of its own, with a fault if there is one; fails with what the application fails with. */
async function login(persona, { fault } = {}) {
  const realm = await makeRealm()
  try {
    const app = await application({ issuer: realm.issuer, ...exported() })
    if (fault) await realm.arm(fault)
    const { address, session } = await app.begin()
    const callback = await logIn(address, persona)
    await realm.assertNoRuleBroken({ token: 0 })
    return await app.finish(callback, session)
  } finally {
    await realm.remove()
  }
}

test('a person who cancels is no failure of yours', async () => {
  await expect(login('error:access_denied')).rejects.toMatchObject({ error: 'access_denied' })
})

test('a token that was not signed by the service is refused', async () => {
  // what no real service does for you: it misbehaves on demand
  const refused = { cause: { message: expect.stringContaining('signature') } }
  await expect(login('S6005048A', { fault: 'fapi-id-token-signer' })).rejects.toMatchObject(refused)
})
