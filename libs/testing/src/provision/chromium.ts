import { existsSync } from 'node:fs';
import { findProgram, hasDebianPackages, installDebianPackages } from './debian-packages.ts';
import { ProvisionFailure } from './provision-failure.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Arguments under which a headless Chromium runs everywhere, as root too, and calls nobody. */
export const CHROMIUM_ARGUMENTS = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of a Chromium or Chrome: the one named by CHROMIUM, or one that is installed; undefined if there is none. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named) return existsSync(named) ? named : undefined;
  return (
    PROGRAMS.map(findProgram).find((path) => path !== undefined) ?? MAC_APPLICATIONS.find((path) => existsSync(path))
  );
}

/**
 * The path of a Chromium, installed from Debian's packages if there is none and we are root (about 400 MB on disk).
 * Throws `ProvisionFailure` with the one command that helps.
 */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found) return found;
  const canInstall = hasDebianPackages() && process.getuid?.() === 0;
  // Without a font pages render, but as boxes.
  if (canInstall) await installDebianPackages(['chromium', 'fonts-liberation']);
  const installed = findChromium();
  if (installed) return installed;
  const remedy = hasDebianPackages()
    ? 'sudo apt-get install chromium fonts-liberation'
    : 'brew install --cask google-chrome';
  throw new ProvisionFailure('The browser tests need Chromium or Chrome, and there is none.', remedy);
}
