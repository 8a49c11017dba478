// Installs the packages when package-lock.json asks for others than are there. The only file that must run on the
// system's own Node (20 or later): everything else runs on the Node that this brings.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Compares the lock file with the record that npm keeps of what it installed. A stamp of our own would call for a
 * fresh installation after every `npm install <package>` as well.
 */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record) || !existsSync(join(root, 'node_modules', '.bin', 'node'))) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = present[path];
    // Optional packages are those of other systems.
    if (!found) return Boolean(entry.optional || entry.devOptional || entry.peer);
    return found.version === entry.version && found.resolved === entry.resolved;
  });
}

function refuse(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

function install() {
  return new Promise((resolve) => {
    const arguments_ = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = process.env.npm_execpath;
    const [command, ...rest] = npm ? [process.execPath, npm, ...arguments_] : ['npm', ...arguments_];
    const child = spawn(command, rest, { cwd: root, stdio: 'inherit' });
    const started = Date.now();
    const heartbeat = setInterval(() => {
      console.log(`  … still installing (${Math.round((Date.now() - started) / 1000)} s)`);
    }, 15_000);
    child.once('error', () => resolve(1));
    child.once('exit', (code) => {
      clearInterval(heartbeat);
      if (code === 0) console.log(`  ✓ Packages installed (${Math.round((Date.now() - started) / 1000)} s)`);
      resolve(code ?? 1);
    });
  });
}

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) refuse(`Sportello needs Node 20 or later to begin with; this is ${process.versions.node}.`);
if (!isInstalled()) {
  console.log('  Installing packages (1 to 3 minutes the first time)');
  if ((await install()) !== 0)
    refuse(
      'npm ci failed; its own message stands above. Usual reasons: no network or a proxy npm does not know ' +
        '(npm config set proxy …), a full disk (2 GB are needed), files in node_modules that belong to another user.',
    );
}
