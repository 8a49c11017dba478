import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Attachment, findFile, getFile, postFile, registerFile, uploadBytes } from '@sportello/contracts';
import { forbidden, invalidInput, notSignedIn, Refusal, tooLarge, validate } from '@sportello/kernel';
import { CLIENT, STORAGE, type OperationClient } from '@sportello/service';
import { StorageLimitExceeded, type Storage } from '@sportello/storage';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { callerOf, Serves } from '../declared.guard.js';

/** Types that a browser may show inside a page; everything else is downloaded, whatever it calls itself. */
const shownInline = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/** Uploads and downloads. Bytes go past the bus, between the browser and the storage. */
@ApiTags('files')
@Controller('api/v1/files')
export class FileController {
  constructor(
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(STORAGE) private readonly storage: Storage,
  ) {}

  @Post()
  @HttpCode(201)
  @Serves(postFile)
  @ApiOperation({ operationId: 'uploadFile', summary: postFile.summary })
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } }, required: ['file'] },
  })
  @ApiResponse({ status: 201, type: Attachment })
  async upload(@Req() request: FastifyRequest): Promise<Attachment> {
    const { actor, actorToken } = callerOf(request);
    if (!actor.workspace) throw new Refusal(notSignedIn);
    if (!request.isMultipart()) throw new Refusal(invalidInput, { detail: 'Send the file as multipart/form-data.' });
    const part = await request.file({ limits: { files: 1, fileSize: uploadBytes + 1 } });
    if (!part) throw new Refusal(invalidInput, { errors: [{ field: 'file', message: 'is missing' }] });
    try {
      const { hash, size } = await this.storage.write(actor.workspace, part.file, uploadBytes);
      const input = { hash, size, name: fileName(part.filename), contentType: contentType(part.mimetype) };
      return await this.client.call(registerFile, input, { actorToken, requestId: request.id });
    } catch (error) {
      if (error instanceof StorageLimitExceeded)
        throw new Refusal(tooLarge, { detail: `A file may have ${uploadBytes} bytes.` });
      throw error;
    }
  }

  @Get(':id')
  @Serves(getFile)
  @ApiOperation({ operationId: 'downloadFile', summary: getFile.summary })
  @ApiResponse({ status: 200, description: 'The bytes' })
  async download(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { actor, actorToken } = callerOf(request);
    if (!actor.workspace) throw new Refusal(forbidden);
    const input = validate(findFile.input, { id }, 'refuse');
    const file = await this.client.call(findFile, { ...input }, { actorToken, requestId: request.id });
    const inline = shownInline.has(file.contentType);
    const name = encodeURIComponent(file.name).replaceAll("'", '%27');
    await reply
      .header('Content-Type', inline ? file.contentType : 'application/octet-stream')
      .header('Content-Length', file.size)
      .header('Content-Disposition', `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`)
      .header('Content-Security-Policy', "default-src 'none'; sandbox")
      .header('X-Content-Type-Options', 'nosniff')
      .header('Cache-Control', 'private, max-age=86400, immutable')
      .send(await this.storage.open(actor.workspace, file.hash));
  }
}

/** The last part of what the browser calls it, without what a file system or a header could trip over. */
function fileName(given: string | undefined): string {
  const last = (given ?? '').split(/[/\\]/).at(-1) ?? '';
  // eslint-disable-next-line no-control-regex -- control characters are exactly what must go
  const printable = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '');
  const clean = printable.slice(0, 255).toWellFormed();
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean;
}

const contentType = (given: string) =>
  /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(given) ? given.toLowerCase() : 'application/octet-stream';
