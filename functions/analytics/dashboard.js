// Live sales, read from GET /analytics/sales every two seconds while somebody looks.
"use strict";

const EVERY_MS = 2000;
const TOP = 10;
const MINUTE_MS = 60_000;
const PATIENCE_MS = 10_000; // with one answer; then it is asked for again
const byId = (id) => document.getElementById(id);
const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const names = new Map(); // by product id; also of what has no name any more
let token = takeToken();
let latest = null;
let asked = 0; // requests sent; an answer that another one has overtaken is dropped

// `make dashboard` hands the token over after the #, which no server sees. The browser's command line has it, which other
// users of the machine can read: a token of the seeded admin, whose password anybody knows.
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    history.replaceState(null, "", location.pathname);
    sessionStorage.setItem("token", given);
  }
  return given ?? sessionStorage.getItem("token");
}

function ask(address, request = {}) {
  return fetch(address, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) });
}

function element(name, attributes = {}, text = "") {
  const isPicture = ["svg", "rect", "line", "text", "title"].includes(name);
  const made = isPicture ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function say(text, failed = false) {
  byId("state").textContent = text;
  byId("state").classList.toggle("failed", failed);
}

function askForSignIn(reason = "") {
  token = null;
  sessionStorage.removeItem("token");
  byId("sign-in").hidden = false;
  byId("sales").hidden = true;
  byId("refused").textContent = reason;
  say("not signed in");
}

async function signIn(event) {
  event.preventDefault();
  const form = new FormData(byId("sign-in"));
  const body = JSON.stringify({ email: form.get("email"), password: form.get("password") });
  try {
    const answer = await ask("../users/login", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const content = await answer.json();
    if (!answer.ok) return askForSignIn(content.error.message);
    token = content.token;
    sessionStorage.setItem("token", token);
    byId("sign-in").hidden = true;
    await refresh();
  } catch {
    askForSignIn("The stack does not answer.");
  }
}

async function refresh() {
  if (!token) return askForSignIn();
  const number = ++asked;
  const range = byId("range").value;
  const now = Date.now();
  const from = range === "all" ? null : new Date(now - (range - 1) * MINUTE_MS);
  const query = from ? `?from=${from.toISOString()}` : "";
  try {
    const answer = await ask(`sales${query}`, { headers: { Authorization: `Bearer ${token}` } });
    const content = await answer.json();
    if (number !== asked) return;
    if (answer.status === 401 || answer.status === 403) return askForSignIn("This needs an admin's sign-in.");
    if (!answer.ok) return say(content.error.message, true);
    latest = { sales: content, from, now };
    show();
    say(`live · ${clock.format(now)}`);
    await nameProducts(content.byProduct.slice(0, TOP));
  } catch {
    if (number === asked) say("The stack does not answer.", true);
  }
}

function show() {
  const { sales, from, now } = latest;
  byId("sign-in").hidden = true;
  byId("sales").hidden = false;
  byId("revenue").textContent = money.format(sales.revenueCents / 100);
  byId("orders").textContent = whole.format(sales.orders);
  byId("units").textContent = whole.format(sales.units);
  const found = new Map(sales.byMinute.map((row) => [Date.parse(row.minute), row]));
  const current = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  byId("rate").textContent = whole.format(found.get(current - MINUTE_MS)?.orders ?? 0);
  const first = from ? Math.floor(from / MINUTE_MS) * MINUTE_MS : Math.min(current, ...found.keys());
  drawBars(byId("orders-a-minute"), first, current, (minute) => found.get(minute)?.orders ?? 0, whole);
  drawBars(byId("revenue-a-minute"), first, current, (minute) => (found.get(minute)?.revenueCents ?? 0) / 100, money);
  showProducts(sales.byProduct.slice(0, TOP));
  byId("nothing").hidden = sales.byProduct.length > 0;
  document.documentElement.dataset.orders = sales.orders;
}

// At most one bar for two pixels: where there are more minutes, a bar is the mean of several.
function drawBars(svg, first, last, valueOf, format) {
  const width = svg.clientWidth;
  const height = svg.clientHeight;
  const [left, bottom, top] = [44, height - 20, 12];
  const minutes = (last - first) / MINUTE_MS + 1;
  const span = Math.max(1, Math.ceil(minutes / Math.max(1, (width - left) / 2)));
  const bars = [];
  for (let start = first; start <= last; start += span * MINUTE_MS) {
    const count = Math.min(span, (last - start) / MINUTE_MS + 1);
    let sum = 0;
    for (let offset = 0; offset < count; offset++) sum += valueOf(start + offset * MINUTE_MS);
    bars.push({ start, value: sum / count });
  }
  const highest = Math.max(1, ...bars.map((bar) => bar.value));
  const step = (width - left) / bars.length;
  const drawn = [
    element("line", { x1: left, x2: width, y1: bottom, y2: bottom }),
    element("line", { x1: left, x2: width, y1: top, y2: top }),
    element("text", { x: left - 6, y: top + 4, "text-anchor": "end" }, short.format(highest)),
    element("text", { x: left - 6, y: bottom + 4, "text-anchor": "end" }, "0"),
    element("text", { x: left, y: height - 4 }, clock.format(first)),
    element("text", { x: width, y: height - 4, "text-anchor": "end" }, clock.format(last)),
  ];
  bars.forEach(({ start, value }, index) => {
    if (!value) return;
    const tall = Math.max(1, (value / highest) * (bottom - top));
    const wide = Math.max(1, step - (step > 4 ? 1 : 0));
    const bar = element("rect", { x: left + index * step, y: bottom - tall, width: wide, height: tall });
    bar.append(element("title", {}, `${clock.format(start)}  ${format.format(value)}`));
    drawn.push(bar);
  });
  svg.replaceChildren(...drawn);
  const title = svg.previousElementSibling.textContent;
  svg.setAttribute("aria-label", `${title}: ${format.format(bars.at(-1).value)} now, ${format.format(highest)} at most`);
}

function showProducts(products) {
  const most = Math.max(1, ...products.map((product) => product.revenueCents));
  byId("products").replaceChildren(...products.map((product) => {
    const row = element("li");
    const bar = element("svg", { "aria-hidden": "true" });
    bar.append(element("rect", { width: `${(100 * product.revenueCents) / most}%`, height: "100%" }));
    const name = names.get(product.productId) ?? product.productId;
    const sold = `${whole.format(product.units)} × · ${money.format(product.revenueCents / 100)}`;
    row.append(element("span", { class: "name", title: product.productId }, name));
    row.append(element("span", { class: "money" }, sold), bar);
    return row;
  }));
}

async function nameProducts(products) {
  const unknown = products.map((product) => product.productId).filter((id) => !names.has(id));
  await Promise.all(unknown.map(async (id) => {
    const answer = await ask(`../products/${encodeURIComponent(id)}`);
    if (answer.ok) names.set(id, (await answer.json()).name);
    else if (answer.status === 404) names.set(id, id); // any other failure may pass: it is asked for again
  }));
  if (unknown.length) showProducts(latest.sales.byProduct.slice(0, TOP));
}

async function keepGoing() {
  if (!document.hidden && token) await refresh();
  setTimeout(keepGoing, EVERY_MS);
}

byId("sign-in").addEventListener("submit", signIn);
byId("range").addEventListener("change", refresh);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("resize", () => latest && token && show());
if (!token) askForSignIn();
keepGoing();
