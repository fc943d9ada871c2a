// Gets a person with a published client whose addresses are built in; prints uinfin and name. One client a run:
// `node person.mjs gov-client|node-test|node-sandbox DIRECTORY`, DIRECTORY being what `myinfo-mock export` wrote.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { callbackOf } from './mock.mjs'

const [which, directory] = process.argv.slice(2)
const file = (name) => readFileSync(join(directory, name))
const setting = (name) => new RegExp(`^export ${name}='(.*)'$`, 'm').exec(file('env').toString())[1]
const attributes = ['uinfin', 'name', 'sex', 'regadd']
const identity = { id: setting('MYINFO_CLIENT_ID'), secret: setting('MYINFO_CLIENT_SECRET'), redirect: setting('MYINFO_REDIRECT_URL') }

/** @opengovsg/myinfo-gov-client: mode staging, nothing else set. */
async function govClient() {
  const { default: gov } = await import('@opengovsg/myinfo-gov-client')
  const client = new gov.MyInfoGovClient({
    clientId: identity.id,
    clientSecret: identity.secret,
    redirectEndpoint: identity.redirect,
    singpassEserviceId: 'MYINFO-CONSENTPLATFORM',
    clientPrivateKey: file('client-key.pem').toString(),
    myInfoPublicKey: file('myinfo-public-key.pem').toString(),
    mode: gov.MyInfoMode.Staging,
  })
  const url = client.createRedirectURL({ purpose: 'a test', requestedAttributes: attributes, relayState: 's' })
  const code = (await callbackOf(url, 'S6005048A')).searchParams.get('code')
  return (await client.getPerson(await client.getAccessToken(code), attributes)).data
}

/** myinfo-connector-nodejs: its sample's settings but for the keys. */
async function nodeConnector(environment, host) {
  const MyInfoConnector = createRequire(import.meta.url)('myinfo-connector-nodejs')
  const connector = new MyInfoConnector({
    MYINFO_SIGNATURE_CERT_PUBLIC_CERT: join(directory, 'myinfo-cert.pem'),
    CLIENT_SECURE_CERT: join(directory, 'client.p12'),
    CLIENT_SECURE_CERT_PASSPHRASE: 'myinfo-mock',
    CLIENT_ID: identity.id,
    CLIENT_SECRET: identity.secret,
    REDIRECT_URL: identity.redirect,
    ATTRIBUTES: attributes.join(','),
    ENVIRONMENT: environment,
    TOKEN_URL: `https://${host}/com/v3/token`,
    PERSON_URL: `https://${host}/com/v3/person`,
    USE_PROXY: 'N',
    DEBUG_LEVEL: 'off',
  })
  const query = new URLSearchParams({
    client_id: identity.id, attributes: attributes.join(','), purpose: 'a test', state: 's', redirect_uri: identity.redirect,
  })
  const code = (await callbackOf(`https://${host}/com/v3/authorise?${query}`, 'S6005048A')).searchParams.get('code')
  return connector.getMyInfoPersonData(code, 's')
}

const clients = {
  'gov-client': () => govClient(),
  'node-test': () => nodeConnector('TEST', 'test.api.myinfo.gov.sg'),
  'node-sandbox': () => nodeConnector('SANDBOX', 'sandbox.api.myinfo.gov.sg'),
}

const person = await clients[which]()
console.log(`person ${person.uinfin.value} ${person.name.value}`)
