import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type NatsConnection } from '@nats-io/nats-core';
import { getHealth } from '@sportello/contracts';
import { Refusal, services, serviceUnavailable } from '@sportello/kernel';
import { CONNECTION } from '@sportello/service';
import { Serves } from './declared.guard.js';

/** Whether every service answers: what a newcomer's `up` and a load balancer wait for. */
@ApiTags('health')
@Controller('api/health')
export class HealthController {
  constructor(@Inject(CONNECTION) private readonly connection: NatsConnection) {}

  @Get()
  @Serves(getHealth)
  @ApiOperation({ operationId: 'getHealth', summary: getHealth.summary })
  async health(): Promise<{ status: 'ok' }> {
    const others = services.filter((service) => service !== 'gateway');
    const silent: string[] = [];
    await Promise.all(
      others.map((service) =>
        this.connection.request(`health.${service}`, '', { timeout: 1000 }).catch(() => silent.push(service)),
      ),
    );
    if (silent.length) throw new Refusal(serviceUnavailable, { detail: `No answer from ${silent.sort().join(', ')}.` });
    return { status: 'ok' };
  }
}
