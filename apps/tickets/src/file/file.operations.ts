import { Controller } from '@nestjs/common';
import {
  fileNotFound,
  findFile,
  registerFile,
  releaseFiles,
  type FileHashes,
  type FindFile,
  type RegisterFile,
} from '@sportello/contracts';
import { forbidden, Refusal } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { Message } from '../conversation/conversation.entity.js';
import { loadItem } from '../item/item.queries.js';
import { StoredFile } from './file.entity.js';
import { markDead, type FileTables } from './file.queries.js';

@Controller()
export class FileOperations {
  @Handles(registerFile)
  async register({ hash, name, contentType, size }: RegisterFile, ctx: Context) {
    const uploader = ctx.person;
    if (!uploader) throw new Refusal(forbidden);
    await markDead(ctx.db<FileTables>(), ctx.workspaceId, [hash], ctx.now);
    return ctx.add(
      Object.assign(new StoredFile(), {
        workspaceId: ctx.workspaceId,
        id: ctx.newId(),
        ...{ hash, name, contentType, size },
        inline: false,
        uploaderKind: uploader.kind,
        uploaderId: uploader.id,
        messageId: null,
        createdAt: ctx.now,
      }),
    );
  }

  @Handles(findFile)
  async find({ id }: FindFile, ctx: Context) {
    const file = await ctx.em.findOne(StoredFile, { workspaceId: ctx.workspaceId, id });
    if (!file) throw new Refusal(fileNotFound);
    if (file.messageId === null) {
      if (!file.isOwnedBy(ctx.person)) throw new Refusal(fileNotFound);
    } else {
      const message = await ctx.em.findOneOrFail(Message, { workspaceId: ctx.workspaceId, id: file.messageId });
      await loadItem(ctx, message.itemId, fileNotFound);
      if (message.deletedAt || (message.thread === 'internal' && ctx.actor.kind === 'customer'))
        throw new Refusal(fileNotFound);
    }
    return Object.assign(file, { disposition: file.inline ? ('inline' as const) : ('attachment' as const) });
  }

  @Handles(releaseFiles)
  async release({ hashes }: FileHashes, ctx: Context) {
    await markDead(ctx.db<FileTables>(), ctx.workspaceId, hashes, ctx.now);
    return {};
  }
}
