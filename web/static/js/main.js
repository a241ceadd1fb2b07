// What every page has, and where all modules come together: the server hands out one file made of
// them (`make js`), so that a page costs one request however many parts it has. A part of a page that
// needs script has a module of its own, which exports enter(root); it is called for what is on the
// page and for what htmx brings.
import htmx from './vendor/htmx.js';
import * as draft from './draft.js';
import * as live from './live.js';
import * as lookup from './lookup.js';
import * as palette from './palette.js';
import * as queue from './queue.js';
import * as record from './record.js';

window.htmx = htmx;

const parts = { '.queue': queue, '.rec[data-ref]': record, '[data-draft]': draft, 'input[data-lookup]': lookup, '[data-palette]': palette, '.side': live };

const entered = new WeakMap();

function enter(root) {
  for (const [selector, part] of Object.entries(parts)) {
    for (const el of root.querySelectorAll(selector)) {
      const seen = entered.get(el) || new Set();
      if (seen.has(part)) continue;
      seen.add(part);
      entered.set(el, seen);
      part.enter(el);
    }
  }
}

enter(document);
document.addEventListener('htmx:load', (e) => enter(e.target.parentElement || document));

// The groups of the side bar stay as they were left.
for (const d of document.querySelectorAll('.side details[data-group]')) {
  d.addEventListener('toggle', () => fetch('/prefer', { method: 'POST', body: new URLSearchParams({ name: `side:${d.dataset.group}`, value: d.open ? 'open' : 'closed' }) }).catch(() => {}));
}

// Menus close by Escape and by a click elsewhere.
addEventListener('click', (e) => {
  for (const m of document.querySelectorAll('details.menu[open]')) if (!m.contains(e.target)) m.open = false;
});
addEventListener('keydown', (e) => {
  if (e.key !== 'Escape') return;
  for (const m of document.querySelectorAll('details.menu[open]')) { m.open = false; m.querySelector('summary').focus(); }
});

// What htmx could not send stays on the page, and a message says why.
function tell(text, link) {
  const box = document.querySelector('#toasts');
  if (!box || box.textContent.includes(text)) return;
  const p = document.createElement('p');
  p.className = 'toast';
  p.textContent = text;
  if (link) {
    const a = document.createElement('a');
    a.href = link;
    a.target = '_blank';
    a.textContent = 'Sign in in a new tab';
    p.append(' ', a);
  }
  box.append(p);
  setTimeout(() => p.remove(), 12000);
}
document.addEventListener('htmx:sendError', () => tell('No connection; what you typed is still here.'));
document.addEventListener('htmx:responseError', (e) => { if (e.detail.xhr.status === 401) tell('You are signed out; what you typed is still here.', '/signin'); });
