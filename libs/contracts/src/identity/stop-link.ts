import { Id, Nested, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { PersonRefDto } from '../shared.js';
import { ActorGranted, linkVoid } from './entry.js';

export class MintStopLink {
  @Nested(() => PersonRefDto) person!: PersonRefDto;
  @Id() itemId!: string;
}

export class StopLink {
  @Text({ max: 300, description: 'Below the public address: "/stop-mails?token=…"' }) path!: string;
}

export class StopToken {
  @Text({ min: 1, max: 200 }) token!: string;
}

export const mintStopLink = defineOperation({
  id: 'identity.links.mint-stop',
  http: null,
  permission: 'service.only',
  callers: ['notifications'],
  readOnly: true,
  input: MintStopLink,
  output: StopLink,
  summary: 'The link by which somebody stops mails about an item without signing in',
});
export const grantStopLink = defineOperation({
  id: 'identity.links.grant-stop',
  http: null,
  permission: 'anyone',
  callers: ['gateway'],
  readOnly: true,
  input: StopToken,
  output: ActorGranted,
  errors: [linkVoid],
  summary: 'Exchange the token of such a link for an actor token that is good for nothing else',
});
