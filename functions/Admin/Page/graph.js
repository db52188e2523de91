import { $, glyph, s, states } from './dom.js';

const box = { width: 252, head: 46, row: 30, gap: 26, pad: 10 };
const pill = { width: 190, height: 40, gap: 12, rows: 9 };
const plane = { width: 300, height: 58 };
const levels = 64;

/** Kinds with a form of their own; what is of any other kind is a pill beside the applications. */
const forms = new Set(['ControlPlane', 'Agent', 'EdgeResource', 'Microservice', 'Route']);
const isPill = node => !forms.has(node.kind);

/** Where everything stands: applications at the left; the control plane above its agents, each with what runs on it. */
export function layout(graph) {
  const nodes = new Map(graph.nodes.map(node => [node.id, node]));
  const on = new Map();
  const parents = new Map();
  for (const edge of graph.edges) {
    if (edge.type === 'runsOn' || edge.type === 'offeredBy') push(on, edge.to, edge.from);
    if (edge.type === 'upstream' && !parents.has(edge.from)) parents.set(edge.from, edge.to);
  }

  const agents = graph.nodes.filter(node => node.kind === 'Agent');
  const carried = new Set([...on.values()].flat());
  const loose = graph.nodes.filter(node => (node.kind === 'Microservice' || node.kind === 'EdgeResource') && !carried.has(node.id)).map(node => node.id);
  const places = new Map();
  const boxes = agents.map(agent => ({ id: agent.id, level: levelOf(agent.id), items: order(on.get(agent.id) ?? [], nodes) }));
  if (loose.length) boxes.push({ id: null, level: levels, items: order(loose, nodes) });

  const applications = graph.nodes.filter(isPill).sort((a, b) => Number(b.kind === 'Application') - Number(a.kind === 'Application'));
  const pillColumns = Math.ceil(applications.length / pill.rows);
  applications.forEach((node, i) => places.set(node.id, {
    x: Math.floor(i / pill.rows) * (pill.width + pill.gap), y: 26 + (i % pill.rows) * (pill.height + pill.gap), width: pill.width, height: pill.height,
  }));
  const left = pillColumns ? pillColumns * (pill.width + pill.gap) + 56 : 0;

  const columns = Math.max(1, Math.min(14, Math.ceil(Math.sqrt(boxes.length * 1.5))));
  const widest = Math.min(columns, Math.max(1, ...[...new Set(boxes.map(each => each.level))].map(level => boxes.filter(each => each.level === level).length)));
  const width = Math.max(plane.width, widest * (box.width + box.gap) - box.gap);
  let top = 26;
  for (const node of graph.nodes.filter(each => each.kind === 'ControlPlane')) {
    places.set(node.id, { x: left + (width - plane.width) / 2, y: top, width: plane.width, height: plane.height });
    top += plane.height + 64;
  }

  for (const level of [...new Set(boxes.map(each => each.level))].sort((a, b) => a - b)) {
    const row = boxes.filter(each => each.level === level);
    const count = Math.min(columns, row.length);
    const start = left + (width - (count * (box.width + box.gap) - box.gap)) / 2;
    const bottoms = new Array(count).fill(top);
    for (const each of row) {
      const column = bottoms.indexOf(Math.min(...bottoms));
      const place = {
        x: start + column * (box.width + box.gap), y: bottoms[column], width: box.width,
        height: box.head + each.items.length * box.row + (each.items.length ? box.pad : 0),
      };
      places.set(each.id ?? 'loose', place);
      each.place = place;
      each.items.forEach((id, i) => {
        const at = { x: place.x + box.pad, y: place.y + box.head + i * box.row, width: box.width - 2 * box.pad, height: box.row - 4, agent: each.id };
        // What several agents offer stands in each of them; its edges lead to the first.
        if (places.has(id)) (places.get(id).more ??= []).push(at);
        else places.set(id, at);
      });
      bottoms[column] += place.height + box.gap;
    }
    top = Math.max(...bottoms) + 38;
  }

  const height = Math.max(top - 38, 26 + Math.min(applications.length, pill.rows) * (pill.height + pill.gap));
  return { places, boxes, nodes, width: left + width, height, left, applications: applications.length };

  function levelOf(id, depth = 0) {
    const parent = parents.get(id);
    return !parent || nodes.get(parent)?.kind !== 'Agent' || depth > 8 ? 0 : 1 + levelOf(parent, depth + 1);
  }
}

