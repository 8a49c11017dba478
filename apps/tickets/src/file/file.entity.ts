import { defineEntity, p } from '@mikro-orm/postgresql';
import { type PersonRef } from '@sportello/permissions';

export const StoredFileSchema = defineEntity({
  name: 'StoredFile',
  tableName: 'file',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    hash: p.string(),
    name: p.text(),
    contentType: p.string(),
    size: p.bigint('number'),
    inline: p.boolean(),
    uploaderKind: p.string().$type<'user' | 'customer'>(),
    uploaderId: p.uuid(),
    messageId: p.uuid().nullable(),
    createdAt: p.datetime(),
  },
});

/** A file: its uploader's alone until it is attached to a message. */
export class StoredFile extends StoredFileSchema.class {
  isOwnedBy(person: PersonRef | null): boolean {
    return person !== null && person.kind === this.uploaderKind && person.id === this.uploaderId;
  }
}
StoredFileSchema.setClass(StoredFile);
