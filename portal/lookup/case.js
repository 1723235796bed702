/* While a case's page is open: it shows the new state when there is one, and says so to screen readers. */
const live = document.querySelector('[data-live]')
if (live) {
  const events = new EventSource(live.dataset.live)
  events.addEventListener('changed', async () => {
    const answer = await fetch(location.pathname)
    if (!answer.ok || answer.redirected) return events.close()
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    for (const id of ['tinh-trang', 'dien-bien']) {
      const [now, fresh] = [document.getElementById(id), page.getElementById(id)]
      if (now && fresh) now.replaceChildren(...fresh.childNodes)
    }
    const said = document.getElementById('said')
    if (said) said.textContent = document.querySelector('#tinh-trang h2')?.textContent ?? ''
  })
}
