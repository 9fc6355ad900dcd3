"""Trains a handful of small classifiers of handwritten digits and logs them with the wandb client.

The server and the key come from `WANDB_BASE_URL` and `WANDB_API_KEY`. Nothing here knows which server it is.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import wandb
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

if TYPE_CHECKING:
    from collections.abc import Iterator

    Array = np.ndarray[Any, np.dtype[np.float64]]

N_CLASSES = 10
LONGEST_LIST = 8


@dataclass(frozen=True)
class Settings:
    """One training."""

    name: str
    hidden_units: int
    learning_rate: float
    batch_size: int = 64
    momentum: float = 0.9
    weight_decay: float = 1e-4
    n_epochs: int = 30
    seed: int = 0
    tags: tuple[str, ...] = ()
    # The training divides by zero here, as real ones do.
    fails_in_epoch: int | None = None


TRAININGS = (
    Settings("linear", hidden_units=0, learning_rate=0.1, tags=("baseline",)),
    Settings("small network", hidden_units=16, learning_rate=0.05),
    Settings("wide network", hidden_units=128, learning_rate=0.05, tags=("candidate",)),
    Settings("wide, no momentum", hidden_units=128, learning_rate=0.05, momentum=0.0),
    Settings("wide, another seed", hidden_units=128, learning_rate=0.05, seed=7, tags=("candidate",)),
    Settings("far too fast", hidden_units=64, learning_rate=60.0, fails_in_epoch=12),
)


class Diverged(Exception):  # noqa: N818 - it is the outcome of a training
    """The training found no way down."""


class Network:
    """A classifier with one hidden layer, or none."""

    def __init__(self, n_inputs: int, settings: Settings) -> None:
        random = np.random.default_rng(settings.seed)
        sizes = [n_inputs, *([settings.hidden_units] if settings.hidden_units else []), N_CLASSES]
        self.settings = settings
        self.weights = [
            random.normal(0.0, np.sqrt(2.0 / fan_in), (fan_in, fan_out))
            for fan_in, fan_out in itertools.pairwise(sizes)
        ]
        self._speeds = [np.zeros_like(weight) for weight in self.weights]

    def probabilities(self, images: Array) -> Array:
        """Return the probability of each class, one row for each image."""
        return self._forward(images)[1]

    def _forward(self, images: Array) -> tuple[list[Array], Array]:
        activations = [images]
        for weight in self.weights[:-1]:
            activations.append(np.maximum(activations[-1] @ weight, 0.0))
        logits = activations[-1] @ self.weights[-1]
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return activations, exponents / exponents.sum(axis=1, keepdims=True)

    def learn(self, images: Array, labels: Array) -> tuple[float, float]:
        """Take one step on a batch; returns its loss and the norm of the gradient."""
        activations, probabilities = self._forward(images)
        loss = cross_entropy(probabilities, labels)
        error = (probabilities - np.eye(N_CLASSES)[labels]) / len(labels)
        gradients = []
        for layer in reversed(range(len(self.weights))):
            gradients.append(activations[layer].T @ error)
            error = (error @ self.weights[layer].T) * (activations[layer] > 0)
        for layer, gradient in enumerate(reversed(gradients)):
            slope = gradient + self.settings.weight_decay * self.weights[layer]
            self._speeds[layer] = self.settings.momentum * self._speeds[layer] - self.settings.learning_rate * slope
            self.weights[layer] = self.weights[layer] + self._speeds[layer]
        return loss, float(np.sqrt(sum((gradient**2).sum() for gradient in gradients)))


def cross_entropy(probabilities: Array, labels: Array) -> float:
    """Return the mean loss in nats."""
    of_truth = probabilities[np.arange(len(labels)), labels]
    return -float(np.log(np.maximum(of_truth, 1e-12)).mean())


def batches(n_images: int, settings: Settings, random: np.random.Generator) -> Iterator[np.ndarray[Any, Any]]:
    """Yield the indices of each batch of an epoch."""
    order = random.permutation(n_images)
    for first in range(0, n_images, settings.batch_size):
        yield order[first : first + settings.batch_size]


def train(settings: Settings, project: str, pause_s: float = 0.0, until: float | None = None) -> None:
    """Train one network and log it; `until` (monotonic seconds) keeps it learning that long."""
    digits = load_digits()
    images, test_images, labels, test_labels = train_test_split(
        digits.data / 16.0, digits.target, test_size=0.3, random_state=0
    )
    config = {key: value for key, value in asdict(settings).items() if key not in {"name", "tags", "fails_in_epoch"}}
    with wandb.init(
        project=project,
        name=settings.name,
        tags=list(settings.tags),
        config=config,
        group="network" if settings.hidden_units else "linear",
        job_type="train",
        notes=f"{settings.hidden_units or 'no'} hidden units",
    ) as run:
        run.define_metric("epoch")
        run.define_metric("test/*", step_metric="epoch")
        run.define_metric("train/loss", summary="min,last")
        network = Network(images.shape[1], settings)
        random = np.random.default_rng(settings.seed)
        epoch = 0
        while epoch < settings.n_epochs or (until is not None and time.monotonic() < until):
            for batch in batches(len(images), settings, random):
                loss, gradient_norm = network.learn(images[batch], labels[batch])
                run.log({"train/loss": loss, "train/gradient_norm": gradient_norm, "epoch": epoch})
                time.sleep(pause_s)
            guesses = report_epoch(run, network, epoch, test_images, test_labels)
            print(f"epoch {epoch + 1:3} loss {loss:.4f} accuracy {(guesses == test_labels).mean():.3f}", flush=True)
            if settings.fails_in_epoch == epoch:
                message = f"the loss is {loss:.1f} and does not fall"
                raise Diverged(message)
            epoch += 1
        report_mistakes(run, network, test_images, test_labels)


def report_epoch(run: wandb.Run, network: Network, epoch: int, images: Array, labels: Array) -> Array:
    """Log how it does on what it never saw; returns its guesses."""
    probabilities = network.probabilities(images)
    guesses: Array = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(guesses != labels)[:LONGEST_LIST]
    values: dict[str, Any] = {
        "epoch": epoch,
        "test/loss": cross_entropy(probabilities, labels),
        "test/accuracy": float((guesses == labels).mean()),
    }
    for layer, weight in enumerate(network.weights):
        values[f"weights/layer {layer}"] = wandb.Histogram(weight.ravel().tolist())
    if epoch % 5 == 0:
        values["mistakes"] = [
            wandb.Image(as_picture(images[i]), caption=f"{labels[i]}, guessed {guesses[i]}") for i in wrong
        ]
    run.log(values)
    return guesses


def report_mistakes(run: wandb.Run, network: Network, images: Array, labels: Array) -> None:
    """Log which digits it takes for which."""
    probabilities = network.probabilities(images)
    guesses = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(guesses != labels)
    run.log(
        {
            "confusion": wandb.plot.confusion_matrix(
                y_true=labels.tolist(), preds=guesses.tolist(), class_names=[str(digit) for digit in range(N_CLASSES)]
            ),
            "mistakes table": wandb.Table(
                columns=["image", "label", "guess", "probability of label"],
                data=[[i, int(labels[i]), int(guesses[i]), float(probabilities[i, labels[i]])] for i in wrong.tolist()],
            ),
        }
    )
    run.summary["n_mistakes"] = len(wrong)
    if len(wrong) < len(labels) // 20:
        run.alert(title="Good enough", text=f"{len(wrong)} of {len(labels)} digits are mistaken")


def as_picture(image: Array) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a digit as grey levels, large enough to look at."""
    return (255 * np.kron(image.reshape(8, 8), np.ones((8, 8)))).astype(np.uint8)


def main() -> int:
    """Run the trainings one after the other."""
    parser = argparse.ArgumentParser(prog="demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--project", default="digits")
    parser.add_argument("--live", type=float, metavar="SECONDS", help="afterwards, one more run that learns this long")
    arguments = parser.parse_args()
    for name in ("WANDB_BASE_URL", "WANDB_API_KEY"):
        if not os.environ.get(name):
            parser.error(f"`{name}` is not set")
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    for settings in TRAININGS:
        with contextlib.suppress(Diverged):
            train(settings, arguments.project, pause_s=0.002)
    if arguments.live:
        live = Settings("learning now", hidden_units=64, learning_rate=0.01)
        train(live, arguments.project, pause_s=0.1, until=time.monotonic() + arguments.live)
    return 0
