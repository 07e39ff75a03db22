// Draws rows and tells what is done with them. Whatever a person or a vendor wrote goes in as text, never as markup.
// Rows are kept and filled anew, so that another page of the same list costs little.

const SVG = "http://www.w3.org/2000/svg"
const NONE = "–"
const HIGH = 24 // of a line's drawing, in its own units; it is stretched to its cell
const WIDE = 100
const BOX = 36 // pixels of the column of ticks
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365.25 * DAY
const MONTH = YEAR / 12
const UNITS = [
  [MINUTE, "min"],
  [HOUR, "h"],
  [DAY, "d", 2 * DAY], // until then hours read better, and so on
  [MONTH, "mo", 3 * MONTH],
  [YEAR, "y", 2 * YEAR],
]
const HEAD = 38 // pixels of the titles and the borders
const tables = new WeakMap()
let pressed = null // what was pressed last and where: mostly its page is laid out anew, with the same rows

export default function ({ data: { sheet, ...others }, parentElement, setStateValue, setTriggerValue }) {
  const data = { ...others, ...JSON.parse(sheet) }
  const known = tables.get(parentElement)
  const one = known ?? begin(parentElement)
  const again = one.data?.turn === data.turn && one.ids?.join() === data.ids.join()
  if (one.top && !data.ids.includes(one.ids[0])) one.sheet.scrollTop = 0
  Object.assign(one, { data, ids: data.ids, setStateValue, setTriggerValue })
  dress(one)
  const parts = JSON.stringify([data.columns, data.ticks])
  if (one.parts !== parts) lay(one)
  one.parts = parts
  const near = begun(one)
  rows(one, 0, near)
  one.rows.splice(data.ids.length).forEach((each) => each.line.remove())
  if (!again) one.ticked = new Set(data.ticked ?? [])
  mark(one)
  arrow(one)
  one.sheet.setAttribute("aria-rowcount", data.ids.length + 1)
  if (near < data.ids.length) later(() => one.data === data && (rows(one, near), mark(one)))
  if (!known) appear(one)
  else if (pressed?.one === one) pressed = null
  one.age ??= setInterval(() => grow(one), MINUTE * 1000)
  return () => {
    // Streamlit calls this for a run that a newer one overtook, too: only who has left the page is let go.
    if (parentElement.host.isConnected) return
    clearInterval(one.age)
    one.age = undefined
  }
}

function begin(root) {
  const sheet = root.querySelector(".sheet")
  const one = { sheet, head: sheet.querySelector("thead tr"), body: sheet.querySelector("tbody"), rows: [], top: 0 }
  one.widths = sheet.parentNode.appendChild(made("style", ""))
  sheet.addEventListener("click", (event) => press(one, event))
  sheet.addEventListener("keydown", (event) => walk(one, event))
  sheet.addEventListener("change", (event) => tick(one, event.target))
  sheet.addEventListener("scroll", () => (one.top = sheet.scrollTop), { passive: true })
  tables.set(root, one)
  return one
}

// How many rows are drawn at once: new ones that are out of sight follow when the browser has nothing else to do.
function begun({ data, rows, top }) {
  const sight = Math.max(rows.length, Math.ceil(data.most / data.row) + 1)
  return top || pressed || !data.most || data.ids.indexOf(data.open) >= sight ? data.ids.length : Math.min(sight, data.ids.length)
}

function rows(one, from, to = one.ids.length) {
  for (let place = from; place < to; place++) fill(one, row(one, place), place)
}

function later(then) {
  requestAnimationFrame(() => (window.requestIdleCallback ?? setTimeout)(then, { timeout: 500 }))
}

// A table that takes the place of another one goes on where that was; else the open row comes into sight.
function appear(one) {
  const { open, row, most } = one.data
  const again = one.ids.includes(pressed?.id) ? pressed : null
  const top = again ? again.top : (one.ids.indexOf(open) + 1) * row + HEAD - most
  if (top > 0) one.sheet.scrollTop = top
  if (again?.byKey) one.rows[one.ids.indexOf(again.id)].line.querySelector("a")?.focus({ preventScroll: true })
  pressed = null
}

function dress({ sheet, data }) {
  sheet.style.setProperty("--row", `${data.row}px`)
  sheet.style.setProperty("--most", `${data.most}px`)
  sheet.classList.toggle("presses", data.opens === "row")
  sheet.setAttribute("aria-label", data.label)
}

// What the columns are: drawn once, and again when they become others.
function lay(one) {
  const { columns, ticks } = one.data
  one.rows.splice(0).forEach((each) => each.line.remove())
  one.head.replaceChildren(...(ticks ? [box("th", "All rows here")] : []), ...columns.map(titled))
  one.all = ticks ? one.head.querySelector("input") : null
  one.widths.textContent = widths(one.data)
}

function titled(column) {
  const cell = classed(made("th", column.kind === "number" ? "figure" : ""), column)
  cell.setAttribute("role", "columnheader")
  const words = column.orders.length ? cell.appendChild(made("button", "")) : cell
  words.textContent = column.label
  if (column.help) cell.title = column.help
  return cell
}

