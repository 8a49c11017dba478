import { connect } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  getItem,
  getSight,
  grantActor,
  itemChanged,
  registerFile,
  registry,
  signIn,
  userChanged,
  type Credential,
  changeItem,
  itemNotFound,
  getMailStop,
  grantStopLink,
  linkVoid,
  stopMails,
  listJobRows,
  postSignIn,
} from '@sportello/contracts';
import {
  jobNotFound,
  Refusal,
  systemClock,
  tokenRefused,
  tooManyRequests,
  type Operation,
  versionConflict,
} from '@sportello/kernel';
import { accessReader, eventSubject } from '@sportello/messaging';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { ActorSigner, Handles, ServiceModule, type Context } from '@sportello/service';
import { aUser, eventually, newId, startWorld, testSecret, type World } from '@sportello/testing';
import { readFileSync } from 'node:fs';
import { createGateway } from './start.js';

const workspace = newId();
const anna = aUser(workspace);
const per = aUser(workspace, { role: 'member', teams: [newId()] });
const known = new Map([
  ['session-of-anna-0000000000', anna],
  ['session-of-per-00000000000', per],
]);
/** Somebody whose actor token has 15 s left, how often one was granted, and what the next waits for. */
const soonOver = aUser(workspace);
known.set('session-that-is-renewed-000', soonOver);
let granted = 0;
let grantGate = Promise.resolve();
/** The projects that Per sees. */
let grants: string[] = [];

/** An item that Anna may no longer see. */
const takenAway = newId();

const jobRowId = (n: number) => `01934f00-0000-7000-8000-00000000000${n}`;

/** Stands in for identity and tickets: what the gateway needs of them. */
@Controller()
class Others {
  @Handles(grantActor)
  async grant({ credential }: Credential) {
    const actor = known.get(credential);
    if (!actor) throw new Refusal(tokenRefused);
    const identity = new ActorSigner(testSecret, 'identity', systemClock);
    if (actor !== soonOver) return { actorToken: await identity.sign(actor), expiresAt: new Date(Date.now() + 60_000) };
    granted += 1;
    await grantGate;
    return { actorToken: await identity.sign(actor), expiresAt: new Date(Date.now() + 15_000) };
  }

  @Handles(signIn)
  async signIn() {
    return {
      sessionToken: 'session-of-anna-0000000000',
      expiresAt: new Date(Date.now() + 1e9),
      workspace: 'acme',
      userId: anna.id,
    };
  }

  @Handles(getSight)
  async sight() {
    return {
      projects: grants.map((projectId) => ({ projectId, role: 'lead' as const })),
      followedProjects: [],
      customerSight: 'own' as const,
    };
  }

  @Handles(registerFile)
  async register({ hash, ...file }: { hash: string; name: string; contentType: string; size: number }) {
    return { id: `01934f00-0000-7000-8000-${hash.slice(0, 12)}`, ...file, inline: false };
  }

  @Handles(grantStopLink)
  async grantStop({ token }: { token: string }) {
    if (token !== 'good') throw new Refusal(linkVoid);
    const identity = new ActorSigner(testSecret, 'identity', systemClock);
    const person = { kind: 'customer' as const, id: newId() };
    const actorToken = await identity.sign({ kind: 'link', purpose: 'stop-mails', workspace, person, itemId: newId() });
    return { actorToken, expiresAt: new Date() };
  }

  /** Three pages of two; a job of somebody else. */
  @Handles(listJobRows)
  async jobRows({ id, cursor = '0' }: { id: string; cursor?: string }) {
    if (id === takenAway) throw new Refusal(jobNotFound);
    const at = Number(cursor);
    const rows = [at, at + 1].map((n) => ({
      id: jobRowId(n),
      outcome: n === 3 ? ('refused' as const) : ('done' as const),
    }));
    const data = rows.map((row) => ({ ...row, code: row.outcome === 'refused' ? 'forbidden' : null }));
    return { data, nextCursor: at < 4 ? String(at + 2) : null };
  }

  @Handles(getMailStop)
  async stopState() {
    return { itemNumber: 1042, language: 'nb' as const, stopped: false };
  }

