import { ConnectSteps } from './ConnectSteps';
import { PageHead } from './PageHead';

export function QuickstartPage() {
  return (
    <>
      <PageHead title="Quickstart" />
      <div className="mx-auto flex max-w-2xl flex-col gap-5 p-4 sm:py-8">
        <ConnectSteps />
        <p className="text-ink-2">
          The run appears under its project while it still runs. In a terminal,{' '}
          <code className="font-mono text-12">wandb login</code> asks for a key too: the page it
          names makes one.
        </p>
      </div>
    </>
  );
}
