/* Extras of the form; every step works without them. */

// Fields that hang on a choice are hidden until it is made.
for (const field of document.querySelectorAll('[data-when]')) {
  const choice = document.querySelector(`[name="${field.dataset.when}"]`)
  const look = () => {
    field.hidden = choice.value !== field.dataset.is
  }
  choice?.addEventListener('change', look)
  if (choice) look()
}

// How much of a long text is used; counted after typing, never while an input method composes.
for (const area of document.querySelectorAll('textarea[data-max]')) {
  const most = Number(area.dataset.max)
  const count = document.createElement('div')
  count.className = 'form-text sm text-end'
  const look = () => {
    const used = Array.from(area.value).length
    count.textContent = `${used.toLocaleString('vi-VN')} trên ${most.toLocaleString('vi-VN')} chữ cái`
    count.classList.toggle('t-son', used > most)
  }
  area.addEventListener('input', look)
  look()
  area.after(count)
}

// Keeps what is typed, two seconds after the last change; says so only when it is kept.
const saved = document.querySelector('[data-saved]')
for (const form of document.querySelectorAll('form[data-autosave]')) {
  let timer
  let composing = false
  const save = async () => {
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: 'POST',
        body: new URLSearchParams(new FormData(form)),
      })
      if (!answer.ok) throw new Error(String(answer.status))
      const { at } = await answer.json()
      const time = new Date(at).toLocaleTimeString('vi-VN', {
        hour: '2-digit',
        minute: '2-digit',
        timeZone: 'Asia/Ho_Chi_Minh',
      })
      saved.textContent = `Đã lưu lúc ${time}`
    } catch {
      saved.textContent = 'Chưa tự lưu được; bấm nút cuối trang để lưu'
    }
  }
  const later = () => {
    clearTimeout(timer)
    if (!composing) timer = setTimeout(save, 2000)
  }
  form.addEventListener('compositionstart', () => {
    composing = true
  })
  form.addEventListener('compositionend', () => {
    composing = false
    later()
  })
  form.addEventListener('input', later)
  form.addEventListener('submit', () => clearTimeout(timer))
}

// Files go up as soon as they are chosen or dropped, several at a time; only their own paper is drawn again.
let running = 0
let waiting
const upload = (box, input) => {
  const paper = box.closest('fieldset').id
  const body = new FormData()
  for (const file of input.files) body.append(input.name, file)
  body.append('di', 'o-lai')
  const bar = document.createElement('progress')
  bar.max = 100
  bar.setAttribute('aria-label', 'Đang tải tệp')
  const words = document.createElement('p')
  words.className = 'sm text-muted mt-1'
  words.setAttribute('role', 'status')
  const stop = document.createElement('button')
  stop.type = 'button'
  stop.className = 'btn btn-quiet'
  stop.textContent = 'Dừng tải'
  const others = [...box.children]
  for (const other of others) other.hidden = true
  box.append(bar, words, stop)
  const begun = Date.now()
  const request = new XMLHttpRequest()
  request.open('POST', input.form.action)
  request.upload.addEventListener('progress', (event) => {
    const share = event.loaded / event.total
    bar.value = share * 100
    const left = Math.ceil(((Date.now() - begun) / share / 1000) * (1 - share))
    words.textContent = share < 1 ? `${Math.round(share * 100)}%, còn khoảng ${left} giây` : 'Đang kiểm tra tệp'
  })
  const reset = (text) => {
    for (const other of others) other.hidden = false
    input.value = ''
    bar.remove()
    stop.remove()
    words.className = 'why mt-2 mb-0'
    words.textContent = text
  }
  const again = 'Chưa tải được tệp. Chọn lại tệp để thử lại.'
  request.addEventListener('load', () => {
    const page = new DOMParser().parseFromString(request.responseText, 'text/html')
    const fresh = page.getElementById(paper)
    if (!fresh) return reset(again)
    const whole = page.querySelector('[data-whole]')
    if (whole) return reset(whole.textContent)
    const old = document.getElementById(paper)
    const here = old.contains(document.activeElement)
    old.replaceWith(fresh)
    for (const form of page.querySelectorAll('form[id^="bo-"]'))
      if (!document.getElementById(form.id)) document.querySelector('main').append(form)
    document.querySelector('[data-total]')?.replaceWith(page.querySelector('[data-total]'))
    ready(fresh)
    summary(fresh)
    if (here) fresh.querySelector('[data-upload] button')?.focus()
  })
  request.addEventListener('error', () => reset('Mất kết nối nên chưa tải được tệp. Chọn lại tệp để thử lại.'))
  request.addEventListener('abort', () => reset('Đã dừng tải.'))
  request.addEventListener('loadend', () => {
    running--
    if (running > 0 || !waiting) return
    // what was pressed while files were on their way; by now the inputs are empty
    const { form, submitter } = waiting
    waiting = undefined
    form.requestSubmit(submitter)
  })
  stop.addEventListener('click', () => request.abort())
  running++
  request.send(body)
}
/** The list on top names only what is still wrong; a new mistake is read aloud. */
const summary = (fresh) => {
  const why = fresh.querySelector('.why')
  const said = document.getElementById('said')
  if (said) said.textContent = why ? why.textContent : 'Đã tải tệp lên'
  const note = document.querySelector('[data-summary]')
  if (!note) return
  for (const link of note.querySelectorAll('a')) {
    const field = document.getElementById(link.hash.slice(1))
    if (!field?.classList.contains('field-bad')) link.closest('li').remove()
  }
  const left = note.querySelectorAll('li').length
  if (left === 0) note.remove()
  else note.querySelector('strong').textContent = `Còn ${left} mục cần sửa`
}
document.addEventListener(
  'submit',
  (event) => {
    if (running === 0) return
    event.preventDefault()
    event.stopImmediatePropagation()
    waiting = { form: event.target, submitter: event.submitter ?? undefined }
    const said = document.getElementById('said')
    if (said) said.textContent = 'Đang chờ tải xong tệp'
  },
  true,
)

const ready = (part) => {
  for (const box of part.querySelectorAll('[data-upload]')) {
    const input = box.querySelector('input[type=file]')
    // The browser's own control speaks the browser's language; ours speaks Vietnamese and takes dropped files.
    input.classList.add('visually-hidden')
    input.tabIndex = -1
    input.setAttribute('aria-hidden', 'true')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'btn'
    button.textContent = 'Chọn tệp'
    button.setAttribute('aria-describedby', input.getAttribute('aria-describedby') ?? '')
    button.setAttribute('aria-label', input.labels[0]?.textContent ?? 'Chọn tệp')
    const words = document.createElement('span')
    words.className = 'text-muted ms-2 d-none d-sm-inline'
    words.textContent = 'hoặc kéo tệp vào đây'
    box.append(button, words)
    button.addEventListener('click', () => input.click())
    input.addEventListener('change', () => {
      if (input.files.length > 0) upload(box, input)
    })
    for (const name of ['dragenter', 'dragover'])
      box.addEventListener(name, (event) => {
        event.preventDefault()
        box.classList.add('over')
      })
    for (const name of ['dragleave', 'drop']) box.addEventListener(name, () => box.classList.remove('over'))
    box.addEventListener('drop', (event) => {
      event.preventDefault()
      input.files = event.dataTransfer.files
      if (input.files.length > 0) upload(box, input)
    })
  }
}
ready(document)
for (const button of document.querySelectorAll('[data-upload-only]')) button.hidden = true

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
