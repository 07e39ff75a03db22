// Opens the vendor's sign-in on the click itself, in a window or in a tab, hears what that says, and tells Python.
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
  button.onclick = () => {
    const there = standing(one)
    if (there) there.focus()
    else if (!open(one, data.name, data.address, features())) say(one, { what: "blocked", key: one.key })
  }
  beside.onclick = (event) => {
    // A vendor that tells by a message needs a tab that knows this page; any other tab is opened without it, as is one
    // that the browser itself opens (by its menu, by a key, or because it refuses ours).
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    if (plain && data.origins.length && open(one, `${data.name}-tab`, data.address)) event.preventDefault()
  }
  one.draw()
  return () => {
    // Streamlit also cleans up after a run that a newer one overtook, and does so after that one has begun to listen.
    if (one.tell !== tell) return
    one.tell = null
    one.draw = () => {}
  }
}

function hold(key) {
  const one = { key, opened: new Set(), origins: [], tell: null, untold: null, heard: "", draw: () => {} }
  window.addEventListener("message", (event) => {
    if (!one.opened.has(event.source) || !one.origins.includes(event.origin)) return
    const data = shaped(event.data)
    const words = JSON.stringify(data)
    if (!data || words === one.heard) return // a window that repeats itself is told of once: each telling asks the vendor
    one.heard = words
    say(one, { what: "heard", key, origin: event.origin, data })
  })
  held.set(key, one)
  return one
}

function standing(one) {
  return [...one.opened].find((each) => !each.closed)
}

function isOpen(one) {
  return Boolean(standing(one))
}

// Gives whether there is a window of that name now. By its name it is found again, after a reload of this page too; only
// a new one is sent on its way.
function open(one, name, address, how = "") {
  const found = window.open("", name, how)
  if (!found) return false
  const watched = isOpen(one)
  if (!one.opened.has(found)) one.heard = ""
  one.opened.add(found)
  if (isBlank(found)) found.location.replace(address)
  found.focus()
  one.draw()
  if (!watched) watch(one)
  return true
}

function features() {
  const [width, height] = [620, 760]
  const left = Math.max(0, window.screenX + (window.outerWidth - width) / 2)
  const top = Math.max(0, window.screenY + (window.outerHeight - height) / 2)
  return `popup=yes,width=${width},height=${height},left=${Math.round(left)},top=${Math.round(top)}`
}

function isBlank(found) {
  try {
    return found.location.href === "about:blank"
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