const push = (map, key, value) => map.has(key) ? map.get(key).push(value) : map.set(key, [value]);

const order = (ids, nodes) => [...ids].sort((a, b) =>
  Number(nodes.get(a)?.kind === 'EdgeResource') - Number(nodes.get(b)?.kind === 'EdgeResource') || a.localeCompare(b));

const noteOf = node => node.kind === 'Agent' || node.kind === 'ControlPlane' ? node.reason ?? states[node.state]
  : node.kind === 'Application' ? states[node.state] : `${node.kind}, ${states[node.state]}`;

const cut = (text, most) => text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** Of so many nodes a picture takes longer than a frame. */
const large = 200;

/** Milliseconds without a step that end a gesture. */
const rest = 120;

export class GraphView {
  constructor(open) {
    this.svg = $('graph');
    this.area = this.svg.parentElement;
    this.open = open;
    this.elements = new Map();
    this.edges = [];
    this.shape = '';
    this.view = null;
    this.scene = s('g');
    this.svg.append(
      s('defs', {}, ...['route', 'waits', 'bad'].map(name => s('marker', { id: `arrow-${name}`, viewBox: '0 0 8 8', refX: 7, refY: 4, markerUnits: 'userSpaceOnUse', markerWidth: 11, markerHeight: 11, orient: 'auto-start-reverse' }, s('path', { class: `arrow ${name}`, d: 'M0 0.500L7.500 4 0 7.500z' })))),
      this.scene);
    this.listen();
  }

  show(graph) {
    this.graph = graph;
    $('graph-empty').hidden = graph.nodes.length > 0;
    const shape = JSON.stringify([graph.nodes.map(node => node.id), graph.edges.map(edge => [edge.from, edge.to, edge.type])]);
    if (shape === this.shape) this.update();
    else this.draw(shape);
  }

  draw(shape) {
    const focused = document.activeElement?.dataset?.id;
    this.shape = shape;
    this.placed = layout(this.graph);
    this.elements.clear();
    this.edges = [];
    this.told = new Map();
    const back = s('g', { 'aria-hidden': 'true' });
    const middle = s('g');
    const front = s('g', { class: 'edges', 'aria-hidden': 'true' });
    const { nodes, boxes, places, left, applications } = this.placed;
    if (applications) middle.append(s('text', { class: 'zone', x: 0, y: 10 }, 'APPLICATIONS'));
    if (nodes.size) middle.append(s('text', { class: 'zone', x: left, y: 10 }, 'NETWORK'));
    for (const node of nodes.values()) {
      if (node.kind === 'ControlPlane') this.add(middle, node, places.get(node.id), 'plane');
      if (isPill(node)) this.add(middle, node, places.get(node.id), 'pill');
    }
    for (const each of boxes) {
      if (each.id) this.add(middle, nodes.get(each.id), each.place, 'agent');
      else middle.append(s('rect', { class: 'frame loose', ...size(each.place), rx: 12 }), s('text', { class: 'name', x: each.place.x + 14, y: each.place.y + 28 }, 'On no agent'));
    }
    for (const node of nodes.values()) {
      if (node.kind !== 'Microservice' && node.kind !== 'EdgeResource') continue;
      const place = places.get(node.id);
      for (const at of place ? [place, ...(place.more ?? [])] : []) this.add(middle, node, at, node.kind === 'Microservice' ? 'chip' : 'hex');
    }
    for (const edge of this.graph.edges) this.connect(edge, edge.type === 'upstream' ? back : front);
    this.scene.replaceChildren(back, middle, front);
    this.update();
    if (!this.moved) this.fit();
    this.rove(focused && this.elements.has(focused) ? focused : this.elements.keys().next().value, Boolean(focused && this.elements.has(focused)));
    this.mark();
  }

