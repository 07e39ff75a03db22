// Draws a message as Instagram would. Whatever a person or a vendor wrote goes in as text and never as markup.
// It keeps its own copy of the body: each key in a field (the event "patchbay:typed") is drawn at once, without Python.

const TYPED = "patchbay:typed"
const ASKED = "patchbay:asked" // fields that are ahead of Python answer with what they hold
const MOST = 20 // cards and replies that are drawn: twice what may leave
const KINDS = ["TEXT", "TEMPLATE", "MEDIA", "STICKER"]
const SVG = "http://www.w3.org/2000/svg"
const HEART = "M38 66C14 47 2 35 2 20 2 9 10 2 20 2c7 0 14 4 18 11C42 6 49 2 56 2c10 0 18 7 18 18 0 15-12 27-36 46z"
const PLAY = "M0 0 15 9 0 18Z"
const BACK = "M9 1 1 9l8 8"
const VIDEO = /\.(mp4|mov|avi|webm|mkv)$/i
const AUDIO = /\.(mp3|wav|ogg|m4a|aac)$/i

const TALL = 800 // pixels from the phone's controls to its foot: a lower window cuts the controls, not the phone

const phones = new WeakMap()

export default function ({ data, parentElement }) {
  const one = phones.get(parentElement) ?? begin(parentElement)
  const wasCard = one.data?.card
  one.data = data
  if (data.stays) stay(parentElement.host.closest("[data-testid=stColumn]"))
  one.body = structuredClone(data.body)
  draw(one)
  if (data.card !== wasCard) show(one, data.card)
  document.dispatchEvent(new CustomEvent(ASKED))
  return () => {
    // Streamlit calls this for a run that a newer one overtook, too: only who has left the page is let go.
    if (!parentElement.host.isConnected) document.removeEventListener(TYPED, one.heard)
  }
}

function stay(column) {
  if (column) Object.assign(column.style, { position: "sticky", alignSelf: "flex-start", top: `min(60px, calc(100vh - ${TALL}px))` })
}

function begin(root) {
  const one = { root, screen: root.querySelector(".phone"), pictures: new Map(), waits: false }
  one.heard = ({ detail }) => {
    put(one.body, detail.path, detail.value)
    draw(one)
    const card = /^template\[(\d+)\]/.exec(detail.path)
    if (card) show(one, Number(card[1]))
  }
  document.addEventListener(TYPED, one.heard)
  phones.set(root, one)
  return one
}

// "template[0].buttons[1].title" names a place in the body; what is not there yet is made.
function put(body, path, value) {
  const steps = path.match(/[A-Za-z]+|\d+/g)
  let place = body
  for (const [index, step] of steps.entries()) {
    if (index === steps.length - 1) place[step] = value
    else place = place[step] = inside(place[step]) ?? (/^\d/.test(steps[index + 1]) ? [] : {})
  }
}

function inside(value) {
  return typeof value === "object" ? value : null
}

function draw(one) {
  const chat = one.screen.querySelector(".chat")
  const row = one.screen.querySelector(".cards")
  const replies = one.screen.querySelector(".replies")
  const kept = chat && {
    end: chat.scrollTop + chat.clientHeight >= chat.scrollHeight - 2,
    top: chat.scrollTop,
    cards: row?.scrollLeft ?? 0,
    replies: replies?.scrollLeft ?? 0,
  }
  one.seen = new Map()
  const message = read(one)
  one.screen.className = `phone ${one.data.mode}`
  one.screen.setAttribute("aria-label", spoken(one.data.sender, message))
  one.screen.replaceChildren(...screen(one, message))
  one.pictures = one.seen
  scroll(one.screen, kept)
}

function scroll(screen, kept) {
  const chat = screen.querySelector(".chat")
  chat.scrollTop = !kept || kept.end ? chat.scrollHeight : kept.top
  if (!kept) return
  for (const [name, left] of [[".cards", kept.cards], [".replies", kept.replies]]) {
    const row = screen.querySelector(name)
    if (row) row.scrollLeft = left
  }
}

function show(one, card) {
  const row = one.screen.querySelector(".cards")
  const shown = row?.children[card]
  if (shown) row.scrollLeft = shown.offsetLeft - row.firstElementChild.offsetLeft
}

// What of the body is drawn: texts with their variables filled, and nothing that is no text.
function read({ body, data }) {
  const text = (value) => (typeof value === "string" ? filled(value, data.variables).trim() : "")
  const list = (value) => (Array.isArray(value) ? value : []).slice(0, MOST).map((each) => each ?? {})
  const told = text(body.contentType).toUpperCase()
  const kind = KINDS.includes(told) ? told : "TEXT"
  const carries = (...kinds) => kinds.includes(kind)
  return {
    text: carries("TEXT", "TEMPLATE") ? text(body.content) : "",
    cards: carries("TEMPLATE") ? list(body.template).map((card, index) => readCard(card, index, text, list)) : [],
    media: carries("MEDIA") && text(body.url) ? { address: body.url, kind: mediaKind(text(body.url)) } : null,
    heart: carries("STICKER"),
    replies: list(body.quickReplies).map((reply) => text(reply.title)),
  }
}

