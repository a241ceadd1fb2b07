// The queue: keys, selection, preview, completion of the filter, what changed meanwhile. All of it
// quickens what the page can do without.

import htmx from './vendor/htmx.js';

const typing = (el) => el.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=listbox]');

// The keys, as the help dialog shows them.
const keys = [
  ['j, k', 'Next, previous record'], ['o, Enter', 'Open'], ['e', 'Change a field'], ['a', 'Assign'], ['s', 'Next step'], ['c', 'Write'],
  ['i', 'Assign to me'], ['x', 'Select'], ['Shift x', 'Select up to here'], ['f', 'Filter'], ['p', 'Show or hide the preview'], ['r', 'Show what changed'],
];

export function enter(q) {
  const list = q.querySelector('#q-list');
  const dialog = q.querySelector('#q-dialog');
  const at = q.dataset.at;
  let current = null;
  let lastPicked = null;
  let loading = null;

  const rows = () => [...list.querySelectorAll('tr.row')];
  const link = (row) => row.querySelector('.q-t a');
  const box = (row) => row.querySelector('.q-x input');
  const picked = () => rows().filter((r) => box(r)?.checked);
  const wide = () => matchMedia('(min-width: 75.01rem)').matches;

  // One row is the one that keys act on: it alone can be reached by Tab.
  function stand(row, { focus = false, show = true } = {}) {
    if (!row) return;
    for (const r of rows()) {
      const on = r === row;
      r.classList.toggle('row--sel', on);
      link(r).tabIndex = on ? 0 : -1;
      if (box(r)) box(r).tabIndex = on ? 0 : -1;
      if (on) link(r).setAttribute('aria-current', 'true');
      else link(r).removeAttribute('aria-current');
    }
    current = row;
    if (focus) {
      link(row).focus({ preventScroll: true });
      row.scrollIntoView({ block: 'nearest' });
    }
    if (show) preview(row);
  }

  function preview(row) {
    const pane = q.querySelector('#q-prev');
    if (!pane || !wide() || pane.dataset.ref === row.dataset.ref) return;
    if (pane.contains(document.activeElement)) return; // somebody writes or reads there
    clearTimeout(loading);
    loading = setTimeout(() => {
      htmx.ajax('GET', `${at}/${row.dataset.ref}/preview?back=${encodeURIComponent(q.dataset.here)}`, { target: '#q-prev', swap: 'outerHTML' });
    }, 90);
  }

  function move(by) {
    const all = rows();
    if (!all.length) return;
    const i = all.indexOf(current);
    const n = Math.max(0, Math.min(all.length - 1, i < 0 ? 0 : i + by));
    if (by > 0 && i === all.length - 1) list.querySelector('[data-more]')?.click();
    stand(all[n], { focus: true });
  }

  function mark() {
    const n = picked().length;
    for (const r of rows()) r.classList.toggle('row--chk', !!box(r)?.checked);
    const label = q.querySelector('.bulk__n');
    if (label) label.textContent = `${n} selected`;
    const all = list.querySelector('[data-all]');
    if (all) {
      all.checked = n > 0 && n === rows().length;
      all.indeterminate = n > 0 && n < rows().length;
    }
  }

  function pick(row, range) {
    if (!row || !box(row)) return;
    const all = rows();
    if (range && lastPicked && all.includes(lastPicked)) {
      const [a, b] = [all.indexOf(lastPicked), all.indexOf(row)].sort((m, n) => m - n);
      for (const r of all.slice(a, b + 1)) box(r).checked = true;
    } else {
      box(row).checked = !box(row).checked;
    }
    lastPicked = row;
    mark();
  }

  // What is asked about records is asked in a dialog: of the selected ones, else of the current.
  function ask(values) {
    const on = picked();
    if (!on.length && current) on.push(current);
    if (!on.length || !q.querySelector('#bulk')) return;
    const body = new URLSearchParams({ back: q.dataset.here, ...values });
    for (const r of on) {
      body.append('ref', r.dataset.ref);
      body.append(`rev.${r.dataset.ref}`, r.dataset.rev); // what is changed is what was looked at
    }
    const toast = values.quick;
    htmx.ajax('POST', `${at}/bulk`, { target: toast ? '#toasts' : '#q-dialog', swap: toast ? 'beforeend' : 'innerHTML', values: grouped(body) });
  }

  function grouped(params) {
    const out = {};
    for (const k of params.keys()) out[k] = params.getAll(k).length > 1 ? params.getAll(k) : params.get(k);
    return out;
  }

  // The list anew, with the same row, selection and place; nothing moves unless somebody asked.
  async function reload() {
    const ref = current?.dataset.ref;
    const chosen = new Set(picked().map((r) => r.dataset.ref));
    const inside = list.contains(document.activeElement) || document.activeElement === document.body;
    const res = await fetch(q.dataset.here, { headers: { Accept: 'text/html' } });
    if (!res.ok || res.redirected) {
      location.reload();
      return;
    }
    const next = new DOMParser().parseFromString(await res.text(), 'text/html').querySelector('.queue');
    if (!next) return;
    const top = list.scrollTop;
    list.replaceChildren(...next.querySelector('#q-list').childNodes);
    htmx.process(list);
    list.scrollTop = top;
    q.dataset.since = next.dataset.since;
    q.querySelector('.q-live').replaceChildren();
    q.querySelector('#q-shown').textContent = rows().length;
    for (const r of rows()) if (chosen.has(r.dataset.ref) && box(r)) box(r).checked = true;
    mark();
    stand(rows().find((r) => r.dataset.ref === ref) || rows()[0], { focus: inside, show: false });
    const pane = q.querySelector('#q-prev');
    if (pane && current && wide() && !pane.querySelector('textarea')?.value.trim()) {
      pane.dataset.ref = '';
      preview(current);
    }
    htmx.trigger('#q-total', 'steward:recount');
  }

  // --- mouse -------------------------------------------------------------------------------------
  list.addEventListener('click', (e) => {
    const row = e.target.closest('tr.row');
    if (e.target.matches('[data-all]')) {
      for (const r of rows()) box(r).checked = e.target.checked;
      mark();
      return;
    }
    if (!row) return;
    if (e.target.closest('.q-x')) {
      if (e.target.matches('input')) {
        if (e.shiftKey) {
          box(row).checked = !box(row).checked;
          pick(row, true);
        } else {
          lastPicked = row;
          mark();
        }
      }
      return;
    }
    if (!e.target.closest('a, button') && !String(getSelection())) stand(row, { focus: true });
  });
  list.addEventListener('focusin', (e) => {
    const row = e.target.closest('tr.row');
    if (row && row !== current) stand(row, { show: false });
  });
  q.addEventListener('reset', () => setTimeout(() => {
    for (const r of rows()) if (box(r)) box(r).checked = false;
    mark();
    if (current) link(current).focus();
  }));

  q.addEventListener('click', (e) => {
    const open = e.target.closest('[data-dialog]');
    if (open && !e.metaKey && !e.ctrlKey) {
      e.preventDefault();
      const part = open.closest('.q-bulk');
      htmx.ajax('GET', open.getAttribute('href'), part ? { target: part, swap: 'outerHTML' } : { target: '#q-dialog', swap: 'innerHTML' });
      return;
    }
    const again = e.target.closest('[data-reload]');
    if (again) {
      e.preventDefault();
      reload();
      return;
    }
    if (e.target.closest('[data-close]') && dialog.contains(e.target)) {
      e.preventDefault();
      dialog.close();
    }
    if (e.target === dialog) dialog.close();
  });

  // --- dialog ------------------------------------------------------------------------------------
  let done = false;
  dialog.addEventListener('close', () => {
    dialog.replaceChildren();
    if (done) reload();
    done = false;
    if (current) link(current).focus({ preventScroll: true });
  });
  const settled = (e) => {
    if (!q.isConnected) {
      document.removeEventListener('htmx:afterSettle', settled);
      return;
    }
    if (dialog.querySelector('.q-bulk')) {
      if (!dialog.open) dialog.showModal();
      if (dialog.querySelector('[data-done]')) {
        done = true;
        for (const r of picked()) box(r).checked = false;
        mark();
      }
      const here = document.activeElement;
      if (!dialog.contains(here) || here === dialog || here.matches('header [data-close]')) {
        (dialog.querySelector('[aria-invalid=true]') || dialog.querySelector('[autofocus]') || dialog.querySelector('.q-bulk__b :is(input:not([type=hidden]), select, textarea, a)') || dialog.querySelector('button, a'))?.focus();
      }
    }
    const toast = e.target.closest?.('#toasts')?.querySelector('[data-done]');
    if (toast) {
      toast.removeAttribute('data-done');
      setTimeout(() => toast.remove(), 12000);
      reload();
    }
  };
  document.addEventListener('htmx:afterSettle', settled);

  // --- more rows -----------------------------------------------------------------------------------
  let before = 0;
  list.addEventListener('htmx:beforeRequest', (e) => {
    if (e.target.matches('[data-more]')) before = rows().length;
  });
  list.addEventListener('htmx:afterSettle', () => {
    if (!before) return;
    const all = rows();
    q.querySelector('#q-shown').textContent = all.length;
    const row = all[before];
    before = 0;
    mark();
    if (row) stand(row, { focus: true, show: false });
  });

  // --- preview -------------------------------------------------------------------------------------
  // What is being written stays with its record while one looks at others.
  const written = new Map();
  q.addEventListener('input', (e) => {
    if (e.target.id === 'q-body') written.set(e.target.closest('#q-prev').dataset.ref, e.target.value);
  });
  q.addEventListener('htmx:beforeSwap', (e) => {
    if (e.detail.requestConfig?.elt?.matches('.q-reply') && e.detail.xhr.status === 200) written.delete(e.detail.requestConfig.elt.closest('#q-prev').dataset.ref);
  });
  q.addEventListener('htmx:afterSettle', () => {
    const body = q.querySelector('#q-body');
    const text = body && written.get(body.closest('#q-prev').dataset.ref);
    if (text && !body.value) body.value = text;
  });
  q.addEventListener('submit', (e) => {
    const f = e.target;
    const split = f.matches('.q-splitf, [data-close]');
    if (!split) return;
    const to = new FormData(f, e.submitter).get('show');
    if (to !== 'off') return; // to show one, the page comes anew
    e.preventDefault();
    htmx.ajax('POST', f.action, { values: { show: 'off', back: q.dataset.here }, swap: 'none', target: q });
    q.querySelector('#q-prev')?.remove();
    q.classList.remove('queue--split');
    const b = q.querySelector('.q-splitf button');
    if (b) {
      b.value = 'on';
      b.lastChild.textContent = 'Show preview';
      b.focus();
    }
    if (current) link(current).focus();
  });

  // --- columns: moved in place, saved with the form --------------------------------------------------
  q.querySelector('[data-order]')?.addEventListener('click', (e) => {
    const b = e.target.closest('[name=up], [name=down]');
    if (!b) return;
    e.preventDefault();
    const li = b.closest('li');
    if (b.name === 'up' && li.previousElementSibling) li.previousElementSibling.before(li);
    if (b.name === 'down' && li.nextElementSibling) li.nextElementSibling.after(li);
    b.focus();
  });

  // --- menus ---------------------------------------------------------------------------------------
  document.addEventListener('click', (e) => {
    for (const d of q.querySelectorAll('details.q-pop[open]')) if (!d.contains(e.target)) d.open = false;
  });
  q.addEventListener('toggle', (e) => {
    if (!e.target.matches?.('details.q-pop') || !e.target.open) return;
    for (const d of q.querySelectorAll('details.q-pop[open]')) if (d !== e.target) d.open = false;
  }, true);
  q.addEventListener('keydown', (e) => {
    const d = e.target.closest('details.q-pop[open]');
    if (e.key === 'Escape' && d && !e.defaultPrevented) {
      e.preventDefault();
      d.open = false;
      d.querySelector('summary').focus();
    }
  });

  // --- keys ----------------------------------------------------------------------------------------
  const pressed = (e) => {
    if (!q.isConnected) {
      document.removeEventListener('keydown', pressed);
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typing(e.target)) return;
    if (document.querySelector('dialog[open], [popover]:popover-open:not(.side)')) return;
    const act = {
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: () => list.contains(e.target) && e.target !== list && move(1),
      ArrowUp: () => list.contains(e.target) && e.target !== list && move(-1),
      o: () => current && link(current).click(),
      Enter: () => e.target === document.body && current && link(current).click(),
      e: () => ask({ act: 'field' }),
      a: () => ask({ act: 'assign' }),
      s: () => ask({ act: 'step' }),
      c: () => {
        const body = q.querySelector('#q-body');
        if (body && wide() && picked().length === 0 && q.querySelector('#q-prev').dataset.ref === current?.dataset.ref) body.focus();
        else ask({ act: 'comment' });
      },
      i: () => ask({ act: 'field', field: 'assignee', assignee: q.dataset.me, stage: 'apply', quick: '1' }),
      x: () => pick(current, false),
      X: () => pick(current, true),
      f: () => {
        const d = q.querySelector('.q-filter details');
        d.open = true;
        const input = d.querySelector('#filter');
        input.focus();
        input.setSelectionRange(input.value.length, input.value.length);
      },
      p: () => q.querySelector('.q-splitf button')?.click(),
      r: () => q.querySelector('[data-reload]')?.click(),
      Escape: () => picked().length && q.querySelector('#bulk [type=reset]').click(),
    }[e.key];
    if (!act || act() === false) return;
    if (!e.key.startsWith('Arrow') || list.contains(e.target)) e.preventDefault();
  };
  document.addEventListener('keydown', pressed);
  // Whoever shows the help asks which keys there are here.
  document.addEventListener('steward:keys', (e) => q.isConnected && e.detail?.add?.('This list', keys));

  // --- what others do ------------------------------------------------------------------------------
  let soon = null;
  document.addEventListener('steward:change', (e) => {
    if (!q.isConnected || e.detail?.process !== q.dataset.process) return;
    clearTimeout(soon);
    soon = setTimeout(async () => {
      const u = new URL(q.dataset.fresh, location.href);
      u.searchParams.set('since', q.dataset.since);
      const res = await fetch(u, { headers: { 'HX-Request': 'true' } });
      if (res.ok) q.querySelector('.q-live').innerHTML = await res.text();
    }, 400);
  });

  complete(q);
  mark();
  stand(rows().find((r) => r.classList.contains('row--sel')) || rows()[0], { show: false });
  const wrong = q.querySelector('[data-caret]');
  if (wrong) {
    wrong.focus();
    wrong.setSelectionRange(+wrong.dataset.caret, +wrong.dataset.caret);
  }
}

