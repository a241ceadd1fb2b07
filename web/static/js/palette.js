// The palette: every record by ref or words, every page and command. `/` or Ctrl-K opens it.
let dialog;

function make() {
  dialog = document.createElement('dialog');
  dialog.className = 'pal';
  dialog.setAttribute('aria-label', 'Search or jump to');
  const input = document.createElement('input');
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-expanded', 'true');
  input.setAttribute('aria-controls', 'pal-list');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-label', 'Words, a ref, or a command');
  input.placeholder = 'Words, a ref such as INC-42, or a command';
  const list = document.createElement('ul');
  list.id = 'pal-list';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Results');
  dialog.append(input, list);
  document.body.append(dialog);

  let asked = 0;
  const options = () => [...list.querySelectorAll('[role="option"]')];
  const at = () => options().findIndex((o) => o.getAttribute('aria-selected') === 'true');
  const mark = (i) => {
    const all = options();
    all.forEach((o, k) => o.setAttribute('aria-selected', String(k === i)));
    if (all[i]) { input.setAttribute('aria-activedescendant', all[i].id); all[i].scrollIntoView({ block: 'nearest' }); } else input.removeAttribute('aria-activedescendant');
  };
  const ask = async () => {
    const mine = ++asked;
    const r = await fetch(`/palette?q=${encodeURIComponent(input.value)}`, { headers: { 'HX-Request': 'true' } });
    if (mine !== asked) return;
    if (r.status === 401) { location.href = '/signin'; return; }
    if (!r.ok) return;
    list.innerHTML = await r.text();
    mark(0);
  };
  const go = (o, other) => {
    if (!o?.dataset.href) return;
    if (other) window.open(o.dataset.href, '_blank'); else location.href = o.dataset.href;
  };
  let timer = 0;
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 60); });
  input.addEventListener('keydown', (e) => {
    const n = options().length;
    if (e.key === 'ArrowDown' && n) { e.preventDefault(); mark((at() + 1) % n); }
    else if (e.key === 'ArrowUp' && n) { e.preventDefault(); mark((at() - 1 + n) % n); }
    else if (e.key === 'Enter') { e.preventDefault(); go(options()[at()], e.ctrlKey || e.metaKey); }
  });
  list.addEventListener('click', (e) => go(e.target.closest('[role="option"]'), e.ctrlKey || e.metaKey));
  dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); });
  dialog.open_ = () => { input.value = ''; dialog.showModal(); ask(); };
}

function keys() {
  const d = document.createElement('dialog');
  d.className = 'pal';
  d.setAttribute('aria-labelledby', 'keys-h');
  const box = document.createElement('div');
  box.className = 'keys';
  d.append(box);
  const add = (title, pairs) => {
    const h = document.createElement('h2');
    h.textContent = title;
    const dl = document.createElement('dl');
    for (const [k, text] of pairs) {
      const dt = document.createElement('dt');
      const kbd = document.createElement('kbd');
      kbd.textContent = k;
      dt.append(kbd);
      const dd = document.createElement('dd');
      dd.textContent = text;
      dl.append(dt, dd);
    }
    box.append(h, dl);
  };
  add('Everywhere', [['/', 'search or jump to'], ['?', 'these keys'], ['Esc', 'close']]);
  box.firstChild.id = 'keys-h';
  document.dispatchEvent(new CustomEvent('steward:keys', { detail: { add } }));
  const close = document.createElement('button');
  close.className = 'btn btn--s';
  close.textContent = 'Close';
  close.addEventListener('click', () => d.close());
  box.append(close);
  d.addEventListener('close', () => d.remove());
  document.body.append(d);
  d.showModal();
}

export function enter(link) {
  const open = () => { if (!dialog) make(); dialog.open_(); };
  link.addEventListener('click', (e) => { if (e.ctrlKey || e.metaKey) return; e.preventDefault(); open(); });
  document.querySelector('[data-keys]')?.addEventListener('click', keys);
  addEventListener('keydown', (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') { e.preventDefault(); open(); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, dialog')) return;
    if (e.key === '/') { e.preventDefault(); open(); }
    else if (e.key === '?') { e.preventDefault(); keys(); }
  });
}
