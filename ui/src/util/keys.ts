const TEXT_INPUTS = new Set([
  'text',
  'search',
  'password',
  'email',
  'url',
  'number',
  'tel',
  'date',
  'time',
]);

/** Whether keys pressed there are text, so that they are no commands. */
export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return TEXT_INPUTS.has(target.type);
  return target.isContentEditable || target.matches('textarea, select');
}
