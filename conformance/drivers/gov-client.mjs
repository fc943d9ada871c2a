// Drives the npm package @opengovsg/myinfo-gov-client, its code untouched, for myinfo-conformance.
import { randomBytes, X509Certificate } from 'node:crypto'
import { createRequire } from 'node:module'
import gov from '@opengovsg/myinfo-gov-client'
import { errorIn, isCrash, queryOf, rejected, serve } from './mdp.mjs'

const NAME = '@opengovsg/myinfo-gov-client'

/**
 * What the package's errors begin with. It exports a class for each, but an error that it throws is an instance of none
 * and its name is `Error`: its text is all that tells.
 */
const KINDS = [
  [/^Signature on (access token|Person API data) from MyInfo could not be verified/, classOfJwt],
  [/^Error while connecting to MyInfo/, classOfResponse],
  [/^Error while decrypting data from MyInfo/, () => 'decryption'],
  [/^MyInfo response did not contain valid access token/, () => 'malformed'],
  [/^Decoded access token from MyInfo had unexpected shape/, () => 'malformed'],
  [/^Data from MyInfo Person API had unexpected shape/, () => 'malformed'],
]

let client
let setup
let sessions = 0

function configure(wanted) {
  client = undefined
  setup = wanted
  client = new gov.MyInfoGovClient({
    clientId: setup.client_id,
    clientSecret: setup.client_secret,
    redirectEndpoint: setup.redirect_uri,
    // the package demands it always; only the context gov has one
    singpassEserviceId: setup.esvc_id ?? 'NOT-FOR-GOVERNMENT',
    clientPrivateKey: setup.private_key.text,
    myInfoPublicKey: new X509Certificate(setup.myinfo_certificates[0]).publicKey.export({ type: 'spki', format: 'pem' }),
    mode: setup.flavour === 'sandbox' ? gov.MyInfoMode.Dev : gov.MyInfoMode.Staging,
  })
  // the addresses of Myinfo are built in; this public field is the one way to another server
  client.baseAPIUrl = `${setup.base_url}/${setup.context}/v3`
}

function start() {
  const url = client.createRedirectURL({
    purpose: setup.purpose,
    requestedAttributes: setup.attributes,
    relayState: randomBytes(16).toString('hex'),
  })
  sessions += 1
  return { url, session: `s${sessions}` }
}

/**
 * The package's README reads `code` out of the callback and nothing else: no state is kept, none is compared, and the
 * package has no function that would do it. The driver does the same, so what follows from it counts.
 */
async function callback({ url }) {
  const query = queryOf(url)
  const refused = errorIn(query)
  if (refused) return refused
  let endpoint = 'token_request'
  try {
    const accessToken = await client.getAccessToken(query.code)
    endpoint = 'person_request'
    const { data } = await client.getPerson(accessToken, setup.attributes)
    return { outcome: 'accepted', person: data }
  } catch (error) {
    if (isCrash(error)) throw error
    const kindOf = KINDS.find(([words]) => words.test(error.message))?.[1]
    return rejected(kindOf?.(error.message, endpoint) ?? 'other', error.code ?? error.name, error.message)
  }
}

/** One text stands for whatever is wrong with a token; what jsonwebtoken said stands behind it. */
function classOfJwt(message) {
  if (/: jwt (expired|not active)$/.test(message)) return 'expiry'
  if (/: invalid algorithm$/.test(message)) return 'algorithm'
  return /: (jwt malformed|jwt must be a string|jwt must be provided|invalid token)$/.test(message) ? 'malformed' : 'signature'
}

/** One text stands for every status and for the network; the status stands behind it. */
function classOfResponse(message, endpoint) {
  const status = Number(/ status code (\d+)$/.exec(message)?.[1])
  if (!status) return 'transport'
  if (status === 404 && endpoint === 'person_request') return 'no_profile'
  return status === 429 || status >= 500 ? 'upstream' : endpoint
}

await serve({
  hello: {
    name: NAME,
    connector_version: createRequire(import.meta.url)(`${NAME}/package.json`).version,
    capabilities: ['gov', 'sandbox', 'redirect_query', 'person'],
    key_formats: ['pkcs8', 'pkcs1'],
  },
  configure,
  start,
  callback,
})
