import { Controller, Module } from '@nestjs/common';
import { grantOnBehalf, getJob } from '@sportello/contracts';
import { Refusal, systemClock, tokenRefused, type JobState } from '@sportello/kernel';
import { type UserActor } from '@sportello/permissions';
import { ActorSigner, Handles, ServiceModule, type Context } from '@sportello/service';
import { eventually, testSecret, type World } from '@sportello/testing';
import { anItem } from './item.builders.js';

/** What identity would say of a user now; a test changes it between two chunks. */
export const rights = {
  of: new Map<string, UserActor>(),
  /** How often they were asked for. */
  asked: 0,
  /** What the next question waits for: a replica that stands still there has died for the others. */
  gate: null as Promise<void> | null,
};

@Controller()
class RightsOperations {
  @Handles(grantOnBehalf)
  async grant(_input: object, ctx: Context) {
    rights.asked += 1;
    const { gate } = rights;
    rights.gate = null;
    await gate;
    const user = rights.of.get(ctx.person?.id ?? '');
    if (!user) throw new Refusal(tokenRefused);
    const actorToken = await new ActorSigner(testSecret, 'identity', systemClock).sign(user);
    return { actorToken, expiresAt: new Date() };
  }
}

/** Stands in for identity: says what a user may do now. */
@Module({
  imports: [ServiceModule.forService({ name: 'identity', entities: [] })],
  controllers: [RightsOperations],
})
export class RightsModule {}

/** The next chunk waits until the returned export function is called. */
export function holdNextChunk(): () => void {
  let open = (): void => undefined;
  rights.gate = new Promise((resolve) => (open = resolve));
  return open;
}

/** So many tickets; the copies are made by SQL, because making them one by one is not what is tested. */
export async function manyItems(world: World, by: UserActor, count: number, title = 'Copy'): Promise<string[]> {
  const model = await anItem(world, by, { title });
  await world.sql(
    `insert into tickets.item (workspace_id, id, number, type_id, title, status_id, state, priority, project_id, published, created_at, updated_at, seq)
     select workspace_id, gen_random_uuid(), 5000 + n, type_id, title, status_id, state, priority, project_id, published, created_at, updated_at, 1
       from tickets.item, generate_series(1, $2::integer - 1) n where id = $1`,
    [model.id, count],
  );
  const rows = await world.sql<{ id: string }>('select id from tickets.item where workspace_id = $1 order by id', [
    by.workspace,
  ]);
  return rows.map(({ id }) => id);
}

/** The job, once it is over. */
export function theEnd(world: World, by: UserActor, id: string): Promise<JobState> {
  return eventually(async () => {
    const job = await world.as(by).call(getJob, { id });
    if (job.state === 'running') throw new Error(`${job.done} of ${job.total} are done`);
    return job;
  });
}
