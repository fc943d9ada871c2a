// Fetches the page with the person and shows it in the place of this one. The code leaves the address bar first.
const status = document.querySelector('[data-test=status]')

history.replaceState(null, '', '/callback')
status.hidden = false

const show = (page) => {
  document.title = page.querySelector('title').textContent
  document.querySelector('main').replaceWith(page.querySelector('main'))
  // a screen reader goes on at the heading, as on a page that was just loaded
  const heading = document.querySelector('[data-test=heading]')
  heading.tabIndex = -1
  heading.focus()
}

const unanswered = document.querySelector('[data-test=unanswered]').content
try {
  const answer = await fetch(status.dataset.from, { headers: { accept: 'text/html' } })
  show(new DOMParser().parseFromString(await answer.text(), 'text/html'))
} catch {
  show(unanswered)
}
