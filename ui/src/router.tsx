import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { ApiError } from '~/api/http';
import { queries, queryClient } from '~/api/queries';
import { Frame } from '~/pages/Frame';
import { NotFoundPage, PageError } from '~/pages/NotFoundPage';
import { SignInPage } from '~/pages/SignInPage';
import {
  readArtifactsSearch,
  readCompareSearch,
  readLineageSearch,
  readVersionSearch,
} from '~/pages/artifacts/search';
import { readOrganizationSearch, readRegistrySearch } from '~/pages/orgs/search';
import { readSweepSearch } from '~/pages/sweeps/search';
import { readRunSearch, readWorkspaceSearch } from '~/workspace/search';

const rootRoute = createRootRoute({ notFoundComponent: NotFoundPage });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  component: SignInPage,
  validateSearch: (search: Record<string, unknown>) => ({
    token:
      typeof search.token === 'string' || typeof search.token === 'number'
        ? String(search.token)
        : undefined,
    next:
      typeof search.next === 'string' && /^\/(?!\/)/.test(search.next) ? search.next : undefined,
  }),
});

/** Everything inside needs a signed-in user. */
const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'frame',
  component: Frame,
  errorComponent: PageError,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(queries.me());
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const next = location.href === '/' ? undefined : location.href;
      throw redirect({ to: '/sign-in', search: { token: undefined, next } });
    }
  },
});

const page = { getParentRoute: () => frameRoute, errorComponent: PageError };

const projectsRoute = createRoute({
  ...page,
  path: '/',
  component: lazyRouteComponent(() => import('~/pages/ProjectsPage'), 'ProjectsPage'),
});
const entityRoute = createRoute({
  ...page,
  path: '/$entity',
  component: lazyRouteComponent(() => import('~/pages/ProjectsPage'), 'EntityPage'),
});
const quickstartRoute = createRoute({
  ...page,
  path: '/quickstart',
  component: lazyRouteComponent(() => import('~/pages/QuickstartPage'), 'QuickstartPage'),
});
const authorizeRoute = createRoute({
  ...page,
  path: '/authorize',
  component: lazyRouteComponent(() => import('~/pages/AuthorizePage'), 'AuthorizePage'),
});
const settingsRoute = createRoute({
  ...page,
  path: '/settings',
  component: lazyRouteComponent(() => import('~/pages/SettingsPage'), 'SettingsPage'),
});

const orgsRoute = createRoute({
  ...page,
  path: '/orgs',
  component: lazyRouteComponent(() => import('~/pages/orgs/OrgsPage'), 'OrgsPage'),
});
const organizationRoute = createRoute({
  ...page,
  path: '/orgs/$organization',
  validateSearch: readOrganizationSearch,
  component: lazyRouteComponent(() => import('~/pages/orgs/OrganizationPage'), 'OrganizationPage'),
});
const registryRoute = createRoute({
  ...page,
  path: '/orgs/$organization/registry/$registry',
  validateSearch: readRegistrySearch,
  component: lazyRouteComponent(() => import('~/pages/orgs/RegistryPage'), 'RegistryPage'),
});
const teamRoute = createRoute({
  ...page,
  path: '/teams/$team',
  component: lazyRouteComponent(() => import('~/pages/orgs/TeamPage'), 'TeamPage'),
});

const workspacePage = lazyRouteComponent(() => import('~/pages/WorkspacePage'), 'WorkspacePage');
const workspaceRoute = createRoute({
  ...page,
  path: '/$entity/$project',
  validateSearch: readWorkspaceSearch,
  component: workspacePage,
});
/** Addresses that clients print for the same page. */
const workspaceAliases = (['workspace', 'overview', 'runs', 'table'] as const).map(name =>
  createRoute({
    ...page,
    path: `/$entity/$project/${name}`,
    beforeLoad: ({ params, search }) => {
      const { entity, project } = params as { entity: string; project: string };
      throw redirect({
        to: '/$entity/$project',
        params: { entity, project },
        search: readWorkspaceSearch(search),
        replace: true,
      });
    },
  }),
);
const runRoute = createRoute({
  ...page,
  path: '/$entity/$project/runs/$run',
  validateSearch: readRunSearch,
  component: lazyRouteComponent(() => import('~/pages/RunPage'), 'RunPage'),
});