// Says by which column the rows are sorted, and which way.
function arrow(one) {
  const heads = [...one.head.children].slice(one.data.ticks ? 1 : 0)
  one.data.columns.forEach(({ orders, falls }, at) => {
    const place = orders.indexOf(one.data.order)
    if (place < 0) heads[at].removeAttribute("aria-sort")
    else heads[at].setAttribute("aria-sort", (place === 1) === falls ? "ascending" : "descending")
  })
}

function classed(cell, column) {
  cell.classList.toggle("later", column.later)
  return cell
}

// How wide the columns are; what a wide screen leaves goes to the widest one.
function widths({ columns, ticks }) {
  const all = [...(ticks ? [BOX] : []), ...columns.map((each) => each.width)]
  const widest = all.indexOf(Math.max(...all))
  return all.map((width, at) => `tr>:nth-child(${at + 1}){width:${width}px${at === widest ? ";flex-grow:1" : ""}}`).join("")
}

function row(one, place) {
  if (one.rows[place]) return one.rows[place]
  const line = made("tr", "")
  line.setAttribute("role", "row")
  const cells = one.data.columns.map((column) => classed(KINDS[column.kind].make(), column))
  if (one.data.ticks) line.append(box("td", ""))
  line.append(...cells)
  one.body.append(line)
  return (one.rows[place] = { line, cells, was: [], box: one.data.ticks ? line.querySelector("input") : null })
}

function fill(one, { line, cells, was, box }, place) {
  const told = one.data.rows[place]
  one.data.columns.forEach((column, at) => {
    const now = JSON.stringify(told[at])
    if (was[at] === now && column.kind !== "ago" && column.kind !== "link") return
    was[at] = now
    cells[at].classList.toggle("none", told[at] === null)
    KINDS[column.kind].fill(cells[at], told[at], column, one.data.links?.[place])
  })
  if (box) box.setAttribute("aria-label", `Choose ${told[one.data.named] ?? "this row"}`)
  frame(one, place)
}

// Marks the row that is open.
function frame(one, place) {
  const { line } = one.rows[place]
  const is = one.data.ids[place] === one.data.open
  line.classList.toggle("open", is)
  if (is) line.setAttribute("aria-current", "true")
  else line.removeAttribute("aria-current")
}

const KINDS = {
  text: { make: () => cell("cut"), fill: (at, told) => text(at, told, told) },
  link: {
    make: () => {
      const at = cell("cut")
      at.append(made("a", ""))
      return at
    },
    fill: (at, told, _column, link) => {
      text(at.firstChild, told, told)
      if (link) at.firstChild.href = link
    },
  },
  tile: {
    make: () => {
      const at = cell("tile")
      at.append(made("span", ""))
      at.setAttribute("aria-hidden", "true")
      return at
    },
    fill: (at, told) => {
      text(at.firstChild, told[0])
      at.firstChild.style.background = told[1]
    },
  },
  chips: {
    make: () => cell("chips cut"),
    fill: (at, told) => {
      if (!told?.length) return text(at, null)
      at.replaceChildren(...told.map(chip))
    },
  },
  number: { make: () => cell("figure"), fill: (at, told, column) => text(at, shown(told, column), exact(told, column)) },
  line: {
    make: () => cell("line"),
    fill: (at, told) => (told ? drawn(at, told) : text(at, null)),
  },
  ago: { make: () => cell(""), fill: (at, told) => text(at, told === null ? null : ago(told), told === null ? null : utc(told)) },
}

function cell(name) {
  const at = made("td", name)
  at.setAttribute("role", "cell")
  return at
}

function made(tag, name) {
  const one = document.createElement(tag)
  if (name) one.className = name
  return one
}

function text(at, told, title) {
  const words = told ?? NONE
  if (at.firstChild?.nodeType === Node.TEXT_NODE && at.childNodes.length === 1) at.firstChild.data = words
  else at.textContent = words
  if (title) at.title = title
  else at.removeAttribute("title")
}

function chip([word, tint, title]) {
  const one = made("span", tint)
  one.textContent = word
  one.title = title ?? word
  return one
}

