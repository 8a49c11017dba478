import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';

interface ComposeService {
  build?: { dockerfile: string; target: string };
  environment?: Record<string, string | null>;
  profiles?: string[];
}

const read = (file: string) => readFileSync(file, 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, ComposeService> };
const dockerfile = read('deploy/docker/Dockerfile');
const targets = [...dockerfile.matchAll(/^FROM .* AS (\S+)$/gm)].map((match) => match[1] as string);
const services = readdirSync('apps').filter((app) => existsSync(`apps/${app}/src/main.ts`));
const settings = [...read('libs/service/src/config.ts').matchAll(/^\s+@.*?\b([A-Z][A-Z_]+)[!?]:/gm)].map(
  (match) => match[1] as string,
);

describe('docker compose', () => {
  it('runs every service of apps/ from a target of the one Dockerfile', () => {
    expect(services.length).toBeGreaterThan(0);
    for (const service of services) {
      expect(compose.services[service]?.build).toEqual({
        context: '.',
        dockerfile: 'deploy/docker/Dockerfile',
        target: service,
      });
      expect(targets).toContain(service);
      expect(dockerfile).toContain(`CMD ["apps/${service}/dist/main.js"]`);
    }
  });

  it('names every setting that a service reads, but those for development', () => {
    const named = new Set([
      ...Object.values(compose.services).flatMap(({ environment }) => Object.keys(environment ?? {})),
      ...[...dockerfile.matchAll(/\b([A-Z_]+)=/g)].map((match) => match[1] as string),
    ]);
    expect(settings).toContain('DATABASE_URL');
    expect(settings.filter((setting) => !named.has(setting))).toEqual(['DEV_MAILBOX_DIR']);
  });

  it('refuses to start without the settings that nobody can guess, and says what each is', () => {
    const environment = compose.services['gateway']?.environment ?? {};
    for (const setting of ['SMTP_URL', 'PUBLIC_URL', 'MAIL_DOMAIN', 'SECRET_KEY'])
      expect(environment[setting]).toMatch(new RegExp(`^\\$\\{${setting}:\\?.{10,}\\}$`));
  });

  it('makes the demo workspace only where it is asked for', () => {
    const optional = Object.entries(compose.services).filter(([, { profiles }]) => profiles);
    expect(optional.map(([name, { profiles }]) => [name, profiles])).toEqual([['demo', ['demo']]]);
  });
});

describe('an image', () => {
  it('has every package that the services import: none is a development dependency', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const sources = ['apps', 'libs']
      .flatMap((kind) => readdirSync(kind).map((project) => join(kind, project, 'src')))
      .filter((folder) => existsSync(folder) && !['apps/web/src', 'libs/testing/src'].includes(folder))
      .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
      .filter((file) => file.endsWith('.ts') && !/\.(spec|builders|d)\.ts$/.test(file));
    const missing = sources.flatMap((file) =>
      [...read(file).matchAll(/^(?:import|export)(?! type)[^;]*? from '([^'.][^']*)'/gms)]
        .map((match) => packageOf(match[1] as string))
        .filter(
          (name) => !name.startsWith('node:') && !name.startsWith('@sportello/') && !builtinModules.includes(name),
        )
        .filter((name) => !dependencies[name])
        .map((name) => `${file}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
