/* The desk: live counts and lists by server-sent events, and lists by keyboard. */

const said = document.getElementById('said')
const say = (text) => {
  if (said) said.textContent = text
}

function showCount({ app, n, words, hot }) {
  const badge = document.querySelector(`[data-app="${CSS.escape(app)}"] .count`)
  if (!badge) return
  badge.hidden = !n
  badge.classList.toggle('hot', Boolean(hot))
  badge.querySelector('.n').textContent = n
  badge.querySelector('.visually-hidden').textContent = ` ${words}`
}

/** Fetches this page again and puts the new state of one region in place, unless somebody is busy in it. */
async function refresh(region) {
  if (region.dataset.loading) {
    region.dataset.again = '1'
    return
  }
  region.dataset.loading = '1'
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
    if (!answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(region.id)
    if (!fresh) return
    // the form's own number differs each time; what is on the screen keeps its number
    const mine = region.querySelector('[name=nonce]')
    const next = fresh.querySelector('[name=nonce]')
    if (mine && next) next.setAttribute('value', mine.getAttribute('value'))
    if (fresh.innerHTML === region.innerHTML) return
    const busy = region.matches(':hover') || region.contains(document.activeElement) || typedIn(region)
    if (busy && region.dataset.waits) return offer(region, fresh)
    put(region, fresh)
  } finally {
    delete region.dataset.loading
    if (region.dataset.again) {
      delete region.dataset.again
      refresh(region)
    }
  }
}

/** Has anybody written or chosen something here that would be lost? */
function typedIn(region) {
  return [...region.querySelectorAll('input, textarea, select')].some((field) =>
    field.type === 'checkbox' || field.type === 'radio'
      ? field.checked !== field.defaultChecked
      : field.tagName === 'SELECT'
        ? [...field.options].some((o) => o.selected !== o.defaultSelected) && field.selectedIndex > 0
        : field.type !== 'hidden' && field.value !== field.defaultValue,
  )
}

function put(region, fresh) {
  const place = region.scrollTop
  region.replaceChildren(...fresh.childNodes)
  region.scrollTop = place
  for (const other of document.querySelectorAll('[data-with-list]')) {
    const next = fresh.ownerDocument.getElementById(other.id)
    if (next) other.replaceChildren(...next.childNodes)
  }
  say(region.dataset.said || 'Đã cập nhật')
}

/** The list never jumps under the pointer: what is new waits behind a button. */
function offer(region, fresh) {
  document.getElementById('fresh')?.remove()
  const button = document.createElement('button')
  button.id = 'fresh'
  button.className = 'btn btn-lam fresh'
  button.textContent = region.dataset.waits
  button.addEventListener('click', () => {
    button.remove()
    put(region, fresh)
  })
  region.before(button)
  say(region.dataset.waits)
}

// Only a tab that is looked at listens: browsers allow six connections to a host. Coming back, it asks for the present state.
let stream
function listen() {
  if (stream) return
  stream = new EventSource(document.body.dataset.live)
  stream.addEventListener('count', (event) => showCount(JSON.parse(event.data)))
  stream.addEventListener('changed', (event) => {
    const { topic } = JSON.parse(event.data)
    for (const region of document.querySelectorAll(`[data-on~="${CSS.escape(topic)}"]`)) refresh(region)
  })
  stream.addEventListener('open', () => document.documentElement.setAttribute('data-connected', ''))
  // another tab of the same person took the place
  stream.addEventListener('enough', hush)
}
function hush() {
  stream?.close()
  stream = undefined
  document.documentElement.removeAttribute('data-connected')
}
if (document.body.dataset.live && 'EventSource' in window) {
  listen()
  addEventListener('pagehide', hush)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return hush()
    if (stream) return
    listen()
    for (const region of document.querySelectorAll('[data-on]')) refresh(region)
  })
}

// Lists: ↑ ↓ or j k move, Enter opens, / searches. A row is any [data-row]; its first link is what it opens.
const typing = (node) =>
  node.closest?.('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]')
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === '/' && !typing(event.target)) {
    const search = document.querySelector('[data-search]')
    if (search) {
      event.preventDefault()
      search.focus()
      search.select()
    }
    return
  }
  if (typing(event.target)) return
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
  if (!step) return
  const links = [...document.querySelectorAll('[data-row] a[data-open]')]
  if (links.length === 0) return
  event.preventDefault()
  const row = document.activeElement?.closest?.('[data-row]')
  const at = row ? links.findIndex((link) => row.contains(link)) : step === 1 ? -1 : links.length
  links[Math.max(0, Math.min(links.length - 1, at + step))].focus()
})
