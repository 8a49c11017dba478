/** Fills a service's copies of others' facts anew from their owners' snapshots: `npm run refill -- tickets`. */
import { refillSubject } from '@sportello/service';
import { openDesk, waitFor } from './desk.ts';

const [service = ''] = process.argv.slice(2);
const desk = await openDesk();
try {
  if (!desk.services.includes(service)) {
    console.error(`Which service? One of ${desk.services.join(', ')}.`);
    process.exitCode = 1;
  } else {
    const [pool, schema] = [desk.poolOf(service), desk.schemaOf(service)];
    const { rowCount } = await pool.query(`delete from ${schema}.filled_copy`);
    desk.bus?.publish(refillSubject(schema));
    const done = await waitFor(async () => {
      const { rows } = await pool.query(`select from ${schema}.filled_copy`);
      return rows.length >= (rowCount ?? 0) && rows.length > 0 ? true : undefined;
    });
    console.log(
      done
        ? `The copies of ${service} are complete.`
        : `${service} fills its copies; they are complete when ${schema}.filled_copy has rows. A service that keeps none never has.`,
    );
  }
} finally {
  await desk.close();
}
