/* The webmail with scripts: frames grow with their letter, addresses complete, drafts keep themselves. All of it is extra. */

for (const frame of document.querySelectorAll('.letter-frame')) {
  const grow = () => {
    const inner = frame.contentDocument?.documentElement
    if (inner) frame.style.height = `${Math.min(inner.scrollHeight + 24, 20000)}px`
  }
  frame.addEventListener('load', () => {
    grow()
    for (const image of frame.contentDocument?.images ?? []) image.addEventListener('load', grow)
    const blocked = [...(frame.contentDocument?.images ?? [])].some((image) => !image.hasAttribute('src'))
    const note = document.querySelector('.remote-note')
    if (note) note.hidden = !blocked
  })
  addEventListener('resize', grow)
}

const people = document.getElementById('people')
let asked = ''
document.addEventListener('input', async (event) => {
  const field = event.target.closest?.('[data-people]')
  if (!field || !people || event.isComposing) return
  const parts = field.value.split(/[,;]\s*/)
  const last = parts.at(-1).trim()
  if (last.length < 2 || last.includes('@') || last === asked) return
  asked = last
  const answer = await fetch(`/thu/danh-ba?q=${encodeURIComponent(last)}`, { headers: { accept: 'application/json' } })
  if (!answer.ok || asked !== last) return
  const before = parts.slice(0, -1).join(', ')
  people.replaceChildren(
    ...(await answer.json()).map(({ name, address, note }) => {
      const option = document.createElement('option')
      option.value = `${before ? `${before}, ` : ''}${name} <${address}>`
      option.label = note ? `${name}, ${note}` : name
      return option
    }),
  )
})

// A letter that is being written is kept every 20 seconds when it changed; files are kept when "Lưu nháp" is pressed.
const form = document.querySelector('[data-draft]')
if (form) {
  const texts = () => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === 'string' && value))
  const kept = document.getElementById('kept')
  let last = texts()
  let sending = false
  form.addEventListener('submit', () => {
    sending = true
  })
  const keep = async () => {
    if (sending || texts() === last) return
    last = texts()
    const data = new FormData(form)
    data.delete('files')
    data.set('viec', 'nhap')
    const answer = await fetch(form.action, {
      method: 'POST',
      body: data,
      headers: { accept: 'application/json' },
    }).catch(() => undefined)
    if (!answer?.ok) {
      kept.textContent = 'Chưa lưu được nháp, sẽ thử lại'
      last = ''
      return
    }
    const { uid, at, carried } = await answer.json()
    form.elements.replaces.value = uid
    // the draft that held these files was replaced: they are now found in the new one
    const boxes = [...form.querySelectorAll('[name=giu]:checked')]
    for (const [i, box] of boxes.entries()) if (carried[i]) box.value = carried[i]
    last = texts()
    kept.textContent = `Đã lưu nháp lúc ${new Date(at).toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit' })}`
  }
  setInterval(keep, 20_000)
}

// e archives, r answers the open letter; nothing while somebody types.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select')) return
  if (event.key === 'r') document.querySelector('[data-key="r"]')?.click()
  if (event.key === 'e') document.querySelector('.key-e')?.click()
})

// The open letter's row is in sight, however far down the list it stands.
document.querySelector('.list .msg.on')?.scrollIntoView({ block: 'nearest' })

// A menu closes when the focus goes elsewhere, and by Esc, which takes the focus back to its button.
const openMenus = () => document.querySelectorAll('details.more[open], details.folders-menu[open]')
const elsewhere = ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false
}
document.addEventListener('focusin', elsewhere)
document.addEventListener('pointerdown', elsewhere)
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return
  for (const menu of openMenus()) {
    menu.open = false
    menu.querySelector('summary').focus()
  }
})

// The focus goes into a letter's frame, which then matches no :focus: who came with the Tab key sees the ring all the same.
let byTab = false
document.addEventListener('keydown', ({ key }) => {
  byTab = key === 'Tab'
})
document.addEventListener('pointerdown', () => {
  byTab = false
})
const ringAtFrame = () => {
  for (const frame of document.querySelectorAll('.letter-frame'))
    frame.classList.toggle('show-focus', byTab && document.activeElement === frame)
}
addEventListener('blur', ringAtFrame)
addEventListener('focus', ringAtFrame)
