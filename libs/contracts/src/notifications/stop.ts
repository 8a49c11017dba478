import { Choice, Flag, Integer, Nothing } from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { languages, notFound, type Language } from '../shared.js';

/** What the page behind a "Stop mails about this" shows. */
export class StopState {
  @Integer() itemNumber!: number;
  @Choice(languages) language!: Language;
  @Flag({ description: 'No more mails are sent to them about it' }) stopped!: boolean;
}

const common = { permission: 'mail.stop', callers: ['gateway'], input: Nothing, output: StopState, errors: [notFound] } as const; // prettier-ignore

export const getMailStop = defineOperation({
  ...common,
  id: 'notifications.stops.get',
  http: null,
  readOnly: true,
  summary: 'What the link is about',
});
export const stopMails = defineOperation({
  ...common,
  id: 'notifications.stops.add',
  http: null,
  summary: 'Send whom the link is for no more mail about its item; being assigned or following anew begins again',
});
