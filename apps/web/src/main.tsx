import '@fontsource-variable/inter/wght.css';
import './shell/inter/inter.css';
import './shell/styles.js';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient, startApi } from './shell/api.js';
import { startLanguage } from './shell/i18n.js';
import { LateNotices } from './shell/LateNotices.js';
import { cssVariables, theme } from './shell/theme.js';
import { router } from './routes.js';

startApi(() => void router.invalidate());
await startLanguage();

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <LateNotices />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
