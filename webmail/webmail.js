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
