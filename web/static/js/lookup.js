// An input that names a record offers those that fit while one types; what is sent is the ref.
let next = 0;

export function enter(input) {
  if (input.dataset.lookupOn) return;
  input.dataset.lookupOn = '1';
  const box = document.createElement('div');
  box.className = 'look';
  input.replaceWith(box);
  const list = document.createElement('ul');
  list.className = 'look__l';
  list.id = `look-${++next}`;
  list.hidden = true;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Suggestions');
  box.append(input, list);
  for (const [k, v] of Object.entries({ role: 'combobox', 'aria-expanded': 'false', 'aria-controls': list.id, 'aria-autocomplete': 'list' })) input.setAttribute(k, v);
  let asked = 0;
  let timer = 0;
  const show = (on) => { list.hidden = !on; input.setAttribute('aria-expanded', String(on)); if (!on) input.removeAttribute('aria-activedescendant'); };
  const options = () => [...list.children];
  const mark = (i) => options().forEach((o, k) => { o.setAttribute('aria-selected', String(k === i)); if (k === i) { input.setAttribute('aria-activedescendant', o.id); o.scrollIntoView({ block: 'nearest' }); } });
  const at = () => options().findIndex((o) => o.getAttribute('aria-selected') === 'true');
  const take = (o) => { input.value = o.dataset.value; show(false); input.dispatchEvent(new Event('input', { bubbles: true })); clearTimeout(timer); };
  const ask = async () => {
    const mine = ++asked;
    const r = await fetch(`/lookup/${encodeURIComponent(input.dataset.lookup)}?q=${encodeURIComponent(input.value)}`);
    if (mine !== asked || !r.ok) return;
    const found = await r.json();
    list.replaceChildren(...found.map((x, i) => {
      const li = document.createElement('li');
      li.id = `${list.id}-${i}`;
      li.setAttribute('role', 'option');
      li.setAttribute('aria-selected', 'false');
      li.dataset.value = x.value;
      li.textContent = `${x.value}  ${x.title}`;
      return li;
    }));
    show(found.length > 0);
  };
  input.addEventListener('input', (e) => { if (e.isTrusted) { clearTimeout(timer); timer = setTimeout(ask, 120); } });
  input.addEventListener('keydown', (e) => {
    const n = options().length;
    if (list.hidden || !n) return;
    if (e.key === 'ArrowDown') { e.preventDefault(); mark((at() + 1) % n); }
    else if (e.key === 'ArrowUp') { e.preventDefault(); mark((at() - 1 + n) % n); }
    else if (e.key === 'Enter' && at() >= 0) { e.preventDefault(); take(options()[at()]); }
    else if (e.key === 'Escape') { e.preventDefault(); show(false); }
  });
  list.addEventListener('mousedown', (e) => { e.preventDefault(); const o = e.target.closest('li'); if (o) take(o); });
  input.addEventListener('blur', () => setTimeout(() => show(false), 100));
}
