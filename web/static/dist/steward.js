// What every page has. A part of a page that needs more script has a module of its own, loaded when
// the part is there; modules export enter(root), called for the page and for what htmx brings.
const parts = { '.queue': 'queue', '.rec': 'record', '[data-draft]': 'draft', '[data-lookup]': 'lookup' };

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
