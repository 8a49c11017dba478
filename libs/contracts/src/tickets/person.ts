import { defineOperation } from '../define.js';
import { FindKept, KeptOfPerson } from '../shared.js';

export const exportPersonFromTickets = defineOperation({
  id: 'tickets.people.export',
  http: null,
  permission: 'service.only',
  callers: ['identity'],
  readOnly: true,
  input: FindKept,
  output: KeptOfPerson,
  summary: 'Items that a person asked for, what they wrote, files they sent, and what was sent to them',
});
