// Every read carries the tag of the answer before: what has not changed is not sent again.
const known = new Map();

/** Milliseconds after which an answer comes no more. */
const patience = 20_000;
let token = null;

export class Refused extends Error {
  constructor(status, title, after) {
    super(title);
    this.status = status;
    this.after = after;
  }
}

export const signedIn = () => token !== null;

export function signIn(value) {
  token = value;
  known.clear();
}

async function send(method, path, headers = {}) {
  const response = await fetch(path, { method, cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(patience), headers: { Authorization: `Bearer ${token}`, ...headers } });
  if (response.ok || response.status === 304) return response;
  let title = `${response.status} ${response.statusText}`;
  if (response.headers.get('Content-Type')?.includes('json')) title = (await response.json()).title ?? title;
  throw new Refused(response.status, title, Number(response.headers.get('Retry-After') ?? 0));
}

/** The answer, and whether it is another one than before. */
export async function read(path) {
  const before = known.get(path);
  const response = await send('GET', path, before ? { 'If-None-Match': before.tag } : {});
  if (response.status === 304) return { body: before.body, changed: false };
  const body = await response.json();
  known.set(path, { tag: response.headers.get('ETag'), body });
  return { body, changed: true };
}

export const forget = path => known.delete(path);

export async function act(method, path) {
  return (await send(method, path)).json();
}

export async function download(path) {
  const response = await send('GET', path);
  const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'download';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
