// One mock for the whole run. Its address is in the environment of every worker.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export default async function setup() {
  // the program from the PATH; with `npm install --save-dev` of its package, `npm test` puts it there
  const program = process.env.MYINFO_MOCK ?? 'myinfo-mock'
  const child = spawn(program, ['--http', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.env.MOCK_URL = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
    // written when it accepts connections, and not before
    createInterface({ input: child.stdout }).once('line', (line) => resolve(line.replace(/^ready /, '')))
  })
  process.env.CLIENT_FOLDER = mkdtempSync(join(tmpdir(), 'myinfo-'))
  execFileSync(program, ['export', process.env.CLIENT_FOLDER, '--client', 'TESTBEDxLOGINxAPPx00000000000002'])
  // the same object is there in global-teardown.js
  globalThis.mock = child
}
