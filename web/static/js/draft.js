// What is typed into a form with data-draft is kept on the server, per person and place: a moment
// after the last key, when the page is left, and before the form is sent, so that it is never sent
// into the void: whoever is signed out, or without a connection, stays on the page with what was typed,
// and is told. The server puts a draft back into its form.
const again = 5000; // ms until the next try to keep what could not be kept

export function enter(form) {
  if (form.dataset.draftOn) return;
  form.dataset.draftOn = '1';
  const place = form.dataset.draft;
  const say = (text, link) => {
    let el = form.querySelector('[data-draft-state]');
    if (!el) {
      if (!link && text === 'Draft kept') return; // quiet where the page has no place for it
      el = document.createElement('p');
      el.className = 'small faint';
      el.dataset.draftState = '';
      form.append(el);
    }
    el.setAttribute('role', 'status');
    el.textContent = text;
    if (link) {
      const a = document.createElement('a');
      a.href = link;
      a.target = '_blank';
      a.textContent = 'Sign in in a new tab';
      el.append(' ', a);
    }
  };
  let timer = 0;
  let dirty = false;
  const body = () => {
    const out = new URLSearchParams({ place });
    for (const [k, v] of new FormData(form)) if (typeof v === 'string') out.set(k, v);
    return out;
  };
  // keep answers whether the form can be sent: there is a server, and it knows who this is.
  const keep = async () => {
    clearTimeout(timer);
    if (!form.isConnected) return true;
    dirty = false;
    try {
      const r = await fetch('/drafts', { method: 'POST', body: body() });
      if (r.status === 401) say('You are signed out; what you typed is still here.', '/signin');
      else say(r.ok ? 'Draft kept' : 'The draft could not be kept.');
      if (r.ok) return true;
      dirty = true;
      if (r.status !== 401) return true;
    } catch {
      dirty = true;
      say('No connection; what you typed is still here.');
    }
    timer = setTimeout(keep, again);
    return false;
  };
  form.addEventListener('input', () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 700);
  });
  // A page that is left sends what is not kept yet. A reload asks for the page anew before that arrives:
  // so it stands in this tab too, for as long as a reload takes.
  const note = `draft:${place}`;
  addEventListener('pagehide', () => {
    if (!dirty || !form.isConnected) return;
    navigator.sendBeacon('/drafts', body());
    try { sessionStorage.setItem(note, JSON.stringify([Date.now(), ...body()])); } catch { /* no room: the beacon is on its way */ }
  });
  const [at, ...pairs] = JSON.parse(sessionStorage.getItem(note) || '[0]');
  sessionStorage.removeItem(note);
  if (Date.now() - at < 15000) {
    for (const [k, v] of pairs) {
      for (const el of form.querySelectorAll(`[name="${CSS.escape(k)}"]`)) {
        if (el.type === 'checkbox' || el.type === 'radio') el.checked = el.value === v;
        else if (el.type !== 'hidden' || k === 'revision') el.value = v;
      }
    }
  }
  addEventListener('online', () => { if (dirty) keep(); });

  if (form.hasAttribute('hx-post')) { // htmx sends it, and leaves what was typed where it is when that fails
    form.addEventListener('submit', () => { dirty = false; clearTimeout(timer); });
    for (const bad of ['htmx:sendError', 'htmx:responseError']) form.addEventListener(bad, () => { dirty = true; });
    return;
  }
  let sending = false;
  let sure = false;
  form.addEventListener('submit', async (e) => {
    if (sure || e.defaultPrevented) return;
    e.preventDefault();
    if (sending) return;
    sending = true;
    sure = await keep();
    sending = false;
    if (!sure) return;
    dirty = false;
    clearTimeout(timer);
    form.requestSubmit(e.submitter);
    sure = false; // a form that the browser finds incomplete stays, and is sent again later
  });
}
