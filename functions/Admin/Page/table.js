import { $, h, stateLabel, when } from './dom.js';

const columns = [
  ['Kind', row => row.kind], ['Name', row => row.name], ['State', row => row.state], ['Reason', row => row.reason ?? ''],
  ['Since', row => row.since ?? ''], ['Waiting for', row => row.waitingFor ?? ''], ['Tries', row => row.attempts ?? 0], ['Next', row => row.nextReconcileTime ?? ''],
];
const urgency = ['refused', 'notReady', 'waiting', 'deleting', 'new', 'paused', 'ready'];

export class TableView {
  constructor(open) {
    this.open = open;
    this.body = $('objects').tBodies[0];
    this.rows = new Map();
    this.sort = { column: 0, down: false };
    $('objects').tHead.rows[0].append(...columns.map(([title], i) => h('th', { scope: 'col', 'aria-sort': i === 0 ? 'ascending' : 'none' },
      h('button', { type: 'button', onclick: () => this.order(i) }, title))));
    this.body.addEventListener('click', event => {
      const id = event.target.closest('tr')?.dataset.id;
      if (id) open(id);
    });
    this.body.addEventListener('keydown', event => {
      const row = event.target.closest('tr');
      const to = event.key === 'ArrowDown' ? next(row, 'nextElementSibling') : event.key === 'ArrowUp' ? next(row, 'previousElementSibling') : null;
      if (to) {
        to.querySelector('button').focus();
        event.preventDefault();
      }
    });
  }

  show(items) {
    this.items = items;
    const seen = new Set();
    for (const item of items) {
      seen.add(item.id);
      const says = JSON.stringify(item);
      const known = this.rows.get(item.id);
      if (known?.says === says) continue;
      const cells = [
        h('td', {}, item.kind), h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link' }, item.name)), h('td', {}, stateLabel(item.state)),
        h('td', { title: item.message ?? null }, item.reason ?? ''), h('td', {}, when(item.since)), h('td', {}, item.waitingFor ?? ''),
        h('td', { class: 'number' }, item.attempts ? String(item.attempts) : ''), h('td', {}, when(item.nextReconcileTime)),
      ];
      if (known) {
        const focused = known.row.contains(document.activeElement);
        known.row.replaceChildren(...cells);
        known.row.classList.add('changed');
        setTimeout(() => known.row.classList.remove('changed'), 1600);
        if (focused) known.row.querySelector('button').focus();
        Object.assign(known, { says, item });
      } else {
        this.rows.set(item.id, { says, item, row: h('tr', { 'data-id': item.id }, cells) });
      }
    }
    for (const [id, { row }] of this.rows) {
      if (seen.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    this.arrange();
  }

  order(column) {
    this.sort = { column, down: this.sort.column === column && !this.sort.down };
    [...$('objects').tHead.rows[0].cells].forEach((cell, i) => cell.setAttribute('aria-sort', i !== column ? 'none' : this.sort.down ? 'descending' : 'ascending'));
    this.arrange();
  }

  arrange() {
    const { column, down } = this.sort;
    const value = columns[column][1];
    const wanted = column === 0 ? this.items : [...this.items].sort((a, b) => compare(value(a), value(b), column));
    const rows = (down ? [...wanted].reverse() : wanted).map(item => this.rows.get(item.id).row);
    if (rows.some((row, i) => this.body.rows[i] !== row)) {
      const focused = document.activeElement;
      this.body.append(...rows);
      if (this.body.contains(focused)) focused.focus();
    }
  }

  filter(matches) {
    let shown = 0;
    for (const [id, { row }] of this.rows) {
      row.hidden = matches ? !matches.has(id) : false;
      if (!row.hidden) shown++;
    }
    $('objects-empty').hidden = shown > 0;
  }

  select(id) {
    for (const [each, { row }] of this.rows) row.toggleAttribute('aria-current', each === id);
  }
}

function next(row, way) {
  let at = row?.[way];
  while (at?.hidden) at = at[way];
  return at;
}

const compare = (a, b, column) => column === 2 ? urgency.indexOf(a) - urgency.indexOf(b)
  : typeof a === 'number' ? a - b : a < b ? -1 : a > b ? 1 : 0;
