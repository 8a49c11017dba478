import { Choice, defineError, Flag, Id, Integer, Nothing, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';

/** A file of a message. */
export class Attachment {
  @Id() id!: string;
  @Text({ max: 255 }) name!: string;
  @Text({ max: 255 }) contentType!: string;
  @Integer() size!: number;
  @Flag({ description: 'Shown inside the text' }) inline!: boolean;
}

/** What the gateway tells after it stored an upload. The hash comes from the gateway, never from outside. */
export class RegisterFile {
  @Text({ max: 64, min: 64 }) hash!: string;
  @Text({ min: 1, max: 255 }) name!: string;
  @Text({ min: 1, max: 255 }) contentType!: string;
  @Integer() size!: number;
}

export class FindFile {
  @Id() id!: string;
}

/** Where a file's bytes are, for the gateway to send them. */
export class StoredFile extends Attachment {
  @Text({ max: 64 }) hash!: string;
  @Choice(['inline', 'attachment']) disposition!: 'inline' | 'attachment';
}

/** Files by their content. Only services name them so. */
export class FileHashes {
  @Text({ min: 64, max: 64, many: 1000 }) hashes!: string[];
}

export const fileNotFound = defineError({
  code: 'file_not_found',
  status: 404,
  message: 'There is no such file, or you may not see it.',
});

export const registerFile = defineOperation({
  id: 'tickets.files.register',
  http: null,
  permission: 'file.upload',
  callers: ['gateway'],
  input: RegisterFile,
  output: Attachment,
  summary: 'Own an upload until it is attached',
});
export const findFile = defineOperation({
  id: 'tickets.files.find',
  http: null,
  permission: 'item.view',
  callers: ['gateway', 'notifications'],
  readOnly: true,
  input: FindFile,
  output: StoredFile,
  errors: [fileNotFound],
  summary: 'A file that the actor may read',
});
export const releaseFiles = defineOperation({
  id: 'tickets.files.release',
  http: null,
  permission: 'service.only',
  callers: ['mail-ingest'],
  input: FileHashes,
  output: Nothing,
  summary: 'Files that the caller no longer needs: removed a day later unless something here needs them',
});
