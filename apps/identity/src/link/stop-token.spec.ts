import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeUser, getMe, grantStopLink, mintStopLink } from '@sportello/contracts';
import { systemClock } from '@sportello/kernel';
import { ActorVerifier } from '@sportello/service';
import { newId, startWorld, testSecret, type World } from '@sportello/testing';
import { AppModule } from '../app.module.js';
import { aColleague, aSignUp, asService, refusal, visitor } from '../entry/entry.builders.js';
import { linkToken } from './link-token.js';
import { readStopToken, stopToken, type StopPurpose } from './stop-token.js';

const now = new Date('2026-03-02T10:00:00Z');
const later = new Date('2027-03-02T10:00:00Z');
const purpose: StopPurpose = { workspace: newId(), person: { kind: 'customer', id: newId() }, itemId: newId() };

describe('the token of "Stop mails about this"', () => {
  it('says whose mails about what, and until when', () => {
    const token = stopToken(purpose, later, testSecret);
    expect(readStopToken(token, now, testSecret)).toEqual(purpose);
    expect(readStopToken(token, later, testSecret)).toBeNull();
  });

  it('is none of ours once a single bit of it is another, in another installation, or for another purpose', () => {
    const token = stopToken(purpose, later, testSecret);
    const bytes = Buffer.from(token, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const forged = Buffer.from(bytes);
      forged[index] = (forged[index] as number) ^ 1;
      expect(readStopToken(forged.toString('base64url'), now, testSecret)).toBeNull();
    }
    expect(readStopToken(token, now, 'another secret that is long enough too')).toBeNull();
    const reset = linkToken({ kind: 'password-reset', workspaceId: newId(), id: newId(), sending: 1 }, testSecret);
    for (const other of [reset, '', 'x'.repeat(98)]) expect(readStopToken(other, now, testSecret)).toBeNull();
  });

  describe('exchanged', () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld([AppModule]);
    });
    afterAll(() => world.stop());

    it('is an actor of one person, one item and one purpose, without any session, and may do nothing else', async () => {
      const { anna } = await aSignUp(world);
      const itemId = newId();
      const person = { kind: 'user' as const, id: anna.id };
      const { path } = await asService(world, 'notifications', anna.workspace).call(mintStopLink, { person, itemId });
      const token = new URL(path, 'http://sportello.test').searchParams.get('token') as string;
      const { actorToken } = await world.as(visitor).call(grantStopLink, { token });
      const actor = await new ActorVerifier(testSecret, systemClock).verify(actorToken);
      expect(actor).toEqual({ kind: 'link', purpose: 'stop-mails', workspace: anna.workspace, person, itemId });
      await expect(world.as(actor).call(getMe, {})).rejects.toMatchObject(refusal('forbidden'));
      await expect(world.as(actor).call(changeUser, { id: anna.id, name: 'x' })).rejects.toMatchObject(
        refusal('forbidden'),
      );
    });

    it('is void for somebody who is not of the workspace that it names', async () => {
      const [mine, theirs] = [await aSignUp(world), await aSignUp(world)];
      const { per } = await aColleague(world, theirs);
      const foreign = {
        workspace: mine.anna.workspace,
        person: { kind: 'user' as const, id: per.id },
        itemId: newId(),
      };
      const token = stopToken(foreign, new Date(Date.now() + 60_000), testSecret);
      await expect(world.as(visitor).call(grantStopLink, { token })).rejects.toMatchObject(refusal('link_void'));
    });
  });
});
