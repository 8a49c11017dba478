import { afterEach, describe, expect, it } from '@jest/globals';
import { chromium } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, ensureChromium, findChromium } from './chromium.ts';

afterEach(() => {
  delete process.env['CHROMIUM'];
});

describe('ensureChromium', () => {
  it('names a browser that opens a page', async () => {
    const browser = await chromium.launch({ executablePath: await ensureChromium(), args: CHROMIUM_ARGUMENTS });
    const page = await browser.newPage();
    await page.setContent('<title>Counter</title>');
    expect(await page.title()).toBe('Counter');
    await browser.close();
  });

  it('given a CHROMIUM that is not there, finds none', () => {
    process.env['CHROMIUM'] = '/nowhere/chromium';
    expect(findChromium()).toBeUndefined();
  });
});
