// The page of one record: keys, sending by Ctrl-Enter, and what others do meanwhile.
export function enter(rec) {
  const { process, ref } = rec.dataset;
  const text = rec.querySelector('#rp');
  text?.addEventListener('keydown', (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === 'Enter') { e.preventDefault(); text.form.requestSubmit(); }
  });
  addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, textarea, select, [contenteditable]')) return;
    if (e.key === 'e') rec.querySelector('[data-edit]')?.click();
    else if (e.key === 'c' && text) { e.preventDefault(); text.focus(); }
    else if (e.key === 's') rec.querySelector('.rec__act .btn--primary')?.click();
  });
  const fresh = rec.querySelector('#fresh');
  let n = 0;
  document.addEventListener('steward:change', (e) => {
    if (e.detail.process !== process || e.detail.ref !== ref || !fresh) return;
    n += 1;
    fresh.hidden = false;
    fresh.textContent = `${n} new, by ${e.detail.by}: show`;
  });
  fresh?.addEventListener('click', async (e) => {
    e.preventDefault();
    const line = rec.querySelector('#timeline');
    const r = await fetch(line.dataset.href, { headers: { 'HX-Request': 'true' } });
    if (!r.ok) return location.reload();
    line.innerHTML = await r.text();
    fresh.hidden = true;
    n = 0;
    line.lastElementChild?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  });
  document.addEventListener('steward:keys', (e) => e.detail.add?.('This record', [['e', 'edit'], ['c', 'write'], ['s', 'next step'], ['Ctrl ↵', 'send']]));
}
