import { CodeBlock } from '~/ui/CodeBlock';
import { NewKeyButton, useNewKey } from './NewKey';

/** The lines that point a script here, with a key made on a click. */
export function ConnectSteps() {
  const newKey = useNewKey();
  const key = newKey.data?.key;
  const lines = [
    `export WANDB_BASE_URL=${window.location.origin}`,
    `export WANDB_API_KEY=${key ?? '…'}`,
  ].join('\n');
  return (
    <ol className="flex flex-col gap-5 [&>li]:flex [&>li]:flex-col [&>li]:gap-2">
      <li>
        <h2 className="font-medium">1. Set two variables where the script runs</h2>
        {key ? (
          <>
            <CodeBlock text={lines} label="lines to paste" />
            <p className="text-12 text-warn">
              The key is shown now and never again. Lost ones are replaced in the settings.
            </p>
          </>
        ) : (
          <>
            <CodeBlock text={lines} label="lines to paste" />
            <NewKeyButton newKey={newKey} name="quickstart" label="Make a key for these lines" />
          </>
        )}
      </li>
      <li>
        <h2 className="font-medium">2. Log something</h2>
        <p className="text-ink-2">Any script that uses wandb will do, unchanged. Or this one:</p>
        <CodeBlock text={SCRIPT} label="script" />
      </li>
    </ol>
  );
}

const SCRIPT = `# pip install wandb
import math, random, time
import wandb

run = wandb.init(project="first-steps", config={"lr": 0.01})
for step in range(200):
    loss = math.exp(-step / 60) + random.random() * 0.1
    run.log({"train/loss": loss, "train/acc": 1 - loss / 2})
    time.sleep(0.1)
run.finish()`;
