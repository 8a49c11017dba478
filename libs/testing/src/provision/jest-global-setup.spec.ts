import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';

describe('a run of Jest', () => {
  it('brings one PostgreSQL and one nats-server, named in the environment', async () => {
    const client = new pg.Client({ connectionString: process.env['SPORTELLO_TEST_POSTGRES'] });
    await client.connect();
    expect((await client.query('select 1 as answer')).rows).toEqual([{ answer: 1 }]);
    await client.end();

    const connection = await connect({ servers: process.env['SPORTELLO_TEST_NATS'] });
    expect(connection.isClosed()).toBe(false);
    await connection.close();
  });
});
