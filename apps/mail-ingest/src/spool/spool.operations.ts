import { Controller } from '@nestjs/common';
import { acceptRawMail, type AcceptRawMail } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { Intake } from './intake.jobs.js';

@Controller()
export class SpoolOperations {
  constructor(private readonly intake: Intake) {}

  @Handles(acceptRawMail)
  async accept({ rawHash, size, envelopeFrom, recipient }: AcceptRawMail, ctx: Context) {
    const { workspaceId } = ctx;
    const mail = { workspaceId, rawHash, size, source: 'http' as const, envelopeFrom, envelopeTo: [recipient] };
    const [id] = await this.intake.accept([mail]);
    return { id: id as string };
  }
}
