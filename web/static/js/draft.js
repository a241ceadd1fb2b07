// What is typed into a form with data-draft is kept on the server, per person and place: a moment
// after the last key, and when the page is left. The server puts it back into the form. What cannot
// be kept (signed out, no connection) stays in the form, and the form says so.
export function enter(form) {
  if (form.dataset.draftOn) return;
  form.dataset.draftOn = '1';
  const place = form.dataset.draft;
  const say = (text, link) => {
    const el = form.querySelector('[data-draft-state]');
    if (!el) return;
    el.textContent = text;
    if (link) {
      const a = document.createElement('a');
      a.href = link;
      a.target = '_blank';
      a.textContent = ' Sign in in a new tab';
      el.append(a);
    }
  };
  let timer = 0;
  let dirty = false;
  const body = () => {
    const out = new URLSearchParams({ place });
    for (const [k, v] of new FormData(form)) if (typeof v === 'string' && k !== 'revision') out.set(k, v);
    return out;
  };
  const keep = async () => {
    if (!dirty) return;
    dirty = false;
    try {
      const r = await fetch('/drafts', { method: 'POST', body: body() });
      if (r.ok) say('Draft kept');
      else if (r.status === 401) { dirty = true; say('You are signed out; what you typed is still here.', '/signin'); }
      else { dirty = true; say('The draft could not be kept.'); }
    } catch {
      dirty = true;
      say('No connection; what you typed is still here.');
    }
  };
  form.addEventListener('input', () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 700);
  });
  addEventListener('pagehide', () => { if (dirty) navigator.sendBeacon('/drafts', body()); });
  addEventListener('online', keep);
  form.addEventListener('submit', () => { dirty = false; clearTimeout(timer); });
}
