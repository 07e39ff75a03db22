// A field that never waits for Python: the counter and the phone follow each key, Python hears of it after a pause.
// What was typed is sent with a number. Until Python has heard the latest number, what it says is older than this text.

const PAUSE = 400 // milliseconds without a key
const AGAIN = 5000 // should Python not have heard
const TYPED = "patchbay:typed"
const ASKED = "patchbay:asked" // the phone was drawn from what Python knows

const fields = new WeakMap()
const utf8 = new TextEncoder()

export default function ({ data, parentElement, setStateValue }) {
  if (data.keeper) return keep(parentElement, data, (left) => setStateValue("left", left))
  const one = fields.get(parentElement) ?? begin(parentElement, data)
  one.send = (typed) => setStateValue("typed", typed)
  accept(one, data)
  return () => {
    if (!parentElement.host.isConnected) end(one) // else a newer run overtook this one, and the field stays
  }
}

function begin(root, data) {
  const one = { root, data, text: data.value, number: data.number, dirty: false, focused: false, timer: 0 }
  one.watch = new MutationObserver(() => root.host.isConnected || end(one))
  one.input = document.createElement(data.area ? "textarea" : "input")
  one.input.id = "text"
  one.input.maxLength = data.longest
  one.input.autocomplete = "off"
  one.input.value = data.value
  one.input.setAttribute("aria-describedby", "counter error")
  root.getElementById("box").replaceChildren(one.input)
  one.input.oninput = () => typed(one)
  one.input.onfocus = () => {
    one.focused = true
    one.watch.observe(document, { childList: true, subtree: true }) // sees it leave before the next key
  }
  one.input.onblur = () => {
    if (one.dirty) tell(one)
    setTimeout(() => rest(one)) // a field that is being taken away loses the focus first
  }
  one.asked = () => isAhead(one) && announce(one)
  document.addEventListener(ASKED, one.asked)
  fields.set(root, one)
  takeBack(one)
  return one
}

function rest(one) {
  one.focused = one.root.activeElement === one.input
  if (!one.focused) one.watch.disconnect()
}

// The field has left the page: what Python has not heard of it is kept, and whoever types into it goes on there.
function end(one) {
  if (one.ended) return
  one.ended = true
  one.watch.disconnect()
  clearTimeout(one.timer)
  document.removeEventListener(ASKED, one.asked)
  if (isAhead(one)) leave(one)
  if (one.focused && document.activeElement === document.body) adopt(one)
}

function isAhead(one) {
  return one.dirty || one.number !== one.data.number
}

function accept(one, data) {
  one.data = data
  if (!isAhead(one)) {
    clearTimeout(one.timer)
    if (one.text !== data.value) {
      one.text = one.input.value = data.value
      announce(one)
    }
  }
  one.root.querySelector("label").textContent = data.label
  one.input.placeholder = data.placeholder
  if (data.area) grow(one)
  count(one)
}

function typed(one) {
  one.text = one.input.value
  one.dirty = true
  if (one.data.area) grow(one)
  count(one)
  announce(one)
  clearTimeout(one.timer)
  one.timer = setTimeout(() => tell(one), PAUSE)
}

function tell(one) {
  clearTimeout(one.timer)
  one.dirty = false
  one.number += 1
  one.send({ number: one.number, told: [one.text] })
  one.timer = setTimeout(() => isAhead(one) && tell(one), AGAIN)
}

function announce(one) {
  document.dispatchEvent(new CustomEvent(TYPED, { detail: { path: one.data.path, value: one.text } }))
}

function grow(one) {
  one.input.style.height = "auto"
  one.input.style.height = `${one.input.scrollHeight + 2}px`
}

function count(one) {
  const { limit, unit, whose, error, variables } = one.data
  const leaves = filled(one.text, variables)
  const characters = [...leaves].length
  const size = unit === "bytes" ? utf8.encode(leaves).length : characters
  const over = limit !== null && size > limit
  const said = []
  if (limit !== null) {
    said.push(`${number(size)} of ${number(limit)}${unit === "bytes" ? " bytes" : ""}${whose && ` (${whose})`}`)
    if (over) said.push(`${number(size - limit)} too many`)
    if (unit === "bytes") said.push(`${number(characters)} ${characters === 1 ? "character" : "characters"}`)
    if (leaves !== one.text) said.push("variables filled")
  }
  const counter = one.root.getElementById("counter")
  counter.textContent = said.join(" · ")
  counter.classList.toggle("over", over)
  one.root.getElementById("error").textContent = error
  one.input.setAttribute("aria-invalid", over || error ? "true" : "false")
}

function number(value) {
  return value.toLocaleString("en-US")
}
