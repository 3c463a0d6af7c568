// The live preview: what has changed is put into the page where it stands, and what is wrong is said below it.
"use strict";

const panel = document.createElement("details");
panel.append(document.createElement("summary"), document.createElement("ul"));
const below = document.createElement("aside");
below.className = "findings";
below.ariaLabel = "Findings";
below.dataset.live = "";
below.append(panel);
document.body.append(below);

const own = (node) => node.nodeType === 1 && (node.hasAttribute("data-live") || node.id === "card");
const children = (node) => [...node.childNodes].filter((child) => !own(child));

// Make one node say what another says, and touch nothing that is the same: the place to which a reader has scrolled,
// what is selected and what is unfolded stay.
function patch(now, next) {
  if (now.isEqualNode(next)) return;
  if (now.nodeType !== 1 || now.nodeName !== next.nodeName) return now.replaceWith(next);
  for (const { name, value } of [...next.attributes]) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && !(now.nodeName === "DETAILS" && name === "open")) now.removeAttribute(name);
  }
  let [from, to] = [children(now), children(next)];
  while (from.length && to.length && from[0].isEqualNode(to[0])) [from, to] = [from.slice(1), to.slice(1)];
  while (from.length && to.length && from.at(-1).isEqualNode(to.at(-1))) [from, to] = [from.slice(0, -1), to.slice(0, -1)];
  const behind = from.length ? from.at(-1).nextSibling : null;
  if (!from.length && !to.length) return;
  if (from.length === to.length) {
    for (const [index, child] of from.entries()) patch(child, to[index]);
  } else {
    const before = from.length ? behind : following(now, next, to);
    for (const child of from) child.remove();
    for (const child of to) now.insertBefore(child, before);
    for (const child of to) mark(child);
  }
  if (from.some((child) => child.nodeType === 3)) mark(now);
}

// Where new nodes go when none was taken out: before what stands behind them in the new text.
function following(now, next, to) {
  const count = children(next).length - children(next).indexOf(to.at(-1)) - 1;
  return count ? children(now).at(-count) : [...now.childNodes].find((child) => own(child)) ?? null;
}

function mark(node) {
  if (node.nodeType !== 1) return;
  node.classList.add("changed");
  node.addEventListener("animationend", () => {
    node.classList.remove("changed");
    if (!node.className) node.removeAttribute("class");
  }, { once: true });
}

async function refresh() {
  const answer = await fetch(location.pathname, { cache: "no-store" });
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const node of document.querySelectorAll(".changed")) node.classList.remove("changed");
  for (const node of document.querySelectorAll('[class=""]')) node.removeAttribute("class");
  document.title = next.title;
  const sheet = document.querySelector('link[rel="stylesheet"]');
  const asked = new Set([...next.querySelectorAll("[data-style]")].map((node) => node.dataset.style));
  for (const node of document.querySelectorAll("[data-style]")) asked.delete(node.dataset.style);
  patch(document.body, next.body);
  if (asked.size) sheet.href = `site.css?${Date.now()}`;
}

function redraw(addresses) {
  for (const image of document.images) {
    const address = image.getAttribute("src").split("?")[0];
    if (addresses.includes(address)) image.src = `${address}?${Date.now()}`;
  }
}

// The list opens when there is an error, and closes when there is none: in between, a reader may fold it.
function tell(findings, tally, broken) {
  const path = document.querySelector("[data-path]")?.dataset.path;
  panel.firstChild.textContent = broken.length ? `${tally}; errors in: ${broken.join(", ")}` : tally;
  if (broken.length !== 0 !== below.classList.contains("error")) panel.open = broken.length !== 0;
  below.className = broken.length ? "findings error" : "findings";
  findings.sort((a, b) => (b.path === path) - (a.path === path));
  panel.lastChild.replaceChildren(...findings.map(line));
}

function line(found) {
  const item = document.createElement("li");
  const [severity, link, hint] = ["span", "a", "span"].map((name) => document.createElement(name));
  severity.className = found.severity;
  severity.textContent = `${found.severity}[${found.rule}] `;
  link.href = found.address;
  link.textContent = found.place;
  hint.className = "hint";
  hint.textContent = found.hint;
  item.append(link, " ", severity, found.message, ...(found.hint ? [hint] : []));
  return item;
}

let lost = false;
let again = "";   // the command that starts the preview
const news = new EventSource("~events".replace(/^/, new URL("/", location).pathname));
news.addEventListener("open", () => {
  if (lost) refresh();
  lost = false;
});
news.addEventListener("error", () => {
  lost = true;
  below.className = "findings away";
  panel.firstChild.textContent = `the preview has ended${again && `: ${again}`}`;
});
news.addEventListener("message", async (event) => {
  const { pictures, findings, tally, broken, command } = JSON.parse(event.data);
  again = command;
  if (pictures && !location.pathname.startsWith("/~")) await refresh();
  redraw(pictures ?? []);
  tell(findings, tally, broken);
});

// The page with the PDF: the newest one, turned to what has changed in it; what it shows stays until the next is there.
const view = document.getElementById("pdf");
let shown = 0;

function turn(place) {
  const frame = document.createElement("iframe");
  frame.title = "The paper as PDF";
  frame.src = `${view.dataset.file}?${shown}#${place ? `${place}&` : ""}navpanes=0`;
  const before = [...view.querySelectorAll("iframe")];
  frame.addEventListener("load", () => setTimeout(() => before.forEach((old) => old.remove()), 400), { once: true });
  view.insertBefore(frame, before[0] ?? null);
}

function chapter() {
  return location.hash ? `nameddest=${location.hash.slice(1)}` : "";
}

if (view) {
  const [line, bar] = [view.querySelector("p"), view.querySelector("progress")];
  const status = view.querySelector("[role=status]");
  addEventListener("hashchange", () => shown && turn(chapter()));
  news.addEventListener("pdf", (event) => {
    const { number, page, busy, why } = JSON.parse(event.data);
    const old = shown ? "This is the PDF from before" : "There is no PDF yet";
    const making = `${shown ? "A new PDF" : "The PDF"} is being made`;
    status.textContent = why ? `${old}: ${why}` : busy ? making : "";
    line.className = why ? "old" : "";
    bar.hidden = !busy;
    if (!number || number === shown) return;
    const first = !shown;
    shown = number;
    turn(first || !page ? chapter() : `page=${page}`);
    view.dataset.shown = shown;
  });
}
