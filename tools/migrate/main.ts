import { migrate } from '@sportello/persistence';
import { migrationFolders } from './migrations.ts';

// Brings the database of DATABASE_OWNER_URL to the present version. Harmless when it is there already.
const required = (name: string, what: string): string => {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set: ${what}`);
  process.exit(1);
};

const applied = await migrate(
  required('DATABASE_OWNER_URL', 'the database as the role that owns the tables and may create roles'),
  required('SECRET_KEY', "the services' database passwords follow from it"),
  migrationFolders(),
);
for (const name of applied) console.log(`applied ${name}`);
console.log(applied.length ? `${applied.length} migrations applied` : 'the database is up to date');
