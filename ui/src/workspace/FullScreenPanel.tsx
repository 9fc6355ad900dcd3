import { ChevronLeft, ChevronRight, MoreVertical } from 'lucide-react';
import { Suspense, useRef } from 'react';
import { PANEL_KINDS } from '~/panels/registry';
import { usePanelContext, type PanelHandle, type PanelSpec } from '~/panels/panel';
import { IconButton } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Menu } from '~/ui/Menu';
import { panelMenu } from './PanelFrame';
import { PanelTitle } from './PanelTitle';

export interface FullScreenPanelProps {
  panels: PanelSpec[];
  id: string;
  onChange: (id: string | undefined) => void;
}

/** One panel over the whole window; arrows go to its neighbours. */
export function FullScreenPanel({ panels, id, onChange }: FullScreenPanelProps) {
  const context = usePanelContext();
  const handle = useRef<PanelHandle>(null);
  const place = panels.findIndex(panel => panel.id === id);
  const spec = panels[place];
  if (!spec) return null;
  const kind = PANEL_KINDS[spec.kind];
  const move = (by: number) => onChange(panels[(place + by + panels.length) % panels.length].id);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.matches('input, select, textarea') || event.metaKey || event.ctrlKey) return;
    if (event.key === 'ArrowRight') move(1);
    else if (event.key === 'ArrowLeft') move(-1);
  };
  return (
    <Dialog
      open
      onOpenChange={open => !open && onChange(undefined)}
      shape="full"
      title={<PanelTitle spec={spec} />}
      onKeyDown={onKeyDown}
      actions={
        <>
          <span className="tabular text-12 text-ink-3">
            {place + 1} of {panels.length}
          </span>
          <IconButton label="Previous panel" onClick={() => move(-1)}>
            <ChevronLeft aria-hidden />
          </IconButton>
          <IconButton label="Next panel" onClick={() => move(1)}>
            <ChevronRight aria-hidden />
          </IconButton>
          <Menu entries={() => panelMenu(spec, handle.current, context, null)}>
            <IconButton label={`Menu of ${spec.label}`}>
              <MoreVertical aria-hidden />
            </IconButton>
          </Menu>
        </>
      }
    >
      <div className="flex min-h-0 flex-1 flex-col p-2">
        <Suspense>
          <kind.Panel key={spec.id} spec={spec} active large ref={handle} />
        </Suspense>
      </div>
    </Dialog>
  );
}
