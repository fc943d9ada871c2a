// Fetches the person for the callback page and shows it. The code leaves the address bar first.
const list = document.querySelector('[data-test=person]')
const heading = document.querySelector('[data-test=heading]')
const status = document.querySelector('[data-test=status]')
const labels = {
  name: 'Name',
  uinfin: 'NRIC or FIN',
  sex: 'Sex',
  dob: 'Date of birth',
  nationality: 'Nationality',
  birthcountry: 'Country of birth',
  regadd: 'Registered address',
  // of a Login app
  identity_number: 'NRIC, FIN or foreign number',
  identity_coi: 'Issued by',
  email: 'Email',
  mobileno: 'Mobile number',
  sub: 'Singpass id',
}

history.replaceState(null, '', '/callback')

const address = (item) => {
  if (!item || item.unavailable) return null
  const part = (name) => item[name]?.value ?? ''
  if (item.type !== 'SG') return [part('line1'), part('line2')].filter(Boolean).join(', ')
  const unit = part('floor') || part('unit') ? `#${part('floor')}-${part('unit')}` : ''
  const country = [item.country?.desc, part('postal')].filter(Boolean).join(' ')
  return [[part('block'), part('street'), unit].filter(Boolean).join(' '), part('building'), country].filter(Boolean).join(', ')
}

const show = (person, meanings = {}) => {
  for (const [name, label] of Object.entries(labels)) {
    if (!(name in person)) continue
    const row = document.createElement('div')
    const term = document.createElement('dt')
    const value = document.createElement('dd')
    term.textContent = label
    const told = name === 'regadd' ? address(person.regadd) : (meanings[name] ?? person[name])
    // an address without any line is none, too
    value.textContent = told || 'not provided'
    value.dataset.test = name
    row.append(term, value)
    list.append(row)
  }
  list.hidden = false
  heading.textContent = 'Your data'
  status.textContent = 'Decrypted and verified. Nothing was stored.'
}

const fail = (code, why = 'the application did not answer') => {
  heading.textContent = 'Your data could not be fetched'
  // whom Myinfo does not know it knows no better at a second try
  const again = code === 'no_profile' ? '' : ' Please start again.'
  status.textContent = `${why[0].toUpperCase()}${why.slice(1)}.${again} Reason: ${code}`
  document.querySelector('[data-test=refused]')?.removeAttribute('hidden')
}

try {
  const answer = await fetch(`/users/me/external/myinfo?code=${encodeURIComponent(list.dataset.code)}&meanings=1`)
  const body = await answer.json()
  if (answer.ok) show(body.data, body.meanings)
  else fail(body.code, body.message)
} catch {
  fail('network')
}
