export interface Invocation {
  executable?: string | null;
  /** A script's path, or `-m` and a module. */
  program?: string | null;
  args?: string[] | null;
}

/** The line that starts a program again, to be pasted into a shell: its interpreter by name, not by place. */
export function commandLine({ executable, program, args }: Invocation): string | null {
  if (!program) return null;
  const interpreter = executable?.split(/[/\\]/).at(-1) || 'python';
  const module = /^-m\s+(\S+)$/.exec(program.trim())?.[1];
  // A package that is run is known by the module inside it that Python runs for it.
  const target = module ? ['-m', module.replace(/(?<=.)\.__main__$/, '')] : [program];
  return [interpreter, ...target, ...(args ?? [])].map(shellWord).join(' ');
}

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\p{L}\p{N}\-_./=:,+@%]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
