// A published client with built-in addresses through the forward proxy: no root, no hosts file, no port 443.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { assertNoRuleBroken, program, start } from './mock.mjs'

test('myinfo-gov-client reaches its built-in staging address through the proxy', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'myinfo-proxy-'))
  const state = join(directory, 'state')
  execFileSync(program('myinfo-mock'), ['export', directory, '--state-dir', state])
  const mock = await start('myinfo-mock', ['--http', '127.0.0.1:0', '--proxy', '127.0.0.1:0', '--state-dir', state])
  try {
    const proxy = mock.urls.find((url) => url.startsWith('proxy:')).replace('proxy:', 'http:')
    const script = fileURLToPath(new URL('person.mjs', import.meta.url))
    const env = { ...process.env, HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') }
    const run = spawnSync(process.execPath, [script, 'gov-client', directory], { env, encoding: 'utf8', timeout: 60_000 })
    assert.equal(run.stdout, 'person S6005048A ANDY LAU\n', run.stderr)
    await assertNoRuleBroken(mock.url, { token: 1, person: 1 })
  } finally {
    await mock.stop()
    rmSync(directory, { recursive: true })
  }
})