  add(parent, node, place, form) {
    const { x, y, width, height } = place;
    const middle = y + (form === 'agent' ? box.head / 2 : height / 2);
    const big = form === 'plane' || form === 'agent';
    const state = glyph(node.state, big ? 20 : 15);
    state.setAttribute('x', x + (big ? 13 : form === 'hex' ? 13 : 9));
    state.setAttribute('y', middle - (big ? 10 : 7.5));
    const text = x + (big ? 43 : form === 'hex' ? 34 : 31);
    const outline = form === 'hex'
      ? s('path', { class: 'frame', d: `M${x + 9} ${y}H${x + width - 9}L${x + width} ${y + height / 2} ${x + width - 9} ${y + height}H${x + 9}L${x} ${y + height / 2}z` })
      : s('rect', { class: 'frame', ...size(place), rx: form === 'agent' ? 12 : form === 'pill' ? height / 2 : form === 'plane' ? 14 : 7 });
    const second = big || form === 'pill';
    const label = s('text', { class: 'name', x: text, y: middle + (second ? -3 : 4.500) }, cut(node.name, big ? 24 : second ? 18 : form === 'hex' ? 18 : 16));
    const note = second
      ? s('text', { class: 'note', x: text, y: middle + 13 })
      : s('text', { class: 'note end', x: x + width - (form === 'hex' ? 13 : 9), y: middle + 4 }, form === 'hex' ? 'edge resource' : cut(this.applicationOf(node), 13));
    const group = s('g', { class: `node ${form}`, role: 'button', tabindex: -1, 'data-id': node.id }, s('title'), outline, state, label, note);
    parent.append(group);
    const all = this.elements.get(node.id);
    const element = { group, state, note: second ? note : null, title: group.firstChild, x: x + width / 2, y: middle };
    if (all) all.push(element);
    else this.elements.set(node.id, [element]);
  }

  applicationOf(node) {
    if (node.declaredBy) return node.declaredBy.split('/')[1];
    return this.graph.edges.find(edge => edge.type === 'partOf' && edge.from === node.id)?.to.split('/')[1] ?? '';
  }

  connect(edge, parent) {
    const [from, to] = [this.placed.places.get(edge.from), this.placed.places.get(edge.to)];
    if (!from || !to || !['upstream', 'route', 'waitsFor'].includes(edge.type)) return;
    if (edge.type === 'waitsFor' && from.agent === edge.to) return; // it stands in it
    const line = s('path', { class: `edge ${edge.type}`, d: path(edge.type, from, to) });
    if (edge.type === 'route') line.append(s('title', {}, `Route ${edge.name}`));
    parent.append(line);
    this.edges.push({ edge, line });
  }

  /** Only what says something else than before is touched. */
  update() {
    for (const node of this.graph.nodes) {
      const says = `${node.state}|${node.reason ?? ''}|${node.message ?? ''}`;
      if (this.told.get(node.id) === says) continue;
      this.told.set(node.id, says);
      for (const { group, state, note, title } of this.elements.get(node.id) ?? []) {
        group.dataset.state = node.state;
        state.setAttribute('class', `glyph state-${node.state}`);
        state.firstChild.setAttribute('href', `#s-${node.state}`);
        const label = `${node.kind} ${node.name}: ${states[node.state]}${node.reason ? `, ${node.reason}` : ''}`;
        title.textContent = `${label}${node.message ? `\n${node.message}` : ''}`;
        if (note) note.textContent = cut(noteOf(node), 30);
      }
    }
    const states_ = new Map(this.graph.edges.map(edge => [key(edge), edge.state]));
    for (const { edge, line } of this.edges) {
      const state = states_.get(key(edge));
      const look = edge.type === 'upstream' ? '' : edge.type === 'waitsFor' ? 'waits' : state && state !== 'ready' ? 'bad' : 'route';
      if (!look || line.dataset.look === look) continue;
      line.dataset.look = look;
      line.classList.toggle('bad', look === 'bad');
      line.setAttribute('marker-end', `url(#arrow-${look})`);
    }
  }

