// Starts a program of the package that has them for this platform, in its place as far as Node can be replaced:
// the same arguments and streams, signals handed on, the same end.
'use strict'
const { spawn } = require('node:child_process')

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
// how long the program may outlive an npm that was ended
const ORPHANED_MS = 250

module.exports = (name) => {
  const child = spawn(program(name), process.argv.slice(2), { stdio: 'inherit' })
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  endWithNpm(child)
  child.on('error', (error) => stop(`myinfo-testbed: ${name} cannot be started: ${error.message}`))
  child.on('exit', (code, signal) => (signal ? endAs(signal) : process.exit(code)))
}

function program(name) {
  const platform = `${process.platform}-${process.arch}`
  const end = process.platform === 'win32' ? '.exe' : ''
  try {
    return require.resolve(`@myinfo-testbed/${platform}/bin/${name}${end}`)
  } catch {
    return stop(
      `myinfo-testbed: the package @myinfo-testbed/${platform}, which has the programs, is not installed. ` +
        'Install it beside this one; where there is none for your platform, build the programs from source.'
    )
  }
}

// npm (and npx) end at a signal and leave what they started behind; whoever stopped them meant the program.
function endWithNpm(child) {
  if (!process.env.npm_command) return
  const npm = process.ppid
  setInterval(() => process.ppid === npm || child.kill(), ORPHANED_MS).unref()
}

// A program that a signal ended is shown as such to whoever started it.
function endAs(signal) {
  for (const handled of SIGNALS) process.removeAllListeners(handled)
  process.kill(process.pid, signal)
}

function stop(says) {
  process.stderr.write(`${says}\n`)
  process.exit(2)
}
