/**
 * Events that do not go on by themselves. `npm run parked` lists them over all services; `-- retry <id>` and `-- drop <id>` deal with one and with what
 * waits behind it.
 */
import { dropParked, listParked, parkedSubject, retryParked, type ParkedEvent } from '@sportello/messaging';
import { openDesk, waitFor, type Desk } from './desk.ts';

const [command = 'list', id = ''] = process.argv.slice(2);
const desk = await openDesk();
try {
  if (command === 'list') await list(desk);
  else if (command === 'retry' || command === 'drop') await settle(desk, command, id);
  else fail(`There is no command ${command}. The commands are list, retry <id>, drop <id>.`);
} finally {
  await desk.close();
}

async function list({ services, poolOf, schemaOf }: Desk): Promise<void> {
  const rows: (ParkedEvent & { service: string })[] = [];
  for (const service of services)
    for (const event of await listParked(poolOf(service), schemaOf(service))) rows.push({ ...event, service });
  if (!rows.length) return void console.log('Nothing is parked.');
  for (const { service, id, consumer, workspace, type, aggregate, seq, reason, since, retrying } of rows) {
    console.log(`${service}/${id}  ${type} #${seq} of ${aggregate}, workspace ${workspace}`);
    console.log(`    since ${since.toISOString()}, ${consumer ? `read by ${consumer}` : 'refused by the broker'}`);
    console.log(`    ${retrying ? '(to be retried) ' : ''}${reason}`);
  }
}

async function settle({ services, poolOf, schemaOf, bus }: Desk, what: 'retry' | 'drop', whole: string): Promise<void> {
  const [service = '', id = ''] = whole.split('/');
  if (!services.includes(service)) return fail(`An id looks like tickets/12; npm run parked lists them.`);
  const [pool, schema] = [poolOf(service), schemaOf(service)];
  const done = await (what === 'retry' ? retryParked : dropParked)(pool, schema, id);
  if (!done)
    return fail(
      `There is no parked event ${whole}${what === 'drop' ? ', or an earlier one of its aggregate is parked: begin with that' : ''}.`,
    );
  bus?.publish(parkedSubject(schema));
  bus?.publish(`outbox.${schema}`);
  if (what === 'drop') return void console.log(`Dropped ${whole}.`);
  const ended = await waitFor(async () => {
    const present = (await listParked(pool, schema)).find((event) => event.id === id);
    return present?.retrying ? undefined : { present };
  });
  if (!ended) console.log(`${service} has not answered yet; it tries ${whole} when it next starts.`);
  else if (ended.present) fail(`${whole} failed again: ${ended.present.reason}`);
  else console.log(`${whole} went through.`);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