  /** What matches a filter stays bright; what the selected object has to do with is drawn strongly. */
  mark(selected = this.selected, matches = this.matches) {
    this.selected = selected;
    this.matches = matches;
    const near = new Set();
    if (selected) {
      near.add(selected);
      for (const edge of this.graph.edges) {
        if (edge.from === selected || edge.owner === selected) near.add(edge.to);
        if (edge.to === selected || edge.owner === selected) near.add(edge.from);
      }
    }
    for (const [id, all] of this.elements) {
      for (const { group } of all) {
        group.classList.toggle('selected', id === selected);
        group.classList.toggle('near', near.has(id) && id !== selected);
        group.classList.toggle('dim', matches ? !matches.has(id) : false);
      }
    }
    for (const { edge, line } of this.edges)
      line.classList.toggle('strong', Boolean(selected) && (edge.from === selected || edge.to === selected || edge.owner === selected));
  }

  fit() {
    const { width, height } = this.area.getBoundingClientRect();
    if (!width || !this.placed) return;
    const scale = Math.min(1.35, (width - 48) / this.placed.width, (height - 84) / this.placed.height);
    this.view = { scale, x: (width - this.placed.width * scale) / 2, y: Math.max(24, (height - 44 - this.placed.height * scale) / 2) };
    this.moved = false;
    this.apply();
  }

