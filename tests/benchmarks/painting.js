/* Says when something was painted. The cells of Streamlit's grid are text drawn on its canvas (its table for assistance
   follows 200 ms later); everything else stands in the document, or in the shadow of a component. Told is the moment
   after the frame that shows it. */
window.painting = (() => {
  const rows = new Map(); // by height: the texts of a row, by their place in it
  const NEAR = 12; // pixels by which a cell's text may move as the columns take their place
  const shadows = new Set();
  let grid, is, tell, from, asked;

  const sheet = () => {
    for (const root of shadows) {
      const row = root.host.isConnected ? root.querySelector(".sheet tbody tr") : null;
      if (row) return [...row.querySelectorAll("td:not(.box, .tile)")].slice(0, 2).map((cell) => cell.textContent).join(" ");
    }
    return null;
  };

  const first = () => {
    const told = sheet();
    if (told !== null) return told;
    if (!rows.size || !grid.isConnected) return null;
    const row = rows.get(Math.min(...rows.keys()));
    return [...row.keys()].sort((one, other) => one - other).slice(0, 3).map((x) => row.get(x)).join(" ");
  };

  const look = () => {
    asked = false;
    if (!is || !is()) return;
    is = null;
    const row = first();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => tell({ milliseconds: performance.now() - from, row });
      port2.postMessage(null);
    });
  };

  const soon = () => {
    if (is && !asked) {
      asked = true;
      queueMicrotask(look);
    }
  };

  const draw = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    if (this.canvas.dataset.testid === "data-grid-canvas") {
      if (grid !== this.canvas) {
        grid = this.canvas;
        rows.clear();
      }
      if (!rows.has(y)) rows.set(y, new Map());
      const row = rows.get(y);
      for (const other of row.keys()) if (Math.abs(other - x) < NEAR) row.delete(other); // what it is drawn over
      row.set(x, text);
      soon();
    }
    return draw.call(this, text, x, y, ...rest);
  };
  const all = { childList: true, subtree: true, characterData: true };
  new MutationObserver(soon).observe(document, all);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...how) {
    const root = attach.apply(this, how);
    shadows.add(root);
    new MutationObserver(soon).observe(root, all);
    return root;
  };
  const begin = (event) => {
    if (is && from === null) from = event.timeStamp;
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, begin, true);

  const self = {
    first,
    /* Wait for something to be true: counted from the start of the document, or from the next click or key. */
    until(condition, start = null) {
      from = start;
      is = condition;
      self.done = new Promise((resolve) => (tell = resolve));
      soon();
    },
    text(selector) {
      const told = () => document.querySelector(selector)?.textContent;
      const before = told();
      self.until(() => told() !== undefined && told() !== before);
    },
    row() {
      const before = first();
      const none = () => document.querySelector(".st-key-empty") !== null; // what the page says instead of a grid
      self.until(() => first() !== before && (first() !== null || none()));
    },
  };
  return self;
})();
