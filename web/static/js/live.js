// What others do, as it happens: one stream, while the page is looked at. Parts of pages hear of it
// by the event steward:change. Who else looks at this record is asked now and then.
export function enter() {
  let stream;
  let lost = 0;
  const say = (text) => {
    const box = document.querySelector('#toasts');
    if (!box) return;
    const p = document.createElement('p');
    p.className = 'toast';
    p.textContent = text;
    box.append(p);
    setTimeout(() => p.remove(), 6000);
  };
  const open = () => {
    if (stream) return;
    stream = new EventSource('/live');
    stream.addEventListener('open', () => { if (lost > 2) say('Connected again.'); lost = 0; });
    stream.addEventListener('error', () => {
      lost += 1;
      if (lost === 3) say('The connection is lost; Steward keeps trying. What you type stays here.');
      if (stream?.readyState === EventSource.CLOSED) { stream = undefined; setTimeout(() => { if (!document.hidden) open(); }, 30000); } // signed out, perhaps only until somebody signs in elsewhere
    });
    stream.addEventListener('change', (e) => document.dispatchEvent(new CustomEvent('steward:change', { detail: JSON.parse(e.data) })));
  };
  const close = () => { stream?.close(); stream = undefined; };
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  addEventListener('pagehide', close);
  if (!document.hidden) setTimeout(open, 800);

  const here = document.querySelector('#presence');
  if (!here) return;
  let typing = 0;
  addEventListener('input', () => { typing = Date.now(); });
  const tell = async () => {
    if (document.hidden) return;
    const r = await fetch('/presence', { method: 'POST', body: new URLSearchParams({ process: here.dataset.process, ref: here.dataset.ref, typing: String(Date.now() - typing < 8000) }) }).catch(() => undefined);
    if (!r?.ok) return;
    const all = await r.json();
    const text = all.map((x) => (x.typing ? `${x.name} is typing` : `${x.name} is here`)).join(', ');
    if (here.textContent !== text) here.textContent = text;
  };
  setTimeout(tell, 1500);
  setInterval(tell, 10000);
}
