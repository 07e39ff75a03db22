"use strict";

const main = document.querySelector("main");
const outcome = document.getElementById("outcome");
const query = new URLSearchParams(window.location.search);

async function finish(approve) {
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  const account = document.getElementById("account").value;
  const asked = { state: query.get("state"), token: query.get("token"), page: query.get("page") };
  const body = { approve, account, alone: !window.opener, ...asked };
  const answer = await fetch(main.dataset.finish, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (told.redirect) {
    window.location.assign(told.redirect);
    return;
  }
  const named = window.opener || !told.message?.accountId ? "" : ` Its account id is ${told.message.accountId}.`;
  outcome.textContent = approve && answer.ok ? `Connected. You can close this window.${named}` : "Nothing was connected.";
  if (told.message && window.opener && answer.ok) {
    window.opener.postMessage(told.message, "*");
    window.close();
  }
}

document.getElementById("approve").addEventListener("click", () => finish(true));
document.getElementById("cancel").addEventListener("click", () => finish(false));
