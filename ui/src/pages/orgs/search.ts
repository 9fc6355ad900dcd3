import { compact, text } from '~/workspace/search';
import type { OrganizationTab, RegistryTab } from '~/util/paths';

/** What the address of an organization's page holds. */
export interface OrganizationSearch {
  tab?: OrganizationTab;
}

export interface RegistrySearch {
  tab?: RegistryTab;
  q?: string;
  /** What clients print: the collection as `entity/project/collection`, and its version. */
  selectionPath?: string;
  version?: string;
}

const ORGANIZATION_TABS: OrganizationTab[] = ['registries', 'teams', 'members', 'settings'];
const REGISTRY_TABS: RegistryTab[] = ['collections', 'members', 'settings'];

export const readOrganizationSearch = (search: Record<string, unknown>): OrganizationSearch =>
  compact({ tab: ORGANIZATION_TABS.find(tab => tab === search.tab) });

export const readRegistrySearch = (search: Record<string, unknown>): RegistrySearch =>
  compact({
    tab: REGISTRY_TABS.find(tab => tab === search.tab),
    q: text(search.q),
    selectionPath: text(search.selectionPath),
    version: text(search.version),
  });

/** The collection that the address of a client names; null if it names none. */
export function readSelection(selectionPath: string | undefined) {
  const [entity, project, collection, ...rest] = selectionPath?.split('/') ?? [];
  return entity && project && collection && rest.length === 0
    ? { entity, project, collection }
    : null;
}
