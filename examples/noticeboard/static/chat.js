// The chat below a notice. What the page shows at first comes from its template; what follows comes by a WebSocket, which is told
// the last message that is here. So a connection that breaks loses nothing, and nothing is shown twice.
const chat = document.querySelector(".chat");
const form = chat.querySelector("form");
const log = chat.querySelector(".log");
const said = log.querySelector("ol");
const unsent = chat.querySelector(".unsent");
const people = chat.querySelector(".people");
const writes = chat.querySelector(".writes");
const trouble = chat.querySelector(".trouble");
const guest = form.elements.namedItem("name"); // of those who have no account
const words = form.elements.namedItem("text");

const KEPT = 200; // messages, as many as the server keeps
const LONGEST_PAUSE = 30_000; // milliseconds
const WRITING_FOR = 5_000;
const AGES = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const ago = new Intl.RelativeTimeFormat("en");
const listed = new Intl.ListFormat("en");

const waiting = new Map(); // what the server has not shown us yet, by its key
let socket;
let failures = 0;
let again;
let toldWriting = 0;
let writesNoMore;

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function connect() {
  clearTimeout(again);
  if (!chat.isConnected) return; // the notice is gone
  const address = new URL(chat.dataset.socket, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  sessionStorage.window ||= newKey();
  address.search = new URLSearchParams({
    after: said.lastElementChild?.dataset.id ?? 0,
    window: sessionStorage.window,
    name: guest?.value.trim() ?? "",
  });
  const mine = (socket = new WebSocket(address));
  mine.onmessage = ({ data }) => {
    if (mine !== socket) return;
    failures = 0;
    trouble.textContent = "";
    const message = JSON.parse(data);
    shown[message.type]?.(message);
  };
  mine.onopen = () => waiting.forEach((text, key) => send({ type: "say", key, text }));
  mine.onclose = ({ code }) => {
    if (mine !== socket) return;
    if (code === 1007) refuse(); // one of ours was no message
    people.hidden = true;
    writes.textContent = "";
    failures += 1;
    if (failures > 1) trouble.textContent = "Not connected. What you send waits here until we are.";
    again = setTimeout(connect, Math.min(LONGEST_PAUSE, 250 * 2 ** failures) * (0.5 + Math.random()));
  };
}

function send(message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function refuse() {
  const [key] = waiting.keys();
  settle(key);
  trouble.textContent = "Your message could not be read.";
}

const shown = {
  said({ id, key, name, text, said_at }) {
    if (Number(said.lastElementChild?.dataset.id ?? 0) >= id) return;
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    said.append(line(name, text, said_at, id));
    while (said.childElementCount > KEPT) said.firstElementChild.remove();
    settle(key);
    if (writes.dataset.name === name) writes.textContent = "";
    if (follows) log.scrollTop = log.scrollHeight;
  },
  here({ names, guests, more }) {
    const parts = [...names];
    if (guests) parts.push(guests === 1 ? "a guest" : `${guests} guests`);
    if (more) parts.push(`${more} more`);
    people.textContent = `Here now: ${listed.format(parts)}`;
    people.hidden = false;
  },
  writes({ name }) {
    writes.textContent = `${name} is writing …`;
    writes.dataset.name = name;
    clearTimeout(writesNoMore);
    writesNoMore = setTimeout(() => (writes.textContent = ""), WRITING_FOR);
  },
};

function line(name, text, saidAt, id) {
  const item = chat.querySelector("template").content.firstElementChild.cloneNode(true);
  if (id) item.dataset.id = id;
  item.querySelector("strong").textContent = name;
  item.querySelector(".words").textContent = text;
  const time = item.querySelector("time");
  if (saidAt) time.dateTime = saidAt;
  tellAge(time);
  return item;
}

function tellAge(time) {
  const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
  const [unit, length] = AGES.find(([, length]) => seconds >= length) ?? [];
  time.textContent = unit ? ago.format(-Math.floor(seconds / length), unit) : "just now";
}

function settle(key) {
  waiting.delete(key);
  unsent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.remove();
  unsent.hidden = waiting.size === 0;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = words.value;
  const key = newKey();
  words.value = "";
  toldWriting = 0;
  waiting.set(key, text);
  const item = line("You", text, new Date().toISOString());
  item.dataset.key = key;
  item.querySelector("time").textContent = "sending …";
  unsent.append(item);
  unsent.hidden = false;
  send({ type: "say", key, text });
});

words.addEventListener("input", () => {
  if (!words.value || Date.now() - toldWriting < WRITING_FOR / 2) return;
  toldWriting = Date.now();
  send({ type: "writing" });
});

// A guest with another name comes back under that.
guest?.addEventListener("change", () => {
  localStorage.guest = guest.value;
  const before = socket;
  connect();
  before.close();
});

if (guest) guest.value ||= localStorage.guest ?? "";
setInterval(() => log.querySelectorAll("time").forEach(tellAge), 60_000);
addEventListener("online", () => socket.readyState === WebSocket.CLOSED && connect());
log.scrollTop = log.scrollHeight;
connect();