  @Handles(stopMails)
  async stop() {
    return { itemNumber: 1042, language: 'nb' as const, stopped: true };
  }

  @Handles(changeItem)
  async change(): Promise<never> {
    throw new Refusal(versionConflict);
  }

  @Handles(getItem)
  async item({ id }: { id: string }, ctx: Context) {
    if (id === takenAway) throw new Refusal(itemNotFound);
    return { id, number: 1, title: ctx.actor.kind, version: 7 } as never;
  }
}

@Module({ imports: [ServiceModule.forService({ name: 'tickets', entities: [] })], controllers: [Others] })
class OthersModule {}

/** A method that somebody forgot to declare. */
@Controller('api/v1/forgotten')
class Forgotten {
  @Get()
  secret() {
    return 'secret';
  }
}

describe('the gateway', () => {
  let world: World;
  let gateway: NestFastifyApplication;
  let base: string;
  const bearer = { Authorization: 'Bearer session-of-anna-0000000000' };
  const call = async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) => {
    const json = body !== undefined && typeof body !== 'string';
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as string) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text,
    };
  };

  beforeAll(async () => {
    world = await startWorld([OthersModule], { TRUSTED_PROXIES: '10.0.3.4, 10.0.8.0/24' });
    gateway = await createGateway([Forgotten]);
    await gateway.listen(0, '127.0.0.1');
    base = `${(await gateway.getUrl()).replace('[::1]', '127.0.0.1')}`;
  });
  afterAll(async () => {
    await gateway.close();
    await world.stop();
  });

  it('given a route that nobody declared, then it is denied', async () => {
    expect(await call('GET', '/api/v1/forgotten', bearer)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('given an address that is none, then it is 400 with a code and a sentence', async () => {
    const { status, body } = await call('GET', '/api/v1/items/%zz', bearer);
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'invalid_input', status: 400 })]);
  });

  it('given no credentials, then everything but the open routes asks for them, with a code and a sentence', async () => {
    for (const operation of [...registry.operations.values()].filter(
      ({ http, permission }) => http && permission !== 'anyone',
    )) {
      const [method, path] = (operation as Operation & { http: string }).http.split(' ') as [string, string];
      const answer = await call(
        method,
        `/api/v1${path.replace(/:\w+/g, newId())}`,
        {},
        method === 'GET' || method === 'DELETE' ? undefined : {},
      );
      expect({ id: operation.id, status: answer.status }).toEqual({ id: operation.id, status: 401 });
      expect(answer.body).toMatchObject({ code: 'not_signed_in', title: expect.any(String) });
    }
  });

  it('given a void or malformed credential, then it is refused', async () => {
    expect(await call('GET', '/api/v1/me', { Authorization: 'Bearer session-of-nobody-000000000' })).toMatchObject({
      status: 401,
      body: { code: 'token_refused' },
    });
    expect(await call('GET', '/api/v1/me', { Authorization: 'Basic YTpi' })).toMatchObject({ status: 401 });
  });

  it('given a session in use, then it has one actor token, renewed behind the request before it is over', async () => {
    const session = { Authorization: 'Bearer session-that-is-renewed-000' };
    expect(await call('GET', '/api/v1/items/7', session)).toMatchObject({ status: 200 });
    expect(granted).toBe(1);
    let open = (): void => undefined;
    grantGate = new Promise((resolve) => (open = resolve));
    // Identity is slow: nobody waits for it, and it is asked once.
    for (let time = 0; time < 3; time += 1)
      expect(await call('GET', '/api/v1/items/7', session)).toMatchObject({ status: 200 });
    await eventually(async () => expect(granted).toBe(2));
    open();
    for (let time = 0; time < 3; time += 1) await call('GET', '/api/v1/items/7', bearer);
    expect(granted).toBe(2);
  });

  it('given a service that is away, then it is 503 and says when to come back', async () => {
    const answer = await call('GET', '/api/v1/notifications', bearer);
    expect(answer).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('given a body larger than its route declares, then it is 413', async () => {
    const form = { workspace: 'acme', email: 'anna@rossi.test', password: 'x'.repeat(20_000) };
    expect(await call('POST', '/api/v1/sign-in', {}, form)).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  it('given an answer with a version, then it is the ETag', async () => {
    const answer = await call('GET', '/api/v1/items/7', bearer);
    expect(answer.headers.get('etag')).toBe('"7"');
    expect(answer.body).toMatchObject({ id: '7', title: 'user' });
  });

  it('given an unknown field, a name in two places, or a body where none belongs, then it is 400 and says where', async () => {
    const id = newId();
    expect(await call('PATCH', `/api/v1/items/${id}`, bearer, { admin: true })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'admin' }] },
    });
    expect(await call('PATCH', `/api/v1/items/${id}`, bearer, { id, title: 'x' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'id' }] },
    });
    expect(await call('PATCH', `/api/v1/items/${id}?title=x`, bearer, {})).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'title' }] },
    });
    expect(await call('GET', '/api/v1/items?limit=ten', bearer)).toMatchObject({
      status: 400,
      body: { errors: expect.arrayContaining([expect.objectContaining({ field: 'limit' })]) },
    });
    expect(await call('GET', '/api/v1/items?nope=1', bearer)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
    expect(await call('POST', '/api/v1/items', bearer, '[1]')).toMatchObject({ status: 400 });
    expect(await call('POST', '/api/v1/items', bearer, '{"title":')).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
    expect(await call('POST', '/api/v1/items', { ...bearer, 'Content-Type': 'text/xml' }, '<a/>')).toMatchObject({
      status: 415,
    });
  });

  it('given a body larger than a message may be, then it is 413', async () => {
    expect(await call('POST', '/api/v1/items', bearer, { title: 'x', html: 'x'.repeat(7_000_000) })).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    });
  });

  it('given an operation that only services call, then it has no address', async () => {
    expect(await call('POST', '/api/v1/tickets.mail.receive', bearer, {})).toMatchObject({ status: 404 });
  });

  it('given reverse proxies that are trusted, then visitors are told apart by what those forward, and by nothing that anybody else says', async () => {
    const { perMinute } = postSignIn.limits;
    const signIn = async (remoteAddress: string, forwarded: string) => {
      const server = gateway.getHttpAdapter().getInstance();
      const headers = { 'x-forwarded-for': forwarded };
      const { statusCode } = await server.inject({ method: 'POST', url: '/api/v1/sign-in', remoteAddress, headers });
      return statusCode === tooManyRequests.status;
    };
    for (const proxy of ['10.0.3.4', '10.0.8.77', '203.0.113.7']) {
      const refused: boolean[] = [];
      for (let visitor = 0; visitor <= perMinute; visitor += 1)
        refused.push(await signIn(proxy, `198.51.100.${visitor}`));
      expect(refused.at(-1)).toBe(proxy === '203.0.113.7');
    }
    // What a visitor writes into the header stands before what the proxy adds.
    for (let call = 0; call < perMinute; call += 1) await signIn('10.0.3.4', `192.0.2.${call}, 203.0.113.8`);
    expect(await signIn('10.0.3.4', '192.0.2.250, 203.0.113.8')).toBe(true);
  });

  it('given a sign-in, then the session is in a cookie that no script reads, and another site’s page cannot use it', async () => {
    const answer = await call(
      'POST',
      '/api/v1/sign-in',
      {},
      { workspace: 'acme', email: 'anna@rossi.test', password: 'long enough' },
    );
    const cookie = answer.headers.get('set-cookie') as string;
    expect(answer).toMatchObject({ status: 200, body: { workspace: 'acme' } });
    expect(answer.body).not.toHaveProperty('sessionToken');
    expect(cookie).toMatch(/HttpOnly.*SameSite=Lax/);
    const session = { Cookie: cookie.split(';')[0] as string };
    expect(await call('GET', '/api/v1/items/7', session)).toMatchObject({ status: 200 });
    const foreign = { ...session, Origin: 'https://evil.example' };
    expect(await call('PATCH', `/api/v1/items/${newId()}`, foreign, { title: 'x' })).toMatchObject({ status: 403 });
  });

  it('given an upload, then its name has no path and its bytes are whole; a page can never be served as one', async () => {
    const form = new FormData();
    form.append('file', new Blob(['<script>alert(1)</script>'], { type: 'text/html' }), '../../etc/pass\u202ewd.html');
    const response = await fetch(`${base}/api/v1/files`, { method: 'POST', headers: bearer, body: form });
    expect(await response.json()).toMatchObject({ name: 'passwd.html', size: 25, contentType: 'text/html' });
    expect((await call('POST', '/api/v1/files', bearer, {})).status).toBe(400);
  });

  it('given a job of many rows, then its result file has the answer for each; that of somebody else’s is not there', async () => {
    const result = await fetch(`${base}/api/v1/jobs/${newId()}/result`, { headers: bearer });
    expect(result.headers.get('content-disposition')).toContain('attachment');
    const lines = (await result.text()).trimEnd().split('\r\n');
    const answers = [0, 1, 2, 3, 4, 5].map((n) => `${jobRowId(n)},${n === 3 ? 'refused,forbidden' : 'done,'}`);
    expect(lines).toEqual(['id,outcome,code', ...answers]);
    expect(await call('GET', `/api/v1/jobs/${takenAway}/result`, bearer)).toMatchObject({ status: 404, body: { code: 'not_found' } }); // prettier-ignore
  });

  it('sends no page without a policy of what may run in it', async () => {
    expect((await call('GET', '/api/health')).headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('given a change that is meant for an older version, then 412 carries the record as the asker may see it now, and says so in OpenAPI', async () => {
    const id = newId();
    const conflict = await call('PATCH', `/api/v1/items/${id}`, { ...bearer, 'If-Match': '"6"' }, { title: 'x' });
    expect(conflict).toMatchObject({ status: 412, body: { code: 'version_conflict', current: { id, version: 7 } } });
    const blind = await call('PATCH', `/api/v1/items/${takenAway}`, bearer, { title: 'x' });
    expect(blind.status).toBe(412);
    expect(blind.body).not.toHaveProperty('current');
    const { body } = await call('GET', '/api/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, { responses: Record<string, unknown> }>> };
    const documented = paths['/api/v1/items/{id}']?.patch?.responses['412'];
    expect(JSON.stringify(documented)).toContain('"current":{"$ref":"#/components/schemas/ItemDetails"}');
  });

  it('given the link of a mail, then a page asks in the reader’s language, a POST does it, also by a mail program, and a void link says so', async () => {
    const page = (method: string, token: string, headers = {}, body?: string) =>
      fetch(`${base}/stop-mails?token=${token}`, { method, headers, body }).then(async (response) => ({
        status: response.status,
        type: response.headers.get('content-type'),
        text: await response.text(),
      }));
    const asked = await page('GET', 'good');
    expect(asked).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    expect(asked.text).toContain('<html lang="nb">');
    expect(asked.text).toContain('<form method="post"><button>');
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const stopped = await page('POST', 'good', form, 'List-Unsubscribe=One-Click');
    expect(stopped.text).toContain('Du får ikke mer e-post om dette.');
    expect((await page('POST', 'good', form, '')).status).toBe(200);
    const unusable = await page('POST', 'forged', { ...form, 'Accept-Language': 'it-IT,it;q=0.9' }, '');
    expect(unusable.status).toBe(410);
    expect(unusable.text).toContain('Il link è troppo vecchio');
    const gone = await fetch(`${base}/stop-mails`);
    expect(gone.status).toBe(410);
  });

  it('describes itself: every operation, and the file that handles it', async () => {
    const { body } = await call('GET', '/api/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, Record<string, string>>> };
    for (const operation of registry.operations.values()) {
      const [method = '', path = ''] = operation.http?.split(' ') ?? [];
      if (!path) continue;
      const described = paths[`/api/v1${path.replace(/:(\w+)/g, '{$1}')}`]?.[method.toLowerCase()];
      expect(described).toMatchObject({ 'x-operation': operation.id, 'x-permission': operation.permission });
      const file = readFileSync(described?.['x-handled-by'] as string, 'utf8');
      expect(file).toMatch(/@(Handles|Runs)\(/);
    }
  });

  describe('live', () => {
    const open = async (lastId?: string, as = bearer) => {
      const stop = new AbortController();
      const response = await fetch(`${base}/api/v1/events`, {
        headers: { ...as, ...(lastId && { 'Last-Event-ID': lastId }) },
        signal: stop.signal,
      });
      const events: { id?: string; event?: string; data: Record<string, unknown> }[] = [];
      const read = (async () => {
        let text = '';
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          text += Buffer.from(chunk).toString();
          const blocks = text.split('\n\n');
          text = blocks.pop() as string;
          for (const block of blocks) {
            const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
            if (field('event'))
              events.push({
                id: field('id'),
                event: field('event'),
                data: JSON.parse(field('data') ?? '{}') as Record<string, unknown>,
              });
          }
        }
      })().catch(() => undefined);
      return { events, ended: read, close: () => (stop.abort(), read), status: response.status };
    };
    const tell = (
      subject: string,
      facts: { workspace?: string; many?: string[]; projectId?: string; changed?: string[] } = {},
    ) => {
      const at = facts.workspace ?? workspace;
      const is = {
        projectId: facts.projectId ?? newId(),
        requester: null,
        requesterOrganizationId: null,
        assignedUserIds: [],
        assignedTeamIds: [],
        followers: [],
        published: true,
      };
      const data = { after: {}, changed: facts.changed ?? ['title'], was: is, is, internal: false, customer: null };
      const event = {
        specversion: '1.0',
        id: newId(),
        source: 'x',
        type: itemChanged.id,
        subject,
        time: '',
        workspace: at,
        seq: 3,
        actor: null,
        data,
      };
      const { data: _own, ...shared } = event;
      const many = facts.many?.map((one) => ({ id: newId(), subject: one, seq: 3, data }));
      const message = many ? { ...shared, many } : event;
      return jetstream(world.connection).publish(eventSubject(itemChanged, at), JSON.stringify(message));
    };

    it('tells ids and versions of what I may see, and nothing of another workspace', async () => {
      const stream = await open();
      await eventually(() => expect(stream.events).toHaveLength(1));
      const [mine, theirs] = [newId(), newId()];
      await tell(theirs, { workspace: newId() });
      await tell(mine);
      await eventually(() => expect(stream.events).toHaveLength(2));
      expect(stream.events[1]).toMatchObject({ event: 'change', data: { id: mine, version: 3, changed: ['title'] } });
      await stream.close();
    });

    it('resumes with nothing missed, and resets on an id it does not know', async () => {
      const first = await open();
      await tell(newId());
      await eventually(() => expect(first.events.length).toBeGreaterThan(1));
      const last = first.events.at(-1)?.id;
      await first.close();
      const missed = [newId(), newId()];
      for (const id of missed) await tell(id);
      const second = await open(last);
      await eventually(() =>
        expect(second.events.filter(({ event }) => event === 'change').map(({ data }) => data.id)).toEqual(missed),
      );
      await second.close();
      for (const unknown of ['1-1', 'garbage', `${last}-1`, `${last?.split('-')[0]}--1`]) {
        const stranger = await open(unknown);
        await eventually(() => expect(stranger.events[0]?.event).toBe('reset'));
        await stranger.close();
      }
    });

    it('takes the first of several ids, and never what one carries besides', async () => {
      for (const query of ['lastEventId=1-1&lastEventId=2-2', 'lastEventId=1-1%0Aevent:%20change']) {
        const stop = new AbortController();
        const response = await fetch(`${base}/api/v1/events?${query}`, { headers: bearer, signal: stop.signal });
        let text = '';
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          text += Buffer.from(chunk).toString();
          if (text.includes('event: ')) break;
        }
        stop.abort();
        expect(text).toContain('event: reset');
        expect(text).not.toContain('event: change');
      }
    });

    it('closes the stream of a browser that does not read, so that nothing piles up', async () => {
      const { hostname, port } = new URL(base);
      const socket = connect(Number(port), hostname);
      socket.pause();
      socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer.Authorization}\r\n\r\n`);
      const watching = await open();
      await eventually(() => expect(watching.events).toHaveLength(1));
      const told = 120;
      for (let index = 0; index < told; index += 1) await tell(newId(), { changed: ['x'.repeat(200_000)] });
      await eventually(() => expect(watching.events).toHaveLength(told + 1));
      let bytes = 0;
      socket.on('data', (chunk) => (bytes += chunk.length)).on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.resume();
      await closed;
      expect(bytes).toBeLessThan(told * 200_000);
      await watching.close();
    });

    it('tells each of a bulk change, and all of them again to who lost the connection in between', async () => {
      const stream = await open();
      await eventually(() => expect(stream.events).toHaveLength(1));
      const many = [newId(), newId(), newId()];
      await tell(newId(), { many });
      const changes = () => stream.events.filter(({ event }) => event === 'change');
      await eventually(() => expect(changes().map(({ data }) => data.id)).toEqual(many));
      expect(changes().map(({ id }) => id !== undefined)).toEqual([false, false, true]);
      await stream.close();
    });

    it('tells open browsers to fetch everything when the stream was wiped', async () => {
      const stream = await open();
      await eventually(() => expect(stream.events).toHaveLength(1));
      await (await jetstreamManager(world.connection)).streams.delete('EVENTS');
      await eventually(() => expect(stream.events.map(({ event }) => event)).toContain('reset'));
      await stream.close();
    });

    describe('when what I may see changes', () => {
      const asPer = { Authorization: 'Bearer session-of-per-00000000000' };
      /** Per's teams changed. */
      const change = (changed: string[]) => {
        const data = { after: { id: per.id }, changed, was: null, is: null, internal: false, customer: null };
        const event = {
          specversion: '1.0',
          id: newId(),
          source: 'x',
          type: userChanged.id,
          subject: per.id,
          time: '',
          workspace,
          seq: 5,
          actor: null,
          data,
        };
        return jetstream(world.connection).publish(eventSubject(userChanged, workspace), JSON.stringify(event));
      };
      const seen = (stream: Awaited<ReturnType<typeof open>>) =>
        stream.events.map(({ event, data }) => data.id ?? event);

      it('drops what it knew of my grants before it looks at any later event, and tells me to fetch', async () => {
        const projectId = newId();
        const [before, after] = [newId(), newId()];
        grants = [projectId];
        const stream = await open(undefined, asPer);
        await tell(before, { projectId });
        await eventually(() => expect(seen(stream)).toEqual(['hello', before]));
        const other = newId();
        grants = [other];
        await change(['teamIds']);
        await tell(after, { projectId });
        const last = newId();
        await tell(last, { projectId: other });
        await eventually(() => expect(seen(stream)).toEqual(['hello', before, 'reset', last]));
        await stream.close();
      });

      it('looks at nothing on the grounds of grants that are out of date: while their owner has not heard of the change, it closes the stream', async () => {
        const projectId = newId();
        grants = [projectId];
        const stream = await open(undefined, asPer);
        await eventually(() => expect(seen(stream)).toEqual(['hello']));
        const manager = await jetstreamManager(world.connection);
        const name = 'tickets--identity';
        await manager.consumers.add('EVENTS', {
          durable_name: name,
          description: accessReader,
          filter_subject: 'evt.identity.>',
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.New,
        });
        await change(['active']);
        await tell(newId(), { projectId });
        await stream.ended;
        expect(seen(stream)).toEqual(['hello']);
        await manager.consumers.delete('EVENTS', name);
        const again = await open(stream.events.at(-1)?.id, asPer);
        await eventually(() => expect(seen(again)).toContain('reset'));
        await again.close();
      });

      it('stays as it is when something else of mine changes', async () => {
        const stream = await open(undefined, asPer);
        await change(['name']);
        await eventually(() => expect(seen(stream)).toEqual(['hello', per.id]));
        await stream.close();
      });
    });

    it('closes the stream of somebody whose credential is void', async () => {
      expect((await open()).status).toBe(200);
      known.delete('session-of-anna-0000000000');
      world.connection.publish(
        'identity.epoch-raised',
        JSON.stringify({ workspace, kind: 'user', id: anna.id, epoch: 9 }),
      );
      await eventually(async () => expect((await call('GET', '/api/v1/items/7', bearer)).status).toBe(401));
    });
  });
});
