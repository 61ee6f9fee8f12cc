// Keeps the page as the host is: fetches it anew and puts the sections that have changed in the place of those before, unless somebody is at work in one.
// Without it the page is the same, and is as old as its loading.
const every = 3000;

function isInUse(section) {
  return section.contains(document.activeElement) || section.querySelector("details[open]") || String(getSelection());
}

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { redirect: "manual" });
  if (answer.type === "opaqueredirect") return location.assign("/login");
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.getElementById("main");
  for (const section of main.querySelectorAll(":scope > section[id]")) {
    if (!fresh.getElementById(section.id)) section.remove();
  }
  let before = null;
  for (const other of [...fresh.querySelectorAll("main > section[id]")].reverse()) {
    let section = document.getElementById(other.id);
    if (!section) main.insertBefore(section = document.adoptNode(other), before);
    else if (other.innerHTML !== section.innerHTML && !isInUse(section)) section.replaceWith(section = document.adoptNode(other));
    before = section;
  }
}

setInterval(() => refresh().catch(() => {}), every);
document.addEventListener("visibilitychange", () => refresh().catch(() => {}));
