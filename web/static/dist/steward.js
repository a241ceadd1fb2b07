// What every page has. A part of a page that needs more script has a module of its own, loaded when
// the part is there; modules export enter(root), called for the page and for what htmx brings.
const parts = { '.queue': 'queue', '.rec[data-ref]': 'record', '[data-draft]': 'draft', 'input[data-lookup]': 'lookup', '[data-palette]': 'palette', '.side': 'live' };

const entered = new WeakMap();

export function enter(root) {
  for (const [selector, name] of Object.entries(parts)) {
    for (const el of root.querySelectorAll(selector)) {
      const seen = entered.get(el) || new Set();
      if (seen.has(name)) continue;
      seen.add(name);
      entered.set(el, seen);
      import(`./${name}.js`).then((m) => m.enter(el));
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

// What is wrong takes the focus, so that nobody has to look for it.
document.querySelector('[role="alert"][autofocus]')?.focus();
