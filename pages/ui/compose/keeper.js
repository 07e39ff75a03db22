// Keeps what was typed into a field that has left the page: a card was added, moved or removed while somebody typed,
// and the answer came late. Its text is told to Python from here; its input lives on here until it is left.

const left = new Map() // by the identity of its place: the last text, which Python has not heard yet
const keeper = { number: 0, draft: "", sent: { number: 0, texts: new Map() }, adopted: null, timer: 0 }

function keep(root, data, send) {
  if (data.draft !== keeper.draft) left.clear()
  Object.assign(keeper, { root, send, draft: data.draft, number: Math.max(keeper.number, data.number) })
  root.querySelector("div").classList.add("keeper")
  if (data.number >= keeper.sent.number) {
    for (const [identity, text] of keeper.sent.texts) if (left.get(identity) === text) left.delete(identity)
    keeper.sent.texts.clear()
  }
  if (left.size && !keeper.sent.texts.size) tellLeft()
}

// Python hears of all that is left; should it not have heard in a while, once more.
function tellLeft() {
  clearTimeout(keeper.timer)
  if (!left.size || !keeper.root?.host.isConnected) return
  keeper.number += 1
  keeper.sent = { number: keeper.number, texts: new Map(left) }
  keeper.send({ number: keeper.number, told: [...left.values()] })
  keeper.timer = setTimeout(tellLeft, AGAIN)
}

function leave({ data, text }) {
  left.set(data.identity, { path: data.path, moves: data.moves, text })
  tellLeft()
}

// Moves the input itself, with its focus and its caret: the next key goes into it as the one before did.
function adopt(one) {
  if (!keeper.root?.host.isConnected) return
  const { input } = one
  const caret = [input.selectionStart, input.selectionEnd]
  let timer = 0
  keeper.adopted?.done()
  keeper.adopted = {
    one,
    done() {
      clearTimeout(timer)
      input.oninput = input.onblur = input.onfocus = null
      keeper.adopted = null
      input.remove()
    },
  }
  input.oninput = () => {
    one.text = input.value
    left.set(one.data.identity, { path: one.data.path, moves: one.data.moves, text: one.text })
    clearTimeout(timer)
    timer = setTimeout(tellLeft, PAUSE)
  }
  input.onblur = () => {
    keeper.adopted?.done()
    tellLeft()
  }
  input.onfocus = null
  keeper.root.querySelector("label").textContent = `Still typed: ${one.data.name}`
  keeper.root.getElementById("box").replaceChildren(input)
  input.focus({ preventScroll: true })
  input.setSelectionRange(...caret)
}

// A field that is back where its text was left goes on with it.
function takeBack(one) {
  const found = left.get(one.data.identity)
  if (found) {
    left.delete(one.data.identity)
    one.text = one.input.value = found.text
    one.dirty = true
    one.timer = setTimeout(() => tell(one), PAUSE)
  }
  if (keeper.adopted?.one.data.identity !== one.data.identity) return
  const { input } = keeper.adopted.one
  const caret = [input.selectionStart, input.selectionEnd]
  keeper.adopted.done()
  one.input.focus({ preventScroll: true })
  one.input.setSelectionRange(...caret)
}