// complete offers what may stand at the caret of the filter.
function complete(q) {
  const form = q.querySelector('[data-complete]');
  const input = form?.querySelector('#filter');
  const words = form?.querySelector('#filter-words');
  if (!input) return;
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-controls', words.id);
  input.setAttribute('aria-expanded', 'false');
  let found = [];
  let on = -1;
  let turn = 0;
  const close = () => {
    words.hidden = true;
    on = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const show = (n) => {
    on = n;
    [...words.children].forEach((li, i) => li.setAttribute('aria-selected', String(i === on)));
    if (on >= 0) {
      input.setAttribute('aria-activedescendant', words.children[on].id);
      words.children[on].scrollIntoView({ block: 'nearest' });
    } else input.removeAttribute('aria-activedescendant');
  };
  const take = (n) => {
    input.value = found[n].value;
    input.setSelectionRange(found[n].caret, found[n].caret);
    input.focus();
    look();
  };
  async function look() {
    const mine = ++turn;
    const c = input.selectionStart;
    const u = new URL(form.dataset.complete, location.href);
    u.searchParams.set('before', input.value.slice(0, c));
    u.searchParams.set('after', input.value.slice(c));
    const res = await fetch(u);
    if (!res.ok || mine !== turn) return;
    found = await res.json();
    words.replaceChildren(...found.map((f, i) => {
      const li = document.createElement('li');
      li.id = `filter-word-${i}`;
      li.setAttribute('role', 'option');
      li.setAttribute('aria-selected', 'false');
      const b = document.createElement('b');
      b.textContent = f.text;
      const s = document.createElement('span');
      s.textContent = f.detail;
      li.append(b, s);
      li.addEventListener('mousedown', (e) => {
        e.preventDefault();
        take(i);
      });
      return li;
    }));
    if (!found.length || document.activeElement !== input) {
      close();
      return;
    }
    words.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    show(-1);
  }
  input.addEventListener('input', look);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' && (words.hidden || on < 0)) {
      e.preventDefault();
      form.requestSubmit();
    } else if (words.hidden) {
      if (e.key === 'ArrowDown') {
        e.preventDefault();
        look();
      }
    } else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      const n = found.length;
      show(e.key === 'ArrowDown' ? (on + 1) % n : (on <= 0 ? n : on) - 1);
    } else if ((e.key === 'Enter' || e.key === 'Tab') && on >= 0) {
      e.preventDefault();
      take(on);
    } else if (e.key === 'Escape') {
      e.preventDefault();
      close();
    }
  });
}
