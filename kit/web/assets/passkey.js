/*
 * Passkeys (WebAuthn). A form with `data-passkey` ("create" or "get") is sent once the browser's authenticator has answered;
 * what to ask it stands in `data-ask`, as JSON or as the address where it is got. Without scripts such forms stay hidden.
 */
const octets = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** options of the server → options of the browser; only what the server sends */
function publicKey(options) {
  const keys = (list) => list?.map((key) => ({ ...key, id: octets(key.id) }))
  return {
    ...options,
    challenge: octets(options.challenge),
    ...(options.user && { user: { ...options.user, id: octets(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: keys(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: keys(options.allowCredentials) }),
  }
}

/** WebAuthn §5.1: RegistrationResponseJSON, AuthenticationResponseJSON; `toJSON` is missing in browsers of before 2025 */
function answerOf({ id, type, response, authenticatorAttachment }) {
  const sent = { clientDataJSON: text(response.clientDataJSON) }
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle'])
    if (response[name]) sent[name] = text(response[name])
  if (response.getTransports) sent.transports = response.getTransports()
  return JSON.stringify({ id, rawId: id, type, response: sent, authenticatorAttachment, clientExtensionResults: {} })
}

const why = {
  NotAllowedError: 'Chưa dùng được khóa: đã hủy, quá lâu, hoặc thiết bị này không có khóa của Công Sở.',
  InvalidStateError: 'Thiết bị này đã có khóa truy cập của tài khoản.',
  SecurityError: 'Khóa truy cập không dùng được ở địa chỉ này.',
}

/** At another address than the one that keys are bound to: says so, with the way there. */
function elsewhere(origin, place) {
  if (origin === location.origin) return false
  const link = document.createElement('a')
  link.href = `${origin}${location.pathname}`
  link.textContent = origin
  place.replaceChildren('Khóa truy cập chỉ dùng được khi mở trang này ở ', link, '.')
  place.closest('[hidden]')?.removeAttribute('hidden')
  return true
}

async function ceremony(form, place) {
  const given = form.dataset.ask
  let ask
  if (given.startsWith('{')) ask = JSON.parse(given)
  else {
    const got = await fetch(given, { headers: { accept: 'application/json' } })
    ask = await got.json()
    if (!got.ok) throw Object.assign(new Error(ask.problem), { advice: ask.problem })
  }
  if (elsewhere(ask.origin, place)) return undefined
  const options = { publicKey: publicKey(ask.options) }
  const made =
    form.dataset.passkey === 'create' ? navigator.credentials.create(options) : navigator.credentials.get(options)
  return answerOf(await made)
}

if (window.PublicKeyCredential)
  for (const form of document.querySelectorAll('[data-passkey]')) {
    const place = form.querySelector('[data-why] span')
    let busy = false
    form.closest('[data-passkey-shown]')?.removeAttribute('hidden')
    form.hidden = false
    form.addEventListener('submit', async (event) => {
      const answer = form.elements.namedItem('answer')
      if (answer.value !== '') return
      event.preventDefault()
      if (busy) return
      busy = true
      form.querySelector('[data-why]').hidden = true
      try {
        const got = await ceremony(form, place)
        if (got === undefined) return
        answer.value = got
        form.requestSubmit(event.submitter)
      } catch (error) {
        place.textContent =
          error.advice ?? why[error.name] ?? 'Không dùng được khóa truy cập. Tải lại trang rồi thử lại.'
        form.querySelector('[data-why]').hidden = false
      } finally {
        busy = false
      }
    })
  }
// The page where keys are added: is this a place where that can be?
for (const box of document.querySelectorAll('[data-passkey-origin]')) {
  const place = box.querySelector('[data-passkey-not]')
  const here = window.PublicKeyCredential && !elsewhere(box.dataset.passkeyOrigin, place.lastElementChild)
  place.hidden = Boolean(here)
  if (here) box.querySelector('[data-passkey-here]').hidden = false
}
