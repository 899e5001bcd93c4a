// Says on screen when a card has come since the room was opened. It looks once a minute while the page is in view, for an hour.
import "./desk.js";

const news = document.getElementById("room-news");
let looks = 60;

async function look() {
  if (document.visibilityState !== "visible") return;
  if (--looks < 0) return clearInterval(timer);
  const answer = await fetch("/safeguarding", { cache: "no-store" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const there = page.getElementById("room-news")?.dataset.cards;
  if (!there || there === news.dataset.cards || news.hasChildNodes()) return;
  const link = Object.assign(document.createElement("a"), { href: "/safeguarding", className: "govuk-link", textContent: "The cards have changed: load them." });
  news.append(link);
}

const timer = setInterval(() => look().catch(() => {}), 60_000);
