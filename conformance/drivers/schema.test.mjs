// The schema of the driver protocol against a real conversation: every message of the runner and every answer of the
// reference connector's driver must be as it says.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Ajv2020 from 'ajv/dist/2020.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const program = process.env.MYINFO_CONFORMANCE ?? join(here, '../../target/debug/myinfo-conformance')
const schema = JSON.parse(readFileSync(join(here, '../driver-protocol.schema.json'), 'utf8'))

test('a whole conversation is as the schema says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mdp-'))
  const [messages, answers] = ['messages', 'answers'].map((name) => join(folder, name))
  // what goes in and what comes out is copied into two files
  const driver = `tee -a ${messages} | ${program} driver reference | tee -a ${answers}`
  const only = ['v3.callback.*', 'v3.authorise.*', 'v3.keys.*', 'v3.data.names', 'v3.person.txnno-signed', 'fapi.callback.*', 'fapi.discovery.*', 'fapi.keys.*', 'fapi.flows.login-app', 'fapi.id-token.level', 'oidc.id-token.*']
  const run = spawnSync(program, ['--stdio', driver, '-j', '1', ...only.flatMap((id) => ['--only', id])])
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}`)

  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(schema)
  const lines = (file) => readFileSync(file, 'utf8').trimEnd().split('\n')
  const kinds = new Map()
  for (const line of lines(messages)) {
    const message = JSON.parse(line)
    kinds.set(message.id, message.type)
    const fits = ajv.getSchema(`${schema.$id}#${message.type}`)
    assert.ok(fits(message), `${line}\n${ajv.errorsText(fits.errors)}`)
  }
  for (const line of lines(answers)) {
    const answer = JSON.parse(line.replace(/^@mdp /, ''))
    const fits = ajv.getSchema(`${schema.$id}#${kinds.get(answer.id)}-answer`)
    assert.ok(fits(answer), `${line}\n${ajv.errorsText(fits.errors)}`)
  }
  assert.deepEqual(new Set(kinds.values()), new Set(['hello', 'reset', 'configure', 'start', 'callback', 'bye']))
  rmSync(folder, { recursive: true })
})

test('what is no message is none to the schema either', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const fits = ajv.compile(schema)
  for (const wrong of [{ id: 'one', type: 'hello' }, { type: 'start' }, { id: 1, type: 'callback', session: 's' }, { id: 1, outcome: 'perhaps' }]) {
    assert.ok(!fits(wrong), JSON.stringify(wrong))
  }
})
