// What a page of the site can do besides being read: notes and sources where they are called, and the search.
// Every page is whole without it.
"use strict";

// --- a note or a source beside the place that calls it ---------------------------------------------------------------

const card = document.createElement("div");
card.className = "card";
card.id = "card";
card.role = "tooltip";
card.hidden = true;
document.body.append(card);
let called = null;
let timer = 0;

function target(link) {
  const name = decodeURIComponent(link.hash.slice(1));
  const said = link.getAttribute("href").startsWith("#") && /^(fn\d|ref-)/.test(name);
  return said ? document.getElementById(name) : null;
}

function show(link) {
  const what = target(link);
  if (!what || what.contains(link)) return;
  const copy = what.cloneNode(true);
  for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
  for (const part of copy.querySelectorAll(".footnote-back, .address, .suggest")) part.remove();
  for (const name of ["lang", "dir"]) card[name] = what.closest(`[${name}]`)?.[name] ?? "";
  card.replaceChildren(...copy.childNodes);
  card.hidden = false;
  const at = link.getBoundingClientRect();
  const room = document.documentElement.clientWidth - card.offsetWidth - 8;
  card.style.left = `${scrollX + Math.max(8, Math.min(at.left, room))}px`;
  const above = at.top > card.offsetHeight + 8 && at.bottom + card.offsetHeight + 8 > innerHeight;
  card.style.top = `${scrollY + (above ? at.top - card.offsetHeight - 6 : at.bottom + 6)}px`;
  link.setAttribute("aria-describedby", "card");
  called = link;
}

function hide() {
  clearTimeout(timer);
  card.hidden = true;
  called?.removeAttribute("aria-describedby");
  called = null;
}

function over(event) {
  const link = event.target.closest?.("main a[href^='#']");
  if (link && link !== called && target(link)) {
    clearTimeout(timer);
    hide();
    show(link);
  } else if (link === called || card.contains(event.target)) {
    clearTimeout(timer);
  }
}

if (matchMedia("(hover: hover)").matches) {
  document.addEventListener("mouseover", over);
  document.addEventListener("mouseout", () => {
    clearTimeout(timer);
    timer = setTimeout(hide, 250);
  });
}
document.addEventListener("focusin", over);
document.addEventListener("focusout", hide);
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
document.addEventListener("click", hide);

// --- the search: results as a reader types ----------------------------------------------------------------------------

const form = document.getElementById("search");
const results = document.getElementById("results");
const all = document.getElementById("all"); // on the page of the search alone
const box = form?.elements.q;
const PAUSE = 150; // milliseconds without a key before the index is asked
const PLACES = 2; // places shown of one chapter

let index = null;
let pause = 0;

async function openIndex() {
  const made = await import("./pagefind/pagefind.js");
  await made.init();
  return made;
}

async function search(words) {
  index ??= openIndex();
  const found = (await (await index).search(words)).results;
  const shown = await Promise.all(found.slice(0, 30).map((result) => result.data()));
  if (words !== typed()) return; // the reader has typed on
  const { one, some, none } = form.dataset;
  const said = found.length === 1 ? one : found.length ? some : none;
  report(said.replace("{}", found.length || words), shown, !found.length);
}

function typed() {
  return box.value.trim();
}

function report(said, pages, isListed) {
  document.getElementById("found").textContent = said;
  if (all) all.hidden = !isListed;
  else document.querySelector(".found").hidden = !typed();
  results.replaceChildren(...pages.map(entry));
}

function entry(page) {
  const item = document.createElement("li");
  const head = document.createElement(all ? "h2" : "p"); // in the header of a page it would be before the first heading
  head.className = "head";
  head.append(link(page.url, page.meta.title));
  item.append(head);
  const places = page.sub_results.filter((place) => place.excerpt.includes("<mark>"));
  for (const place of (places.length ? places : [page]).slice(0, PLACES)) {
    const text = document.createElement("p");
    // Marks around the words that were found, and nothing else: pagefind escapes the text.
    text.innerHTML = place.excerpt;
    if (place.title && place.title !== page.meta.title) text.prepend(link(place.url, place.title), " ");
    item.append(text);
  }
  return item;
}

function link(address, words) {
  const made = document.createElement("a");
  made.href = new URL(address.replace(/^\//, ""), document.baseURI);
  made.textContent = words;
  return made;
}

function look() {
  const words = typed();
  const address = words ? `?q=${encodeURIComponent(words)}` : location.pathname;
  if (all && location.protocol !== "file:") history.replaceState(null, "", address); // files have no history of addresses
  clearTimeout(pause);
  if (!words) report(form.dataset.empty, [], true);
  else pause = setTimeout(() => search(words).catch(() => report(form.dataset.failed, [], true)), PAUSE);
}

/** Arrows lead from the field to the results and back; Escape leads back to it, and there it empties it. */
function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" && document.activeElement !== box) box.focus();
  else if (event.key === "Escape" && !all) document.querySelector(".found").hidden = true;
  if (!step) return;
  const stops = [box, ...results.querySelectorAll("a")];
  const next = stops[stops.indexOf(document.activeElement) + step];
  if (!next || !stops.includes(document.activeElement)) return;
  event.preventDefault();
  next.focus();
}

function close(event) {
  if (!form.contains(event.target)) document.querySelector(".found").hidden = true;
}

if (all) {
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  box.focus();
  look();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  document.querySelector("main").addEventListener("keydown", move);
} else if (form) {
  form.addEventListener("keydown", move);
  for (const kind of ["focusin", "click"]) document.addEventListener(kind, close);
}
box?.addEventListener("input", look);

document.addEventListener("keydown", (event) => {
  const isWriting = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!box) return;
  event.preventDefault();
  box.focus();
});
