import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { type NatsConnection } from '@nats-io/nats-core';
import { type Database } from '@sportello/persistence';
import { CONNECTION, DATABASE } from './tokens.js';

/** Probes: `/health/live` says that the process runs, `/health/ready` that PostgreSQL and NATS answer it. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly checks: HealthCheckService,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONNECTION) private readonly connection: NatsConnection,
  ) {}

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.checks.check([
      async () => {
        await this.database.systemPool.query('select 1');
        return { postgresql: { status: 'up' } };
      },
      async () => {
        await this.connection.rtt();
        return { nats: { status: 'up' } };
      },
    ]);
  }
}
