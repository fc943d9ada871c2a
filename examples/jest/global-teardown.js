import { once } from 'node:events'
import { rmSync } from 'node:fs'

export default async function teardown() {
  rmSync(process.env.CLIENT_FOLDER, { recursive: true })
  globalThis.mock.kill()
  await once(globalThis.mock, 'exit')
}
