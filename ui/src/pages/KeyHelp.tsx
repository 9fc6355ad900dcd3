import { Dialog } from '~/ui/Dialog';

const KEYS: [string, [string, string][]][] = [
  [
    'Anywhere',
    [
      ['Ctrl K', 'search projects, runs, artifacts and registries'],
      ['Ctrl Z', 'take the last edit back'],
      ['?', 'this list'],
      ['Esc', 'close what is open'],
    ],
  ],
  [
    'Workspace',
    [
      ['/', 'search runs'],
      ['Ctrl /', 'search panels'],
      ['drag', 'zoom into a range of x'],
      ['Shift drag', 'zoom into a box'],
      ['double click', 'zoom out'],
      ['← →', 'next panel, in full screen'],
      ['Alt click on the eye', 'show only this run'],
    ],
  ],
  [
    'Media',
    [
      ['Ctrl ← →', 'previous and next step'],
      ['arrows, + −', 'turn and zoom a point cloud'],
    ],
  ],
  [
    'Artifacts',
    [
      ['Shift click on a version', 'compare it with the open one'],
      ['arrows', 'walk through a lineage'],
      ['+ − 0', 'zoom a lineage, show all of it'],
      ['Shift wheel', 'move a lineage sideways'],
    ],
  ],
  [
    'Console',
    [
      ['Enter, Shift Enter', 'next and previous match'],
      ['End', 'follow the newest lines'],
    ],
  ],
];

export interface KeyHelpProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function KeyHelp({ open, onOpenChange }: KeyHelpProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keys">
      <div className="flex flex-col gap-4 overflow-y-auto p-4">
        {KEYS.map(([heading, keys]) => (
          <section key={heading}>
            <h3 className="mb-1 text-12 text-ink-3">{heading}</h3>
            <dl className="grid grid-cols-[11rem_1fr] gap-y-1">
              {keys.map(([key, what]) => (
                <div key={key} className="contents">
                  <dt>
                    <kbd className="rounded-sm border border-line bg-surface px-1.5 py-0.5 font-mono text-12">
                      {key}
                    </kbd>
                  </dt>
                  <dd className="text-ink-2">{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
