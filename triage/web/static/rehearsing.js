// A policy file is put into the field of the form, so that no file is ever sent; and a rehearsal that runs tells how far it is.
import "./desk.js";

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;

const LARGEST = 150_000;
const file = document.getElementById("file");
file?.addEventListener("change", async () => {
  const chosen = file.files[0];
  if (!chosen) return;
  const said = document.getElementById("file-said");
  if (chosen.size > LARGEST) {
    said.textContent = "This file is too large to be a policy.";
    return;
  }
  document.getElementById("policy").value = await chosen.text();
  said.textContent = "The file is in the field below.";
});

const place = document.querySelector("[data-rehearsal]");
const bar = place?.querySelector("progress");
let timer = 0;

async function look() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(`/api/v1/rehearsals/${place.dataset.rehearsal}`, { cache: "no-store" });
  if (!answer.ok) return clearInterval(timer);
  const { rehearsal } = await answer.json();
  if (rehearsal.state !== "running") {
    clearInterval(timer);
    return location.reload();
  }
  bar.value = rehearsal.percent;
  const said = `${rehearsal.percent} % done`;
  const shown = place.querySelector("[data-said]");
  if (shown.textContent !== said) shown.textContent = said;
}

if (place) timer = setInterval(() => look().catch(() => {}), 2_000);
