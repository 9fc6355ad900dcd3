"""How figures are printed: what, value, budget, ratio, verdict."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence


class Report:
    """Prints figures as they come, and remembers whether one was over its budget."""

    def __init__(self, title: str, sizes: str, *, small: bool) -> None:
        self._small = small
        self._over: list[str] = []
        self._section = ""
        print(f"{title}: {sizes}")
        load = os.getloadavg()[0]
        print(f"on {os.cpu_count()} cores, {platform.system()} {platform.release()}, load {load:.1f}", flush=True)

    def section(self, text: str) -> None:
        """Print what the following lines are about."""
        self._section = text.split(":", 1)[0].strip()
        print(f"\n{text}", flush=True)

    def note(self, text: str) -> None:
        """Print a line that is no figure."""
        print(f"  {text}", flush=True)

    def figure(
        self, what: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """Print a figure; with a bound, also its ratio to it and whether it is within."""
        text = f"  {what:<58} {number(value):>11} {unit:<9}"
        bound = at_most if at_most is not None else at_least
        if bound is not None:
            within = value <= bound if at_most is not None else value >= bound
            word = "at most" if at_most is not None else "at least"
            text += f" budget {word} {number(bound):>9}  ratio {value / bound:6.2f}  {'ok' if within else 'OVER'}"
            if not within:
                self._remember(what)
        print(text.rstrip(), flush=True)

    def times(self, what: str, seconds: Sequence[float], *, at_most_s: float | None = None) -> None:
        """Print a median time in milliseconds, with the fastest, the slowest and how many there were."""
        if not seconds:
            self.note(f"{what}: none")
            return
        label = f"{what}, median of {len(seconds)} ({number(min(seconds) * 1e3)}..{number(max(seconds) * 1e3)})"
        self.figure(label, median(seconds) * 1e3, "ms", at_most=None if at_most_s is None else at_most_s * 1e3)

    def ratio(self, what: str, ours: float, other: float) -> None:
        """Print how ours compares to something measured beside it."""
        if other > 0:
            print(f"  {what:<58} {number(ours / other):>11} x", flush=True)

    def problem(self, what: str) -> None:
        """Print something that must not be, which counts like a figure over its budget."""
        self._remember(what)
        print(f"  {what}  OVER", flush=True)

    def close(self) -> int:
        """Say how it went; returns the exit code."""
        if self._small:
            print("\ntried with --small: budgets are for the full sizes, and the exit code does not judge")
            return 0
        if self._over:
            print("\nOVER budget:")
            for what in self._over:
                print(f"  {what}")
            return 1
        print("\nwithin every budget")
        return 0

    def _remember(self, what: str) -> None:
        self._over.append(f"{self._section}: {what}" if self._section else what)


def number(value: float) -> str:
    """Return four significant digits, thousands separated."""
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def median(values: Sequence[float]) -> float:
    """Return the middle one."""
    return quantile(values, 0.5)


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value below which a part of all lies, to the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(part * len(ordered)) - 1))]