  /** A large network is not drawn for each step of a gesture: its picture moves, and is drawn anew when it rests. */
  apply(moving = false) {
    const { scale, x, y } = this.view;
    clearTimeout(this.resting);
    if (moving && this.shown && this.elements.size > large) {
      const by = scale / this.shown.scale;
      this.svg.classList.add('moving');
      this.svg.style.transform = `translate(${x - this.shown.x * by}px, ${y - this.shown.y * by}px) scale(${by})`;
      this.resting = setTimeout(() => this.apply(), rest);
      return;
    }

    this.shown = this.view;
    this.scene.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale.toFixed(4)})`);
    this.svg.classList.toggle('far', scale < 0.45);
    this.svg.classList.remove('moving');
    this.svg.style.transform = '';
  }

  zoom(factor, at) {
    if (!this.view) return;
    const { width, height } = this.area.getBoundingClientRect();
    const [cx, cy] = at ?? [width / 2, height / 2];
    const scale = Math.min(3, Math.max(0.04, this.view.scale * factor));
    const real = scale / this.view.scale;
    this.view = { scale, x: cx - (cx - this.view.x) * real, y: cy - (cy - this.view.y) * real };
    this.moved = true;
    this.apply(at !== undefined);
  }

  rove(id, focus = true) {
    for (const { group } of this.elements.get(this.current) ?? []) group.setAttribute('tabindex', -1);
    this.current = id;
    const first = this.elements.get(id)?.[0];
    if (!first) return;
    first.group.setAttribute('tabindex', 0);
    if (focus) first.group.focus({ preventScroll: true });
  }

  listen() {
    $('zoom-in').addEventListener('click', () => this.zoom(1.3));
    $('zoom-out').addEventListener('click', () => this.zoom(1 / 1.3));
    $('zoom-fit').addEventListener('click', () => this.fit());
    new ResizeObserver(() => this.moved || this.fit()).observe(this.svg);
    this.area.addEventListener('wheel', event => {
      event.preventDefault();
      const area = this.area.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY / 500), [event.clientX - area.x, event.clientY - area.y]);
    }, { passive: false });
    let from = null;
    this.area.addEventListener('pointerdown', event => {
      from = { x: event.clientX, y: event.clientY, dragged: false };
    });
    this.area.addEventListener('pointermove', event => {
      if (!from || !(event.buttons & 1)) return;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      if (!from.dragged && Math.hypot(dx, dy) < 4) return;
      if (!from.dragged) this.area.setPointerCapture(event.pointerId);
      from = { x: event.clientX, y: event.clientY, dragged: true };
      this.view = { ...this.view, x: this.view.x + dx, y: this.view.y + dy };
      this.moved = true;
      this.apply(true);
    });
    this.area.addEventListener('click', event => {
      const id = event.target.closest('.node')?.dataset.id;
      if (id && !from?.dragged) {
        this.rove(id);
        this.open(id);
      }
      from = null;
    });
    // A screen reader moves the focus by itself: what has it is where the keys begin.
    this.svg.addEventListener('focusin', event => {
      const id = event.target.closest('.node')?.dataset.id;
      if (id && id !== this.current) this.rove(id, false);
    });
    this.svg.addEventListener('keydown', event => {
      const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
      if (event.key === 'Enter' || event.key === ' ') this.open(this.current);
      else if (event.key === '+' || event.key === '=') this.zoom(1.3);
      else if (event.key === '-') this.zoom(1 / 1.3);
      else if (event.key === '0') this.fit();
      else if (ways[event.key]) this.step(...ways[event.key]);
      else return;
      event.preventDefault();
    });
  }

  /** The nearest in a direction: what is beside counts three times its distance. */
  step(dx, dy) {
    const here = this.elements.get(this.current)?.[0];
    if (!here) return;
    let best = null;
    for (const [id, [there]] of this.elements) {
      const [x, y] = [there.x - here.x, there.y - here.y];
      const ahead = x * dx + y * dy;
      if (id === this.current || ahead <= 1) continue;
      const far = ahead + 3 * Math.abs(x * dy + y * dx);
      if (!best || far < best.far) best = { id, far };
    }
    if (best) this.rove(best.id);
    this.reveal();
  }

  reveal() {
    const there = this.elements.get(this.current)?.[0];
    const { width, height } = this.area.getBoundingClientRect();
    const [x, y] = [there.x * this.view.scale + this.view.x, there.y * this.view.scale + this.view.y];
    if (x > 40 && x < width - 40 && y > 40 && y < height - 40) return;
    this.view = { ...this.view, x: this.view.x + width / 2 - x, y: this.view.y + height / 2 - y };
    this.moved = true;
    this.apply();
  }
}

const key = edge => `${edge.from}|${edge.to}|${edge.type}|${edge.name ?? ''}`;

const size = ({ x, y, width, height }) => ({ x, y, width, height });

function path(type, from, to) {
  if (type === 'upstream') {
    const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y, to.x + to.width / 2, to.y + to.height];
    const bend = Math.max(24, Math.abs(y1 - y2) / 2);
    return `M${x1} ${y1}C${x1} ${y1 - bend} ${x2} ${y2 + bend} ${x2} ${y2}`;
  }
  const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
  if (Math.abs(from.x - to.x) < from.width / 2) {
    const right = Math.max(from.x + from.width, to.x + to.width);
    const bulge = right + 26 + Math.min(40, Math.abs(y1 - y2) / 6);
    return `M${from.x + from.width} ${y1}C${bulge} ${y1} ${bulge} ${y2} ${to.x + to.width + 2} ${y2}`;
  }
  const forward = from.x < to.x;
  const [x1, x2] = forward ? [from.x + from.width, to.x - 2] : [from.x, to.x + to.width + 2];
  const bend = Math.max(26, Math.abs(x2 - x1) / 2) * (forward ? 1 : -1);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
