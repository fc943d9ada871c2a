// The descriptions of the mock's endpoints, read by a validator of OpenAPI that is none of ours.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { start } from './mock.mjs'

test('every description that the mock serves is OpenAPI 3.1, and a mistake in one would be seen', async () => {
  const mock = await start('myinfo-mock', ['--http', '127.0.0.1:0'])
  try {
    for (const name of ['openapi.json', 'openapi/v3.json', 'openapi/fapi.json', 'openapi/oidc.json']) {
      const document = await (await fetch(`${mock.url}/_mock/${name}`)).json()
      const validator = new Validator()
      const { valid, errors } = await validator.validate(document)
      assert.ok(valid, `${name}: ${JSON.stringify(errors, null, 2)}`)
      assert.equal(validator.version, '3.1', name)
      const [path] = Object.keys(document.paths)
      const [method] = Object.keys(document.paths[path])
      document.paths[path][method].responses = { 'not a status': {} }
      assert.equal((await new Validator().validate(document)).valid, false, name)
    }
  } finally {
    await mock.stop()
  }
})
