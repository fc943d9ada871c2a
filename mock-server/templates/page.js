// What makes the mock's own pages handier. Nothing on them needs it.

"use strict";

/** Puts a button behind every text that is there to be copied. */
function offerCopies() {
  for (const block of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet copy";
    button.textContent = "Copy";
    button.addEventListener("click", () => copy(block, button));
    block.after(button);
  }
}

/** Copies a text; where the browser does not allow that, it is selected instead. */
async function copy(block, button) {
  let says = "Copied";
  try {
    await navigator.clipboard.writeText(block.textContent);
  } catch {
    getSelection().selectAllChildren(block);
    says = "Selected: press Ctrl+C";
  }
  button.textContent = says;
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

/** Loads a page again that asks for it, unless somebody is at work on it. */
function reloadWhenIdle() {
  const wanted = document.querySelector("meta[name=reload]");
  if (!wanted) return;
  const opened = new Set(document.querySelectorAll("details[open]"));
  setInterval(() => {
    const typing = document.activeElement?.matches("input, textarea, select");
    const written = [...document.querySelectorAll("textarea")].some((area) => area.value);
    const reading = [...document.querySelectorAll("details[open]")].some((details) => !opened.has(details));
    if (!typing && !written && !reading && getSelection().isCollapsed) location.reload();
  }, Number(wanted.content) * 1000);
}

/** Opens what the address points into, so that it can be seen. */
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target; part; part = part.parentElement) {
    if (part instanceof HTMLDetailsElement) part.open = true;
  }
}

offerCopies();
openTarget();
addEventListener("hashchange", openTarget);
reloadWhenIdle();
