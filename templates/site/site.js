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

// --- a chart that says its numbers, drawn here when a reader asks for it -----------------------------------------------

async function explore(image, button) {
  button.disabled = true;
  const [, answer] = await Promise.all([import("./charts.js"), fetch(image.dataset.chart)]);
  const place = document.createElement("div");
  place.className = "explored";
  image.after(place);
  // `ast`: the engine reads expressions itself and makes no program of text, which the site's policy forbids.
  await window.vegaEmbed(place, await answer.json(), {
    ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: { disableDefaultStyle: true },
  });
  image.hidden = true;
  button.remove();
}

for (const image of document.querySelectorAll("main img[data-chart]")) {
  const button = document.createElement("button");
  button.className = "explore";
  button.dataset.live = "";
  button.textContent = document.body.dataset.explore;
  button.addEventListener("click", () => explore(image, button));
  image.after(button);
}

// --- the search ------------------------------------------------------------------------------------------------------

const form = document.getElementById("search");

async function search(words) {
  const { search, init } = await import("./pagefind/pagefind.js");
  await init();
  const found = (await search(words)).results;
  const shown = await Promise.all(found.slice(0, 30).map((result) => result.data()));
  const said = found.length === 1 ? form.dataset.one : found.length ? form.dataset.some : form.dataset.none;
  document.getElementById("found").textContent = said.replace("{}", found.length);
  document.getElementById("results").replaceChildren(...shown.map(entry));
}

function entry(page) {
  const item = document.createElement("li");
  const places = page.sub_results.length ? page.sub_results.slice(0, 4) : [page];
  for (const [index, place] of places.entries()) {
    const link = document.createElement("a");
    link.href = new URL(place.url.replace(/^\//, ""), document.baseURI);
    link.textContent = place.title || page.meta.title;
    const name = document.createElement("p");
    name.append(link);
    const text = document.createElement("p");
    // Marks around the words that were found, and nothing else: pagefind escapes the text.
    text.innerHTML = place.excerpt;
    if (index === 0) {
      const head = document.createElement("h2");
      head.textContent = page.meta.title;
      item.append(head);
    }
    item.append(name, text);
  }
  return item;
}

if (form) {
  const box = form.elements.q;
  box.value = new URLSearchParams(location.search).get("q") ?? "";
  box.focus();
  if (box.value) search(box.value);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `?q=${encodeURIComponent(box.value)}`);
    search(box.value);
  });
}
