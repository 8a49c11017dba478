import { request } from 'node:http';

/**
 * Whether a Docker engine answers, asked on its own socket and given 300 ms: a machine without one must not wait for a
 * client library's time-out.
 */
export async function dockerEngineAnswers(): Promise<boolean> {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const address = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: Number(new URL(host).port || 2375) };
  return await new Promise((resolve) => {
    const ping = request({ ...address, path: '/_ping', timeout: 300 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once('timeout', () => ping.destroy());
    ping.once('error', () => resolve(false));
    ping.once('close', () => resolve(false));
    ping.end();
  });
}
