import { startService } from '@sportello/service';
import { AppModule } from './app.module.js';

await startService(AppModule);
