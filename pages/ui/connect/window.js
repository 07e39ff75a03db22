// Opens the vendor's sign-in in a window on the click itself, hears what that window says, and tells Python.
// Whoever else sends a message is not heard: another window, another origin, another shape.

const PAGE = "social_media_posting" // HighLevel writes it with hyphens too
const ID = /^[A-Za-z0-9_-]{1,64}$/
const MOST_IDS = 100
const LOOK_EVERY = 400 // milliseconds
const GRACE = 2500 // after a window closed: its last message may still be on its way
const AGAIN = 4000 // should the page have been busy when it was told

// Kept beside the page's own elements: a rerun, or a look at another page of ours, loses no window.
const held = (window[Symbol.for("patchbay.connecting")] ??= new Map())

export default function ({ data, parentElement, setTriggerValue }) {
  const one = held.get(data.key) ?? hold(data.key)
  one.origins = data.origins
  const tell = (told) => setTriggerValue("told", told)
  one.tell = tell
  if (data.heard) one.untold = null
  if (one.untold) say(one, one.untold)

  const button = parentElement.querySelector("button")
  const beside = parentElement.querySelector("a")
  const status = parentElement.querySelector("span")
  beside.href = data.address
  one.draw = () => {
    button.textContent = isOpen(one) ? data.again : data.label
    status.textContent = isOpen(one) ? data.waits : ""
  }
  button.onclick = () => open(one, data)
  one.draw()
  return () => {
    // Streamlit also cleans up after a run that a newer one overtook, and does so after that one has begun to listen.
    if (one.tell !== tell) return
    one.tell = null
    one.draw = () => {}
  }
}

function hold(key) {
  const one = { key, popup: null, origins: [], tell: null, untold: null, heard: "", draw: () => {} }
  window.addEventListener("message", (event) => {
    if (!one.popup || event.source !== one.popup || !one.origins.includes(event.origin)) return
    const data = shaped(event.data)
    const words = JSON.stringify(data)
    if (!data || words === one.heard) return // a window that repeats itself is told of once: each telling asks the vendor
    one.heard = words
    say(one, { what: "heard", key, origin: event.origin, data })
  })
  held.set(key, one)
  return one
}

function isOpen(one) {
  return Boolean(one.popup && !one.popup.closed)
}

function open(one, data) {
  if (isOpen(one)) return one.popup.focus()
  // By its name a window is found again after a reload of this page; only a new one is sent on its way.
  const popup = window.open("", data.name, features())
  if (!popup) return say(one, { what: "blocked", key: one.key })
  one.popup = popup
  one.heard = ""
  if (isBlank(popup)) popup.location.replace(data.address)
  popup.focus()
  one.draw()
  watch(one)
}

function features() {
  const [width, height] = [620, 760]
  const left = Math.max(0, window.screenX + (window.outerWidth - width) / 2)
  const top = Math.max(0, window.screenY + (window.outerHeight - height) / 2)
  return `popup=yes,width=${width},height=${height},left=${Math.round(left)},top=${Math.round(top)}`
}

function isBlank(popup) {
  try {
    return popup.location.href === "about:blank"
  } catch {
    return false // it is at the vendor already
  }
}

function watch(one) {
  const timer = setInterval(() => {
    if (isOpen(one)) return
    clearInterval(timer)
    one.draw()
    setTimeout(() => {
      if (!isOpen(one) && one.untold?.what !== "heard") say(one, { what: "closed", key: one.key })
    }, GRACE)
  }, LOOK_EVERY)
}

function say(one, told) {
  one.untold = told.what === "heard" || !one.tell ? told : null
  one.tell?.({ ...told, at: Date.now() })
  if (told.what === "heard") setTimeout(() => one.untold && say(one, one.untold), AGAIN)
}

function shaped(data) {
  if (typeof data !== "object" || data === null || typeof data.page !== "string") return null
  if (data.page.trim().toLowerCase().replaceAll("-", "_") !== PAGE) return null
  if (data.accountId != null && data.accountId !== "" && !(typeof data.accountId === "string" && ID.test(data.accountId)))
    return null
  const told = { page: PAGE }
  for (const name of ["actionType", "platform", "placement", "accountId"])
    if (typeof data[name] === "string" && data[name].length <= 64) told[name] = data[name]
  const others = Array.isArray(data.reconnectAccounts) ? data.reconnectAccounts : []
  told.reconnectAccounts = others.filter((each) => typeof each === "string" && each.length <= 512).slice(0, MOST_IDS)
  return told
}
