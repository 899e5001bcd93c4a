// Small comforts on top of pages that work without them: GOV.UK components, single-key shortcuts that can be switched off,
// and a page that says it is still open, so that others see who is looking and a claim goes on.
import { createAll, Button, ErrorSummary, NotificationBanner, SkipLink } from "/static/vendor/govuk-frontend-6.6.0/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, ErrorSummary, NotificationBanner, SkipLink]) createAll(component);

const SETTING = "triage-shortcuts";
const ONWARD = "triage-onward";
const EVERY = 60_000;
const areOn = () => localStorage.getItem(SETTING) !== "off";
const rows = [...document.querySelectorAll("[data-row]")];
const decision = document.querySelector('form[action$="/reviews"]');
const answers = decision ? [...decision.querySelectorAll('input[type=radio][name^="answer-"]')] : [];
const codes = [...new Set(answers.map((input) => input.name.slice("answer-".length)))];
let current = -1;
let clause = codes[0];

function mark(next) {
  if (!rows.length) return;
  current = Math.min(Math.max(next, 0), rows.length - 1);
  rows[current].querySelector("[data-open]").focus();
  rows[current].scrollIntoView({ block: "nearest" });
}

const inRow = (what) => rows[current]?.querySelector(what);
const next = () => document.querySelector("[data-next]")?.click();

function answer(value) {
  const input = answers.find((found) => found.name === `answer-${clause}` && found.value === value);
  if (!input) return false;
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
  return true;
}

// The next choice of a question of this clause, the first where none is made; nothing is chosen before a person asks.
function choose(question) {
  const choices = [...(decision?.querySelectorAll(`input[type=radio][name="${question}-${clause}"]`) ?? [])];
  const chosen = choices[(choices.findIndex((input) => input.checked) + 1) % choices.length];
  if (!chosen || !answer("yes")) return;
  chosen.checked = true;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  chosen.focus();
}

function record() {
  if (!decision) return;
  sessionStorage.setItem(ONWARD, location.pathname);
  decision.requestSubmit();
}

const acts = {
  j: () => mark(current + 1),
  k: () => mark(current - 1),
  o: () => (inRow("[data-open]") ?? rows[0]?.querySelector("[data-open]"))?.click(),
  x: () => inRow("[data-pick]")?.click(),
  c: () => (inRow("[data-claim]") ?? document.querySelector('form[action$="/claim"] button'))?.click(),
  d: () => document.getElementById("decision")?.focus(),
  y: () => answer("yes"),
  n: () => answer("no") || next(),
  u: () => answer("unsure"),
  l: () => choose("limb"),
  b: () => choose("out_of_character"),
  v: () => choose("visit_planned"),
  e: () => document.getElementById(`limb_evidence-${clause}`)?.focus(),
  r: () => document.getElementById(`reason-${clause}`)?.focus(),
  s: record,
  q: () => document.querySelector(".govuk-back-link")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys-dialog")?.showModal(),
};
for (let number = 1; number <= 9; number += 1) {
  acts[number] = () => {
    if (!codes[number - 1]) return;
    clause = codes[number - 1];
    document.getElementById(`answer-${clause}`)?.focus();
  };
}

document.addEventListener("keydown", (event) => {
  if (!areOn()) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && decision?.contains(event.target)) {
    event.preventDefault();
    record();
    return;
  }
  const typing = event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const [index, row] of rows.entries()) row.addEventListener("focusin", () => { current = index; });
decision?.addEventListener("focusin", (event) => {
  const found = codes.find((code) => event.target.name?.endsWith(`-${code}`));
  if (found) clause = found;
});

// After "record and go on": the page that says "recorded" leads on to the next flag, and that one says so.
const from = sessionStorage.getItem(ONWARD);
if (from) {
  sessionStorage.removeItem(ONWARD);
  const onward = document.querySelector("[data-next]");
  if (location.pathname === from && new URLSearchParams(location.search).get("done") === "decided" && onward) {
    sessionStorage.setItem(`${ONWARD}-said`, from);
    location.replace(onward.href);
  }
}
const said = sessionStorage.getItem(`${ONWARD}-said`);
if (said && location.pathname !== said && location.pathname.startsWith("/flags/")) {
  sessionStorage.removeItem(`${ONWARD}-said`);
  const note = document.createElement("p");
  note.className = "govuk-inset-text";
  note.setAttribute("role", "status");
  const back = document.createElement("a");
  back.className = "govuk-link";
  back.href = said;
  back.textContent = "Look at it again or take it back";
  note.append("Your last decision is recorded. ", back, ".");
  document.getElementById("main")?.prepend(note);
}

const open = document.querySelector("[data-flag]");
const token = open?.parentElement.querySelector("input[name=token]")?.value;
if (open && token) {
  const stay = () => {
    if (document.visibilityState !== "visible") return;
    fetch(`/flags/${open.dataset.flag}/presence`, { method: "POST", body: new URLSearchParams({ token }) }).catch(() => {});
  };
  setInterval(stay, EVERY);
}

const toggle = document.getElementById("keys-toggle");
if (toggle) {
  const state = document.getElementById("keys-state");
  const show = () => {
    toggle.textContent = areOn() ? "Switch shortcuts off" : "Switch shortcuts on";
    state.textContent = areOn() ? "Shortcuts are on." : "Shortcuts are off.";
  };
  toggle.hidden = state.hidden = false;
  document.getElementById("keys-without").hidden = true;
  toggle.addEventListener("click", () => { localStorage.setItem(SETTING, areOn() ? "off" : "on"); show(); });
  show();
}