// A line of days; where nothing is known it has a gap, and a day between two gaps is a dot.
function drawn(at, told) {
  const known = told.filter((figure) => figure !== null)
  const low = Math.min(...known)
  const high = Math.max(...known)
  const step = WIDE / (told.length - 1)
  const pad = HIGH / 5
  const y = (figure) => HIGH - pad - ((HIGH - 2 * pad) * (figure - low)) / (high - low || 1)
  let line = at.querySelector("path")
  if (!line) {
    const svg = document.createElementNS(SVG, "svg")
    svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`)
    svg.setAttribute("preserveAspectRatio", "none")
    svg.setAttribute("aria-hidden", "true")
    line = document.createElementNS(SVG, "path")
    svg.append(line)
    at.replaceChildren(svg)
  }
  const drawn = told.map((figure, day) => {
    if (figure === null) return ""
    const goes = told[day - 1] ?? null
    const dot = goes === null && (told[day + 1] ?? null) === null ? "h1" : ""
    return `${goes === null ? "M" : "L"}${(day * step).toFixed(1)},${y(figure).toFixed(1)}${dot}`
  })
  line.setAttribute("d", drawn.join(""))
  at.title = `From ${PLAIN.format(known[0])} to ${PLAIN.format(known.at(-1))}`
}

// Figures: compact where they are large, with the exact one on hover; a rate is a share of a hundred.
const PLAIN = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 })
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 })
const FORMATS = {
  plain: (told) => String(told),
  grouped: (told) => PLAIN.format(told),
  compact: (told) => COMPACT.format(told),
  change: (told) => `${told < 0 ? "−" : "+"}${Math.abs(told).toFixed(1)}%`,
  rate: (told) => `${told.toFixed(2)}%`,
  seconds: (told) => `${told.toFixed(1)} s`,
}

function shown(told, column) {
  return told === null ? null : FORMATS[column.format](told)
}

function exact(told, column) {
  return told !== null && column.format === "compact" ? PLAIN.format(told) : null
}

function ago(second) {
  const passed = Date.now() / 1000 - second
  const length = Math.abs(passed)
  if (length < MINUTE) return "just now"
  const [unit, word] = UNITS.findLast(([unit, , from]) => length >= (from ?? unit))
  const told = `${Math.floor(length / unit)} ${word}`
  return passed < 0 ? `in ${told}` : `${told} ago`
}

function utc(second) {
  return `${new Date(second * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`
}

// Ages grow while nobody does anything.
function grow(one) {
  one.data.columns.forEach((column, at) => {
    if (column.kind !== "ago") return
    one.rows.forEach(({ cells }, place) => KINDS.ago.fill(cells[at], one.data.rows[place][at]))
  })
}

// Ticks: told as all that are ticked of these rows, so that a telling that is lost is made up for by the next.
function box(tag, words) {
  const at = made(tag, "box")
  at.setAttribute("role", tag === "th" ? "columnheader" : "cell")
  const label = made("label", "")
  const input = made("input", "")
  input.type = "checkbox"
  if (words) input.setAttribute("aria-label", words)
  label.append(input)
  at.append(label)
  return at
}

function mark(one) {
  if (!one.data.ticks) return
  one.rows.forEach(({ line, box }, place) => {
    box.checked = one.ticked.has(place)
    line.classList.toggle("chosen", box.checked)
  })
  one.all.checked = one.ids.length > 0 && one.ticked.size === one.ids.length
  one.all.indeterminate = one.ticked.size > 0 && !one.all.checked
}

function tick(one, input) {
  const all = one.ids.map((_each, place) => place)
  if (input === one.all) one.ticked = new Set(input.checked ? all : [])
  else {
    const place = one.rows.findIndex((each) => each.box === input)
    const [from, to] = one.shift && one.last !== undefined ? [one.last, place].sort((a, b) => a - b) : [place, place]
    for (const each of all.slice(from, to + 1)) one.ticked[input.checked ? "add" : "delete"](each)
    one.last = place
  }
  mark(one)
  one.setStateValue("ticked", { turn: one.data.turn, rows: [...one.ticked].sort((a, b) => a - b) })
}

// A press opens a row; with a key that opens another tab or window, a link is a link.
function press(one, event) {
  one.shift = event.shiftKey
  if (event.target.closest(".box")) return
  const title = event.target.closest("th button")
  if (title) return sort(one, title)
  const link = event.target.closest("a")
  const line = event.target.closest("tbody tr")
  if (!line || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return
  if (!link && (one.data.opens !== "row" || !getSelection().isCollapsed)) return
  event.preventDefault()
  const place = one.rows.findIndex((each) => each.line === line)
  const id = one.data.ids[place]
  pressed = { one, id, top: one.top, byKey: event.detail === 0 }
  if (one.data.opens === "link") return follow(link)
  one.data.open = one.data.closes && one.data.open === id ? null : id
  one.rows.forEach((_each, at) => frame(one, at))
  one.setTriggerValue("opened", id)
}

// Goes to another page as the browser's own buttons do: one run, and the way back leads to this very list.
function follow(link) {
  history.pushState(null, "", link.href)
  dispatchEvent(new PopStateEvent("popstate"))
}

// A press on a title asks for its first order, or for the next one when the rows have it already.
function sort(one, title) {
  const at = [...one.head.children].indexOf(title.parentNode) - (one.data.ticks ? 1 : 0)
  const { orders } = one.data.columns[at]
  const order = orders[(orders.indexOf(one.data.order) + 1) % orders.length]
  if (order !== one.data.order) one.setTriggerValue("order", order)
}

// The arrows lead from row to row, as the tab key does from part to part.
function walk(one, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const from = one.rows.findIndex((each) => each.line.contains(event.target))
  if (!step || from < 0 || event.target === one.sheet) return
  const next = one.rows[from + step]?.line.querySelector(event.target.matches("input") ? "input" : "a")
  if (!next) return
  event.preventDefault()
  next.focus()
}