function readCard(card, index, text, list) {
  return {
    at: `template[${index}]`,
    title: text(card.title),
    subtitle: text(card.subtitle),
    address: text(card.imageUrl) && card.imageUrl,
    buttons: list(card.buttons).map((button) => text(button.title)),
  }
}

function mediaKind(address) {
  const path = address.split(/[?#]/)[0]
  return VIDEO.test(path) ? "video" : AUDIO.test(path) ? "audio" : "image"
}

function spoken(sender, { text, cards, media, heart, replies }) {
  const parts = []
  if (text) parts.push(`text “${text}”`)
  if (cards.length) parts.push(`${cards.length === 1 ? "1 card" : `${cards.length} cards`}: ${cards.map(spokenCard).join("; ")}`)
  if (media) parts.push(`${media.kind} ${media.address}`)
  if (heart) parts.push("a heart")
  if (replies.some(Boolean)) parts.push(`quick replies: ${replies.filter(Boolean).join(", ")}`)
  return `Preview of the message from ${sender.name}: ${parts.join(". ") || "nothing to show yet"}`
}

function spokenCard({ title, subtitle, address, buttons }, index) {
  const named = buttons.filter(Boolean)
  const parts = [`${index + 1} ${title || "without a title"}`, subtitle, address && "an image"]
  return [...parts, named.length && `buttons ${named.join(", ")}`].filter(Boolean).join(", ")
}

function screen(one, message) {
  const { sender, when, before } = one.data
  const parts = drawnParts(one, message)
  const chat = make("div", "chat")
  if (!parts.length) chat.append(make("div", "nothing", "Nothing to show yet. Write the message on the left."))
  else {
    if (when) chat.append(make("div", "when", when))
    if (before) chat.append(make("div", "own", before))
    chat.append(group(parts, sender))
  }
  const strip = make("div", "replies")
  strip.append(...message.replies.map((title) => make("span", "reply", title)))
  return [
    bar(),
    contact(sender),
    chat,
    ...(message.replies.length ? [strip] : []),
    composer(),
    make("div", "home"),
  ]
}

function bar() {
  const top = make("div", "bar")
  const right = make("span", "power")
  right.append(make("i", "signal"), make("i", "battery"))
  top.append(make("span", "clock", "9:41"), make("span", "island"), right)
  return top
}

function contact(sender) {
  const top = make("div", "contact")
  const names = make("div", "names")
  names.append(make("b", "", sender.name))
  if (sender.handle) names.append(make("span", "", sender.handle))
  top.append(drawing("back", 10, 18, BACK), make("span", "avatar", sender.initials), names)
  return top
}

function composer() {
  const box = make("div", "composer")
  box.append(make("i", "camera"), make("span", "", "Message…"), make("i", "voice"))
  return box
}

function group(parts, sender) {
  const said = make("div", "said")
  said.append(...parts, make("span", "avatar small", sender.initials))
  return said
}

function drawnParts(one, { text, cards, media, heart }) {
  const parts = []
  if (text) parts.push(make("div", "bubble", text))
  if (cards.length) {
    const row = make("div", "cards")
    row.append(...cards.map((card) => drawnCard(one, card)))
    parts.push(row)
  }
  if (media) parts.push(drawnMedia(one, media))
  if (heart) parts.push(drawing("heart", 76, 68, HEART))
  return parts
}

function drawnCard(one, { at, title, subtitle, address, buttons }) {
  const card = make("div", "card")
  if (address) card.append(picture(one, at, address))
  const words = make("div", "words")
  words.append(make("b", title ? "" : "missing", title || "No title yet"))
  if (subtitle) words.append(make("span", "", subtitle))
  card.append(words, ...buttons.map((each) => make("div", each ? "button" : "button missing", each || "No caption yet")))
  return card
}

function drawnMedia(one, { address, kind }) {
  if (kind === "image") return picture(one, "url", address, "media")
  const box = make("div", kind)
  box.append(drawing("play", 15, 18, PLAY))
  if (kind === "audio") box.append(make("i", "wave"))
  return box
}

// A picture that was loaded stays the same element, so that typing makes none of them flicker.
function picture(one, at, address, more = "") {
  const ours = Object.hasOwn(one.data.images, address) ? one.data.images[address] : ""
  const box = make("div", `picture ${more}`)
  if (!ours.startsWith("/") || ours.startsWith("//")) {
    box.append(make("span", "", one.data.lacking))
    return box
  }
  const known = one.pictures.get(`${at} ${ours}`) ?? loading(ours)
  one.seen.set(`${at} ${ours}`, known)
  box.append(known, make("span", "", one.data.lacking))
  return box
}

function loading(address) {
  const image = document.createElement("img")
  image.alt = ""
  image.onerror = () => image.classList.add("failed")
  image.src = address
  return image
}

function make(tag, name, text = "") {
  const made = document.createElement(tag)
  if (name) made.className = name
  made.textContent = text
  return made
}

function drawing(name, width, height, path) {
  const made = document.createElementNS(SVG, "svg")
  const line = document.createElementNS(SVG, "path")
  line.setAttribute("d", path)
  made.setAttribute("class", name)
  made.setAttribute("viewBox", `0 0 ${width} ${height}`)
  made.setAttribute("width", width)
  made.setAttribute("height", height)
  made.append(line)
  return made
}
