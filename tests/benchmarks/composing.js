/* What a benchmark asks of the composer: its components draw in shadow roots, where no selector of the page reaches. */
window.composing = (() => {
  const hosts = () => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
  const within = (selector) => hosts().map((host) => host.shadowRoot?.querySelector(selector)).find(Boolean);
  let from = 0;
  for (const kind of ["pointerdown", "keydown"])
    document.addEventListener(kind, (event) => (from = event.timeStamp), true);
  const cards = () => within(".phone")?.querySelectorAll(".card").length ?? 0;
  const painted = (tell) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = tell;
    port2.postMessage(null);
  };

  return {
    cards,
    /* The milliseconds from the next click until the frame is over that shows so many cards. */
    card(number) {
      this.done = new Promise((resolve) => {
        const look = () => {
          if (cards() === number) painted(() => resolve(performance.now() - from));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
    },
    /* The milliseconds from each key until the frame that shows it on the phone is over. */
    keys: [],
    runs: 0,
    measure() {
      // The phone listens since it was drawn, so it is drawn anew before this is told.
      document.addEventListener("patchbay:typed", () => {
        const began = from;
        requestAnimationFrame(() => painted(() => this.keys.push(performance.now() - began)));
      });
      const app = document.querySelector("[data-testid=stApp]");
      const watch = () => (this.runs += app.dataset.testScriptState === "running");
      new MutationObserver(watch).observe(app, { attributeFilter: ["data-test-script-state"] });
    },
  };
})();
