// Small comforts on top of pages that work without them: GOV.UK components, and single-key shortcuts that can be switched off.
import { createAll, Button, ErrorSummary, NotificationBanner, SkipLink } from "/static/vendor/govuk-frontend-6.6.0/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, ErrorSummary, NotificationBanner, SkipLink]) createAll(component);

const SETTING = "triage-shortcuts";
const areOn = () => localStorage.getItem(SETTING) !== "off";
const rows = [...document.querySelectorAll("[data-row]")];
let current = -1;

function mark(next) {
  if (!rows.length) return;
  current = Math.min(Math.max(next, 0), rows.length - 1);
  rows[current].querySelector("[data-open]").focus();
  rows[current].scrollIntoView({ block: "nearest" });
}

const acts = {
  j: () => mark(current + 1),
  k: () => mark(current - 1),
  d: () => document.getElementById("decision")?.focus(),
  n: () => document.querySelector("[data-next]")?.click(),
  "?": () => document.getElementById("keys-dialog")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=radio]), textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !areOn()) return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const [index, row] of rows.entries()) row.addEventListener("focusin", () => { current = index; });

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
