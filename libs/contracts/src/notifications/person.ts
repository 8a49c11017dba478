import { defineOperation } from '../define.js';
import { FindKept, KeptOfPerson } from '../shared.js';

export const exportPersonFromNotifications = defineOperation({
  id: 'notifications.people.export',
  http: null,
  permission: 'service.only',
  callers: ['identity'],
  readOnly: true,
  input: FindKept,
  output: KeptOfPerson,
  summary: 'Mails and notifications that went to a person, and their preferences',
});
