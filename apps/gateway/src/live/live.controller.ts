import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { getEvents, getSight, postPresence, PresenceInput, watchItem } from '@sportello/contracts';
import { Refusal, validate } from '@sportello/kernel';
import { allows, noSight, personOf, type AccessFacts, type Sight } from '@sportello/permissions';
import { CLIENT, type OperationClient } from '@sportello/service';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { callerOf, Serves } from '../declared.guard.js';
import { ActorTokens } from '../session/actor-tokens.js';
import { audienceOf, changesAccessOf } from './audience.js';
import { LiveFeed, type FeedEvent } from './feed.js';
import { Grants } from './grants.js';
import { Presence, type PresenceNote } from './presence.js';

/** What may wait for a browser that does not read; then its stream is closed, and it comes again when it does. */
const mostWaiting = 1024 * 1024;
/** A line to keep proxies from closing a quiet stream. */
const heartbeatMilliseconds = 20_000;

/** Live updates: which records changed or went, never their content; the browser fetches what it shows. */
@ApiTags('live')
@Controller('api/v1')
export class LiveController {
  constructor(
    private readonly feed: LiveFeed,
    private readonly presence: Presence,
    private readonly tokens: ActorTokens,
    private readonly grants: Grants,
    @Inject(CLIENT) private readonly client: OperationClient,
  ) {}

  @Get('events')
  @Serves(getEvents)
  @ApiOperation({ operationId: 'streamEvents', summary: getEvents.summary })
  @ApiResponse({ status: 200, description: 'text/event-stream' })
  async events(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Headers('last-event-id') lastId?: string,
  ): Promise<void> {
    const caller = callerOf(request);
    const stream = new EventStream(reply);
    let { actor } = caller;
    let sight = noSight;
    // Events are looked at one after another, so that a change of access is applied before the next; the first turn finds the grants, and what comes
    // meanwhile waits for it.
    let turn: Promise<void> = this.#sightOf(caller.actorToken).then(
      (found) => {
        sight = found;
      },
      () => stream.close(),
    );

    const look = async (each: FeedEvent): Promise<void> => {
      if (changesAccessOf(each.event, actor)) {
        sight = noSight;
        try {
          // Whom the change leaves without a session it leaves without a stream.
          const fresh = await this.tokens.callerAnew(request);
          sight = await this.#sightOf(fresh.actorToken);
          actor = fresh.actor;
          stream.send('reset', { reason: 'access' }, idOf(each));
        } catch {
          stream.close();
        }
        return;
      }
      const seen = audienceOf(each.event, actor, sight);
      if (seen !== 'nothing') stream.send('change', describe(each, seen === 'gone'), idOf(each));
    };
    const queue = (each: FeedEvent) => {
      turn = turn.then(() => look(each));
    };
    const since = lastId ?? [(request.query as Record<string, string | string[]>).lastEventId].flat()[0];
    const resumption = since ? this.feed.resume(since) : { missed: [] };
    const stopFeed = this.feed.listen(queue, () => stream.send('reset', { reason: 'stream' }, this.feed.position));
    if ('reset' in resumption) stream.send('reset', { reason: 'unknown-id' }, this.feed.position);
    else {
      stream.send('hello', {}, since ?? this.feed.position);
      resumption.missed.forEach(queue);
    }
    const stopPresence = this.presence.listen((note: PresenceNote) => {
      if (note.workspace !== actor.workspace || note.userId === personOf(actor)?.id) return;
      if (allows(actor, 'item.view', sight, note.facts)) stream.send('presence', { ...note, facts: undefined });
    });
    const closeWhenVoid = setInterval(() => {
      stream.beat();
      this.tokens.callerOf(request, false).catch((error: unknown) => {
        if (error instanceof Refusal && error.definition.status === 401) stream.close();
      });
    }, heartbeatMilliseconds);
    request.raw.on('close', () => {
      clearInterval(closeWhenVoid);
      stopFeed();
      stopPresence();
    });
  }

  @Post('presence')
  @HttpCode(204)
  @Serves(postPresence)
  @ApiOperation({ operationId: 'postPresence', summary: postPresence.summary })
  @ApiBody({ type: PresenceInput })
  async note(@Body() body: unknown, @Req() request: FastifyRequest): Promise<void> {
    const { actor, actorToken } = callerOf(request);
    const { itemId, typing, looking = true } = validate(PresenceInput, body, 'refuse');
    if (actor.kind !== 'user') return;
    // Only who may see the item may be seen on it, and only by others who may.
    const { facts, name } = await this.client.call(watchItem, { id: itemId }, { actorToken, requestId: request.id });
    this.presence.tell({
      workspace: actor.workspace,
      itemId,
      userId: actor.id,
      name,
      typing,
      looking,
      facts: facts as AccessFacts,
    });
  }

  /** @throws Error when grants cannot be had, or not those of now: the stream closes, and the browser comes again */
  async #sightOf(actorToken: string): Promise<Sight> {
    if (!(await this.grants.current())) throw new Error('The grants are out of date.');
    const facts = await this.client.call(getSight, {}, { actorToken });
    return {
      projects: new Map(facts.projects.map(({ projectId, role }) => [projectId, role])),
      followedProjects: facts.followedProjects,
      customerSight: facts.customerSight,
    };
  }
}

/** Of a batch only the last has an id: a browser that lost the connection within it gets all of it once more. */
const idOf = ({ epoch, sequence, last }: FeedEvent) => (last ? `${epoch}-${sequence}` : undefined);

/** Ids and versions only: whoever resumes fetches what they still show. */
function describe({ event }: FeedEvent, gone: boolean) {
  const { actor } = event;
  return {
    type: event.type,
    id: event.subject,
    version: event.seq,
    changed: event.data.changed,
    ...(gone && { gone: true }),
    actorId: actor && 'id' in actor ? actor.id : null,
  };
}

/** One open connection. */
class EventStream {
  readonly #reply: FastifyReply;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
    reply.hijack();
    reply.raw.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      Connection: 'keep-alive',
      'X-Accel-Buffering': 'no',
    });
    reply.raw.write('retry: 1000\n\n');
  }

  send(event: string, data: object, id?: string): void {
    // What was closed because grants could not be had sends nothing of what comes after.
    if (this.#reply.raw.writableEnded) return;
    if (this.#reply.raw.writableLength > mostWaiting) return void this.#reply.raw.destroy();
    this.#reply.raw.write(`${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  beat(): void {
    if (!this.#reply.raw.writableEnded) this.#reply.raw.write(': \n\n');
  }

  close(): void {
    this.#reply.raw.end();
  }
}
