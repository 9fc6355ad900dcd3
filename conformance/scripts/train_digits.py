"""Trains a softmax classifier of handwritten digits and logs everything the client can log.

What it logged is left in `logged.json`, for whoever wants to compare.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import wandb
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

N_STEPS = 60
CONFIG = {
    "learning_rate": 0.5,
    "batch_size": 128,
    "layers": [64, 10],
    "optimizer": {"name": "sgd", "momentum": 0.0, "schedule.kind": "constant"},
    "seed": 2**53 + 1,
    "note": "Grüße, 世界 \U0001f30d",
    "early_stop": None,
    "augment": False,
}


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities, row by row."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def as_picture(image: np.ndarray) -> np.ndarray:
    """Return an 8 by 8 digit as grey levels."""
    return (image.reshape(8, 8) * 255).astype(np.uint8)


def main() -> None:
    """Train."""
    digits = load_digits()
    images, test_images, labels, test_labels = train_test_split(
        digits.data / 16.0, digits.target, test_size=0.25, random_state=0
    )
    run = wandb.init(
        project="digits",
        id="softmax-1",
        name="softmax, whole",
        notes="first try",
        tags=["baseline", "digits"],
        group="softmax",
        job_type="train",
        config=CONFIG,
    )
    run.define_metric("epoch")
    run.define_metric("validation/*", step_metric="epoch")
    run.define_metric("loss", summary="min,max")

    random = np.random.default_rng(0)
    weights = np.zeros((64, 10))
    logged = []
    for step in range(N_STEPS):
        batch = random.integers(0, len(images), 128)
        probabilities = softmax(images[batch] @ weights)
        errors = probabilities - np.eye(10)[labels[batch]]
        weights -= 0.5 * images[batch].T @ errors / len(batch)
        loss = -float(np.log(probabilities[np.arange(128), labels[batch]]).mean())
        guesses = (test_images @ weights).argmax(axis=1)
        row = {
            "loss": loss,
            "epoch": step // 10,
            "validation/accuracy": float((guesses == test_labels).mean()),
            "kinds": {
                "nan": float("nan"),
                "up": float("inf"),
                "down": float("-inf"),
                "big": 2**62 + step,
                "negative": -(2**63) + step,
                "tiny": 5e-324,
                "text": f'step {step} "quoted" \u2028 é',
                "nothing": None,
                "yes": step % 2 == 0,
                "list": [step, None, "x"],
                "dotted.key": step,
                "deep": {"a": {"b": {"c": step / 3}}},
            },
            "sometimes" if step % 7 == 0 else "otherwise": step,
            "mixed": step if step % 2 else f"{step}",
        }
        run.log(row)
        logged.append(row)
        print(f"\rstep {step + 1}/{N_STEPS} loss {loss:.4f}", end="", flush=True)
    print()
    print("\x1b[32mtrained\x1b[0m")
    print("a warning", file=sys.stderr)

    wrong = np.flatnonzero(guesses != test_labels)[:4]
    pictures = [wandb.Image(as_picture(test_images[i]), caption=str(guesses[i])) for i in wrong]
    run.log({"example": pictures[0]})
    run.log({"mistakes": pictures})
    run.log({"weights": wandb.Histogram(weights.ravel())})
    table = wandb.Table(
        columns=["label", "guess", "share"],
        data=[[int(test_labels[i]), int(guesses[i]), i / len(guesses)] for i in wrong],
    )
    run.log({"mistakes_table": table})
    run.log(
        {
            "confusion": wandb.plot.confusion_matrix(
                y_true=test_labels.tolist(), preds=guesses.tolist(), class_names=list("0123456789")
            )
        }
    )

    Path("weights.txt").write_text("\n".join(str(weight) for weight in weights.ravel()))
    wandb.save("weights.txt")
    wandb.alert(title="Trained", text="the model is trained", level="WARN")
    run.summary["final"] = {"loss": loss, "n_wrong": int((guesses != test_labels).sum())}
    run.tags = (*run.tags, "done")
    run.notes = "it works"
    run.config.update({"n_weights": weights.size})
    Path("logged.json").write_text(json.dumps({"rows": logged, "config": CONFIG}))
    run.finish()


if __name__ == "__main__":
    main()
