import type { NewMember, Role } from '~/api/org-schema';

/** A member of something that is not there yet: a line of a form, its name typed or not. */
export interface MemberDraft {
  /** Tells lines apart while names change. */
  id: number;
  username: string;
  role: Role;
}

/** The members that lines name: each once, as the last line says, lines without a name left out. */
export function membersOf(drafts: MemberDraft[]): NewMember[] {
  const roles = new Map<string, Role>();
  for (const { username, role } of drafts) {
    const name = username.trim();
    if (name !== '') roles.set(name, role);
  }
  return [...roles].map(([username, role]) => ({ username, role }));
}
