import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { HomePage } from './view/HomePage.js';
import { queryOf, searchOf } from './view/filter.js';
import { ViewPage } from './view/ViewPage.js';
import { queryClient } from './shell/api.js';
import { setLanguage } from './shell/i18n.js';
import { Shell } from './shell/Shell.js';
import { problemOf } from './shell/problem.js';
import { Nothing, PageError } from './shell/States.js';
import { meQuery } from './shell/session.js';

/*
 * The table of contents. The frame and the list come with the first load, in one file: it is smaller than the thirty that they would be, and
 * who signs in goes there. Every other page is loaded when it is first opened. The query of an address is plain text on both sides, so that a
 * link reads as a person would write it: ?state=open&priority=4,5&open=1042
 */

const asText = (query: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)]));
const listSearch = (query: Record<string, unknown>) => queryOf(searchOf(asText(query)));

const root = createRootRoute({ component: Outlet, notFoundComponent: Nothing, errorComponent: PageError });

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(meQuery).catch(() => null);
    throw me
      ? redirect({ to: '/$workspace/home', params: { workspace: me.workspace.slug } })
      : redirect({ to: '/sign-in' });
  },
});

const entry = [
  createRoute({
    getParentRoute: () => root,
    path: '/sign-in',
    validateSearch: asText,
    component: lazyRouteComponent(() => import('./entry/SignInPage.js'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/$workspace/sign-in',
    validateSearch: asText,
    component: lazyRouteComponent(() => import('./entry/SignInPage.js'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/sign-up',
    component: lazyRouteComponent(() => import('./entry/SignUpPage.js'), 'SignUpPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/invitation',
    validateSearch: asText,
    component: lazyRouteComponent(() => import('./entry/InvitationPage.js'), 'InvitationPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/password-reset',
    validateSearch: asText,
    component: lazyRouteComponent(() => import('./entry/PasswordResetPage.js'), 'PasswordResetPage'),
  }),
];

const workspace = createRoute({
  getParentRoute: () => root,
  path: '/$workspace',
  component: Shell,
  beforeLoad: async ({ params, location }) => {
    const me = await queryClient.ensureQueryData(meQuery).catch((error: unknown) => {
      if (problemOf(error).status !== 401) throw error;
      return null;
    });
    // Credentials belong to a workspace: another one's session opens nothing here.
    if (me?.workspace.slug !== params.workspace) {
      throw redirect({ to: '/$workspace/sign-in', params, search: { then: location.href } });
    }
    await setLanguage(me.language);
  },
});

const inWorkspace = [
  createRoute({
    getParentRoute: () => workspace,
    path: '/',
    beforeLoad: ({ params }) => {
      throw redirect({ to: '/$workspace/home', params });
    },
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/home',
    validateSearch: listSearch,
    component: HomePage,
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/notifications',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./notification/NotificationsPage.js'), 'NotificationsPage'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/views',
    component: lazyRouteComponent(() => import('./view/ViewsPage.js'), 'ViewsPage'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/views/$view',
    validateSearch: listSearch,
    component: ViewPage,
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/customers',
    validateSearch: asText,
    component: lazyRouteComponent(() => import('./people/CustomersPage.js'), 'CustomersPage'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/organizations',
    validateSearch: asText,
    component: lazyRouteComponent(() => import('./people/OrganizationsPage.js'), 'OrganizationsPage'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/settings',
    component: lazyRouteComponent(() => import('./settings/SettingsPage.js'), 'SettingsPage'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/settings/$section',
    component: lazyRouteComponent(() => import('./settings/SettingsPage.js'), 'SettingsPage'),
  }),
  createRoute({
    getParentRoute: () => workspace,
    path: '/i/$number',
    component: lazyRouteComponent(() => import('./item/ItemPage.js'), 'ItemPage'),
  }),
  ...(['tickets', 'tasks'] as const).map((word) =>
    createRoute({
      getParentRoute: () => workspace,
      path: `/${word}/$number`,
      beforeLoad: ({ params, location }) => {
        throw redirect({ to: '/$workspace/i/$number', params, hash: location.hash, replace: true });
      },
    }),
  ),
];

export const router = createRouter({
  routeTree: root.addChildren([start, ...entry, workspace.addChildren(inWorkspace)]),
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (query) => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
    return text ? `?${text.replaceAll('%2C', ',').replaceAll('%2F', '/')}` : '';
  },
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultNotFoundComponent: Nothing,
  defaultErrorComponent: PageError,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
