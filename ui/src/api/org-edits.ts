import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { showToast } from '~/stores/toasts';
import { offerUndo } from '~/stores/undo';
import { roleLabel } from '~/util/roles';
import { orgApi, type RegistryRef } from './org-client';
import { orgQueries } from './org-queries';
import type {
  Organization,
  Registry,
  RegistryMembers,
  RegistryPatch,
  RegistryRole,
  Role,
  Team,
} from './org-schema';
import { queries } from './queries';

/** Whose members are edited: users of an organization or a team, users or teams of a registry. */
export type MemberList =
  | { kind: 'organization'; name: string }
  | { kind: 'team'; name: string }
  | { kind: 'registry-users'; registry: RegistryRef }
  | { kind: 'registry-teams'; registry: RegistryRef };

export interface MemberEdits {
  /** Adds a member; fails as the server refuses. */
  add: (name: string, role: RegistryRole) => Promise<void>;
  /** Applied at once on the page, undone on request, taken back with a message when the server refuses. */
  setRole: (name: string, before: RegistryRole, role: RegistryRole) => void;
  /** Settles once it is done, and fails as the server refuses. Who `leaves` sees none of it any more. */
  remove: (name: string, leaves: boolean) => Promise<void>;
}

/** After a change of who is a member of what, any answer about it may be another. */
export function refetchOrgs(client: QueryClient, refetchType: 'active' | 'none' = 'active'): void {
  for (const queryKey of [['orgs'], queries.entities().queryKey, queries.projects().queryKey])
    void client.invalidateQueries({ queryKey, refetchType });
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const withRole = <T extends { role: RegistryRole }>(
  items: T[],
  isIt: (item: T) => boolean,
  role: RegistryRole,
): T[] => items.map(item => (isIt(item) ? { ...item, role } : item));

interface Operations {
  /** The place, as messages name it. */
  place: string;
  put: (name: string, role: RegistryRole) => Promise<unknown>;
  remove: (name: string) => Promise<void>;
  /** Shows a role on the page. */
  apply: (client: QueryClient, name: string, role: RegistryRole) => void;
}

function operationsOf(list: MemberList): Operations {
  if (list.kind === 'organization' || list.kind === 'team') {
    const isOrganization = list.kind === 'organization';
    const { queryKey } = isOrganization
      ? orgQueries.organization(list.name)
      : orgQueries.team(list.name);
    return {
      place: list.name,
      put: (name, role) =>
        isOrganization
          ? orgApi.putOrganizationMember(list.name, name, role as Role)
          : orgApi.putTeamMember(list.name, name, role as Role),
      remove: name =>
        isOrganization
          ? orgApi.removeOrganizationMember(list.name, name)
          : orgApi.removeTeamMember(list.name, name),
      apply: (client, name, role) =>
        client.setQueryData<Organization | Team>(
          queryKey,
          old =>
            old && {
              ...old,
              members: withRole(old.members, member => member.username === name, role),
            },
        ),
    };
  }
  const { registry } = list;
  const ofTeams = list.kind === 'registry-teams';
  return {
    place: registry.registry,
    put: (name, role) =>
      ofTeams
        ? orgApi.putRegistryTeam(registry, name, role)
        : orgApi.putRegistryUser(registry, name, role),
    remove: name =>
      ofTeams
        ? orgApi.removeRegistryTeam(registry, name)
        : orgApi.removeRegistryUser(registry, name),
    apply: (client, name, role) =>
      client.setQueryData<RegistryMembers>(
        orgQueries.registryMembers(registry).queryKey,
        old =>
          old &&
          (ofTeams
            ? { ...old, teams: withRole(old.teams, team => team.name === name, role) }
            : { ...old, users: withRole(old.users, user => user.username === name, role) }),
      ),
  };
}

export function makeMemberEdits(client: QueryClient, list: MemberList): MemberEdits {
  const { place, put, remove, apply } = operationsOf(list);
  const set = (name: string, role: RegistryRole, before: RegistryRole, onRefused?: () => void) => {
    apply(client, name, role);
    put(name, role)
      .catch((error: unknown) => {
        onRefused?.();
        apply(client, name, before);
        showToast({
          tone: 'bad',
          text: `\`${name}\` stays ${roleLabel(before)}: ${reasonOf(error)}`,
        });
      })
      .finally(() => refetchOrgs(client));
  };
  return {
    add: async (name, role) => {
      await put(name, role);
      showToast({ text: `\`${name}\` is now ${roleLabel(role)} of \`${place}\`` });
      refetchOrgs(client);
    },
    setRole: (name, before, role) => {
      const forget = offerUndo({
        text: `\`${name}\` is now ${roleLabel(role)} of \`${place}\``,
        undo: () => set(name, before, role),
        subject: `role of ${name} in ${place}`,
      });
      set(name, role, before, forget);
    },
    remove: async (name, leaves) => {
      await remove(name);
      showToast({
        text: leaves ? `you left \`${place}\`` : `\`${name}\` removed from \`${place}\``,
      });
      refetchOrgs(client, leaves ? 'none' : 'active');
    },
  };
}

export function useMemberEdits(list: MemberList): MemberEdits {
  const client = useQueryClient();
  const key = JSON.stringify(list);
  return useMemo(() => makeMemberEdits(client, JSON.parse(key) as MemberList), [client, key]);
}

/** What can be changed of a registry and changed back. */
export type RegistryChange = Pick<
  RegistryPatch,
  'description' | 'access' | 'allow_all_artifact_types' | 'protected_aliases'
>;

export interface RegistryEdits {
  /** Applied at once on the page, undone on request. */
  change: (registry: Registry, change: RegistryChange) => void;
  /** Settles once it is done, and fails as the server refuses: there is no way back. */
  addType: (type: string) => Promise<void>;
  /** What went wrong is told. */
  rename: (name: string) => Promise<void>;
  remove: () => Promise<void>;
}

const FIELDS: Record<keyof RegistryChange, string> = {
  description: 'description',
  access: 'access',
  allow_all_artifact_types: 'artifact types',
  protected_aliases: 'protected aliases',
};

export function useRegistryEdits({ organization, registry }: RegistryRef): RegistryEdits {
  const client = useQueryClient();
  return useMemo(
    () => makeRegistryEdits(client, { organization, registry }),
    [client, organization, registry],
  );
}

function makeRegistryEdits(client: QueryClient, ref: RegistryRef): RegistryEdits {
  const { queryKey } = orgQueries.registry(ref);
  const apply = (change: RegistryChange) =>
    client.setQueryData<Registry>(queryKey, old => old && { ...old, ...change });
  const save = (change: RegistryChange, before: RegistryChange, onRefused?: () => void) => {
    apply(change);
    orgApi
      .patchRegistry(ref, change)
      .catch((error: unknown) => {
        onRefused?.();
        apply(before);
        showToast({ tone: 'bad', text: `\`${ref.registry}\` was not changed: ${reasonOf(error)}` });
      })
      .finally(() => refetchOrgs(client));
  };
  return {
    change: (registry, change) => {
      const fields = Object.keys(change) as (keyof RegistryChange)[];
      const before = Object.fromEntries(fields.map(field => [field, registry[field]]));
      const forget = offerUndo({
        text: `${fields.map(field => FIELDS[field]).join(', ')} of \`${ref.registry}\` changed`,
        undo: () => save(before, change),
        subject: `${ref.organization}/${ref.registry} ${fields.join()}`,
      });
      save(change, before, forget);
    },
    addType: async type => {
      client.setQueryData(
        queryKey,
        await orgApi.patchRegistry(ref, { add_artifact_types: [type] }),
      );
      refetchOrgs(client);
    },
    rename: async name => {
      try {
        await orgApi.patchRegistry(ref, { name });
      } catch (error) {
        showToast({ tone: 'bad', text: `\`${ref.registry}\` was not renamed: ${reasonOf(error)}` });
        throw error;
      }
      showToast({ text: `\`${ref.registry}\` is now \`${name}\`` });
      refetchOrgs(client, 'none');
    },
    remove: async () => {
      await orgApi.deleteRegistry(ref);
      showToast({ text: `\`${ref.registry}\` deleted` });
      refetchOrgs(client, 'none');
    },
  };
}
