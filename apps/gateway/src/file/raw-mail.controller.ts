import { Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { acceptRawMail, getMe, postRawMail, RawMailAccepted } from '@sportello/contracts';
import { invalidInput, notSignedIn, Refusal, tooLarge } from '@sportello/kernel';
import { CLIENT, STORAGE, type OperationClient } from '@sportello/service';
import { StorageLimitExceeded, type Storage } from '@sportello/storage';
import { type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { callerOf, Serves } from '../declared.guard.js';

/** A raw mail over HTTP, for systems that cannot speak SMTP to us. */
@ApiTags('mail')
@Controller('api/v1/mail')
export class RawMailController {
  constructor(
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(STORAGE) private readonly storage: Storage,
  ) {}

  @Post('raw')
  @HttpCode(202)
  @Serves(postRawMail)
  @ApiOperation({ operationId: 'postRawMail', summary: postRawMail.summary })
  @ApiConsumes('message/rfc822')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 202, type: RawMailAccepted })
  async accept(
    @Req() request: FastifyRequest,
    @Headers('x-envelope-from') envelopeFrom?: string,
    @Headers('x-envelope-to') envelopeTo?: string,
  ): Promise<RawMailAccepted> {
    const { actor, actorToken } = callerOf(request);
    if (!actor.workspace) throw new Refusal(notSignedIn);
    if (!(request.body instanceof Readable))
      throw new Refusal(invalidInput, { detail: 'Send the mail as message/rfc822.' });
    try {
      const { hash, size } = await this.storage.write(actor.workspace, request.body, postRawMail.limits.bytes);
      const recipient =
        envelopeTo ??
        (await this.client.call(getMe, {}, { actorToken, requestId: request.id })).workspace.inboundAddress;
      const input = {
        rawHash: hash,
        size,
        recipient,
        ...(envelopeFrom !== undefined && { envelopeFrom: envelopeFrom.slice(0, 320) || null }),
      };
      return await this.client.call(acceptRawMail, input, { actorToken, requestId: request.id });
    } catch (error) {
      if (error instanceof StorageLimitExceeded)
        throw new Refusal(tooLarge, { detail: `A mail may have ${error.limit} bytes.` });
      throw error;
    }
  }
}
