import { expect, it } from 'vitest';
import { commandLine } from './command-line';

it.each([
  [{ program: 'train.py', args: ['--lr', '0.1'] }, 'python train.py --lr 0.1'],
  [{ program: '-m pkg.train', executable: '/usr/bin/python3.12' }, 'python3.12 -m pkg.train'],
  [{ program: '-m pkg.__main__', args: ['--tag=a b'] }, "python -m pkg '--tag=a b'"],
  [{ program: '-m __main__' }, 'python -m __main__'],
  [
    { program: 'my script.py', args: ["it's", '', '$HOME'] },
    `python 'my script.py' 'it'\\''s' '' '$HOME'`,
  ],
  [{ program: 'a.py', executable: 'C:\\Py\\python.exe' }, 'python.exe a.py'],
])('writes %j as a line for a shell', (invocation, line) =>
  expect(commandLine(invocation)).toBe(line),
);

it('knows no line without a program', () => expect(commandLine({ args: ['x'] })).toBeNull());
