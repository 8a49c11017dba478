import '@fontsource-variable/inter/wght.css';
import './shell/styles.js';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient, startApi } from './shell/api.js';
import { startLanguage } from './shell/i18n.js';
import { cssVariables, theme } from './shell/theme.js';
import { router } from './routes.js';

// Nothing is said in the first moment: what says it comes after the page.
const Notices = lazy(() => pause(2000).then(() => import('./shell/Notices.js')));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

startApi(() => void router.invalidate());
await startLanguage();

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Suspense>
          <Notices />
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
