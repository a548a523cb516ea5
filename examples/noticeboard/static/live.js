// Keeps an open board, or an open notice, as it is now. The server tells that something changed; what it looks like comes from its
// templates.
const mark = document.querySelector(".live");
const AGAIN_AFTER = 3000; // milliseconds, where the browser itself has given up

let underway = false;
let wanted = false;
let source;
let again;

function show(isConnected) {
  mark.hidden = false;
  mark.textContent = isConnected ? "Live" : "Not connected";
  mark.classList.toggle("lost", !isConnected);
}

// One request at a time: whatever changes meanwhile is in the next one.
async function refresh() {
  wanted = true;
  if (underway) return;
  underway = true;
  while (wanted) {
    wanted = false;
    try {
      const answer = await fetch(mark.dataset.parts + location.search, { headers: { accept: "text/html" } });
      if (answer.status === 404) return leave(await answer.text());
      if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // Nobody answers. The stream breaks as well, and its next opening asks again.
    }
  }
  underway = false;
}

// The notice was taken down: its place is taken by the page that says so.
function leave(page) {
  source.close();
  const fresh = new DOMParser().parseFromString(page, "text/html");
  document.title = fresh.title;
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  mark.hidden = true;
}

function put(fresh) {
  const heading = document.querySelector("h1").textContent;
  const focused = document.activeElement.getAttribute("href");
  const anchor = scrollY > 0 && [...document.querySelectorAll(".card a")].find((link) => link.getBoundingClientRect().top >= 0);
  const top = anchor && anchor.getBoundingClientRect().top;
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old.innerHTML === part.innerHTML) continue;
    const hadFocus = old.contains(document.activeElement);
    old.replaceChildren(...part.childNodes);
    if (hadFocus) linkTo(focused, old)?.focus({ preventScroll: true });
  }
  document.title = document.title.replace(heading, document.querySelector("h1").textContent);
  // What was read stays where it was on the screen, whatever came above it.
  const again = anchor && linkTo(anchor.getAttribute("href"), document.querySelector("main"));
  if (again) scrollBy({ top: again.getBoundingClientRect().top - top, behavior: "instant" });
}

function linkTo(address, within) {
  return [...within.querySelectorAll("a")].find((link) => link.getAttribute("href") === address);
}

function listen() {
  source = new EventSource(mark.dataset.changes);
  source.onopen = () => {
    show(true);
    refresh(); // something may have changed between the page and its stream
  };
  source.onmessage = ({ data }) => isOurs(JSON.parse(data)) && refresh(); // posted, edited or removed
  source.addEventListener("reset", refresh); // some changes cannot be told any more
  source.addEventListener("reconnect", () => show(false)); // the server ends; the browser comes back by itself
  source.onerror = () => {
    show(false);
    if (source.readyState === EventSource.CLOSED) again = setTimeout(listen, AGAIN_AFTER); // no stream, as from a proxy
  };
}

// A page of one notice follows that alone.
function isOurs(change) {
  return !mark.dataset.notice || Number(mark.dataset.notice) === change.notice_id;
}

// Nobody looks at a page in the background, and browsers open few connections to one server: the pages in front need them.
document.addEventListener("visibilitychange", () => {
  clearTimeout(again);
  source?.close();
  if (!document.hidden && mark.isConnected) listen();
});

if (!document.hidden) listen();
