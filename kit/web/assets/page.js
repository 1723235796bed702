/* What every page does when scripts run; all of it is extra: pages work without. */

// A button says that it works, keeps its width, and is not pressed twice.
document.addEventListener('submit', (event) => {
  const button = event.submitter
  if (event.defaultPrevented || !button || button.dataset.busy === undefined) return
  if (button.getAttribute('aria-disabled') === 'true') return event.preventDefault()
  button.style.minWidth = `${button.offsetWidth}px`
  button.setAttribute('aria-disabled', 'true')
  button.dataset.idle = button.innerHTML
  const words = document.createElement('span')
  words.textContent = button.dataset.busy || button.textContent
  const wheel = document.createElement('span')
  wheel.className = 'spinner-border spinner-border-sm'
  wheel.setAttribute('aria-hidden', 'true')
  button.replaceChildren(wheel, words)
})
// Back from the browser's memory: buttons are ready again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  for (const button of document.querySelectorAll('[data-idle]')) {
    button.innerHTML = button.dataset.idle
    button.removeAttribute('aria-disabled')
    delete button.dataset.idle
  }
})

// Of a row of tabs that is wider than the screen, the one that is open is seen.
for (const tab of document.querySelectorAll('.tabs [aria-current]')) {
  const row = tab.parentElement
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2
}

// Show and hide a password.
for (const button of document.querySelectorAll('[data-reveal]')) {
  button.hidden = false
  button.addEventListener('click', () => {
    const field = document.getElementById(button.dataset.reveal)
    const shown = field.type === 'text'
    field.type = shown ? 'password' : 'text'
    button.setAttribute('aria-pressed', String(!shown))
    button.lastElementChild.textContent = shown ? 'Hiện' : 'Ẩn'
  })
}

// A form that came back with mistakes: the summary takes the focus.
document.querySelector('[data-focus]')?.focus()

// A list of choices can be narrowed by typing, marks or not.
const plain = (text) =>
  text
    .toLowerCase()
    .replaceAll('đ', 'd')
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
for (const list of document.querySelectorAll('[data-pick]')) {
  const rows = [...list.querySelectorAll('label')]
  if (rows.length < 8) continue
  const box = document.createElement('input')
  box.className = 'form-control mb-1'
  box.placeholder = 'Tìm tên, đơn vị'
  box.setAttribute('aria-label', 'Tìm trong danh sách')
  box.addEventListener('input', () => {
    const wanted = plain(box.value)
    for (const row of rows) row.hidden = !plain(row.textContent).includes(wanted) && !row.querySelector('input').checked
  })
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault()
  })
  list.before(box)
}

// Choose a view, sort or document from a list at once; the button beside it is for those without scripts.
for (const select of document.querySelectorAll('select[data-go]')) {
  select.form?.querySelector('[data-go-button]')?.setAttribute('hidden', '')
  select.addEventListener('change', () => select.form.requestSubmit())
}