const sweepsRoute = createRoute({
  ...page,
  path: '/$entity/$project/sweeps',
  component: lazyRouteComponent(() => import('~/pages/sweeps/SweepsPage'), 'SweepsPage'),
});
const sweepRoute = createRoute({
  ...page,
  path: '/$entity/$project/sweeps/$sweep',
  validateSearch: readSweepSearch,
  component: lazyRouteComponent(() => import('~/pages/sweeps/SweepPage'), 'SweepPage'),
});
const newSweepRoute = createRoute({
  ...page,
  path: '/$entity/$project/sweeps/new',
  component: lazyRouteComponent(() => import('~/pages/sweeps/NewSweepPage'), 'NewSweepPage'),
});

const artifactsRoute = createRoute({
  ...page,
  path: '/$entity/$project/artifacts',
  validateSearch: readArtifactsSearch,
  component: lazyRouteComponent(() => import('~/pages/artifacts/ArtifactsPage'), 'ArtifactsPage'),
});
const artifactTypeRoute = createRoute({
  ...page,
  path: '/$entity/$project/artifacts/$type',
  beforeLoad: ({ params: { type, ...params } }) => {
    throw redirect({
      to: '/$entity/$project/artifacts',
      params,
      search: readArtifactsSearch({ type }),
      replace: true,
    });
  },
});
/** The collection without a version is its newest one. */
const collectionRoute = createRoute({
  ...page,
  path: '/$entity/$project/artifacts/$type/$collection',
  component: lazyRouteComponent(() => import('~/pages/artifacts/ArtifactPage'), 'CollectionPage'),
});
const artifactRoute = createRoute({
  ...page,
  path: '/$entity/$project/artifacts/$type/$collection/$version',
  validateSearch: readVersionSearch,
  component: lazyRouteComponent(() => import('~/pages/artifacts/ArtifactPage'), 'ArtifactPage'),
});
/** Links of other tools name the tab in the path. */
const artifactTabRoute = createRoute({
  ...page,
  path: '/$entity/$project/artifacts/$type/$collection/$version/$tab',
  beforeLoad: ({ params: { tab, ...params } }) => {
    throw redirect({
      to: '/$entity/$project/artifacts/$type/$collection/$version',
      params,
      search: readVersionSearch({ tab: tab === 'graph' ? 'lineage' : tab }),
      replace: true,
    });
  },
});
const lineageRoute = createRoute({
  ...page,
  path: '/$entity/$project/lineage',
  validateSearch: readLineageSearch,
  component: lazyRouteComponent(() => import('~/pages/artifacts/LineagePage'), 'LineagePage'),
});
const compareRoute = createRoute({
  ...page,
  path: '/$entity/$project/compare',
  validateSearch: readCompareSearch,
  component: lazyRouteComponent(() => import('~/pages/compare/ComparePage'), 'ComparePage'),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  frameRoute.addChildren([
    projectsRoute,
    quickstartRoute,
    authorizeRoute,
    settingsRoute,
    entityRoute,
    orgsRoute,
    organizationRoute,
    registryRoute,
    teamRoute,
    workspaceRoute,
    runRoute,
    sweepsRoute,
    sweepRoute,
    newSweepRoute,
    artifactsRoute,
    artifactTypeRoute,
    collectionRoute,
    artifactRoute,
    artifactTabRoute,
    lineageRoute,
    compareRoute,
    ...workspaceAliases,
  ]),
]);

export const router = createRouter({ routeTree, defaultPreload: false, defaultPendingMs: 150 });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
