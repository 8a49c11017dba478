import { afterAll, beforeAll } from '@jest/globals';
import { composer } from './composer.ts';
import { entry } from './entry.ts';
import { firstLoad } from './first-load.ts';
import { keyboard } from './keyboard.ts';
import { languages } from './languages.ts';
import { lists } from './lists.ts';
import { live } from './live.ts';
import { pages } from './pages.ts';
import { settings } from './settings.ts';
import { setStage, type Stage } from './stage.ts';

// One product and one browser for all of these: starting them takes longer than most of what is played on them.
const stage = {} as Stage;

beforeAll(async () => void Object.assign(stage, await setStage()), 180_000);
afterAll(async () => stage.stop?.(), 60_000);

firstLoad(stage);
live(stage);
keyboard(stage);
entry(stage);
languages(stage);
pages(stage);
composer(stage);
settings(stage);
// Last: every page with the rows that it makes would take axe five times as long.
lists(stage);
