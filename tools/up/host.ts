import { pathToFileURL } from 'node:url';

// One process for several services: each main.js, given by its path, starts its service when it is imported.
const services = process.argv.slice(2);

// Each service finishes its work on a signal and then sends the signal on to the process, which would end the others
// in the middle of theirs. So the process stays until the signal has come once from outside and once from each.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  let received = 0;
  process.on(signal, () => {
    received += 1;
    if (received > services.length) process.exit(0);
  });
}

await Promise.all(services.map((service) => import(pathToFileURL(service).href)));
