import { expect, it } from 'vitest';
import {
  canManage,
  canWrite,
  REGISTRY_ROLES,
  registryOf,
  registryProject,
  roleLabel,
  takesType,
} from './roles';

it('tells what a role may do', () => {
  expect(REGISTRY_ROLES.filter(canWrite)).toEqual(['admin', 'member']);
  expect(REGISTRY_ROLES.filter(canManage)).toEqual(['admin']);
  expect([null, undefined].some(canWrite)).toBe(false);
  expect(REGISTRY_ROLES.map(roleLabel)).toContain('restricted viewer');
});

it('tells registries from other projects', () => {
  expect(registryOf(registryProject('models'))).toBe('models');
  expect(registryOf('vision')).toBeNull();
  expect(registryOf('my-wandb-registry-models')).toBeNull();
});

it('tells which types a registry takes', () => {
  const some = { allow_all_artifact_types: false, artifact_types: ['model'] };
  expect(['model', 'dataset'].filter(type => takesType(some, type))).toEqual(['model']);
  expect(takesType({ ...some, allow_all_artifact_types: true }, 'dataset')).toBe(true);
});
