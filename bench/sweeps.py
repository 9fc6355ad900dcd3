#!/usr/bin/env python3
"""Agents that ask for work: how long the answer takes in a sweep of many trials, and how many a second are answered.

    cargo xtask bench sweeps [--small] [--trials 1000] [--agents 64] [--seconds 10]

A sweep of each method is filled with finished trials by agents that speak the client's protocol. Then one agent at a time asks
for a trial and does it: the answer to its question is timed. At last many agents at once only report, each on a connection of
its own, as often as they can.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from harness import environment
from harness.report import Report, quantile
from harness.server import Ballast, Connection, Run

BUDGETS_S = {"grid": 0.005, "random": 0.005, "bayes": 0.1}
N_TIMES = 50
PROJECT = "sweeps"

METRIC = "metric: {name: loss, goal: minimize}\n"
UNIFORM = "".join(f"  x{i}: {{min: 0.0, max: 1.0}}\n" for i in range(6))
CONFIGS = {
    "grid": f"method: grid\n{METRIC}parameters:\n" + "".join(f"  x{i}: {{min: 1, max: 32}}\n" for i in range(6)),
    "random": f"method: random\n{METRIC}parameters:\n{UNIFORM}",
    "bayes": f"method: bayes\n{METRIC}parameters:\n{UNIFORM}",
}

UPSERT_SWEEP = """
mutation UpsertSweep($config: String, $projectName: String) {
  upsertSweep(input: {config: $config, projectName: $projectName}) { sweep { name } configValidationWarnings }
}
"""
CREATE_AGENT = """
mutation CreateAgent($host: String!, $projectName: String, $sweep: String!) {
  createAgent(input: {host: $host, projectName: $projectName, sweep: $sweep}) { agent { id } }
}
"""
HEARTBEAT = """
mutation Heartbeat($id: ID!, $metrics: JSONString, $runState: JSONString) {
  agentHeartbeat(input: {id: $id, metrics: $metrics, runState: $runState}) { agent { id } commands }
}
"""


def create(connection: Connection, config: str) -> str:
    """Make a sweep; returns its name."""
    variables = {"config": config, "projectName": PROJECT}
    name: str = connection.graphql(UPSERT_SWEEP, variables)["upsertSweep"]["sweep"]["name"]
    return name


class Agent:
    """An agent that speaks the client's protocol."""

    def __init__(self, server: Ballast, sweep: str) -> None:
        self._server = server
        self.connection = server.connect()
        variables = {"host": "bench", "projectName": PROJECT, "sweep": sweep}
        self.id = self.connection.graphql(CREATE_AGENT, variables)["createAgent"]["agent"]["id"]

    def beat(self, *runs: str) -> list[dict[str, Any]]:
        """Report and return the commands."""
        alive = json.dumps(dict.fromkeys(runs, True))
        told = self.connection.graphql(HEARTBEAT, {"id": self.id, "metrics": "{}", "runState": alive})
        commands: list[dict[str, Any]] = json.loads(told["agentHeartbeat"]["commands"])
        return commands

    def work(self) -> float:
        """Do one trial; returns how long the answer took that gave it, in seconds."""
        began = time.perf_counter()
        (command,) = self.beat()
        took = time.perf_counter() - began
        run: Run = self._server.run(self.connection, PROJECT, command["run_id"])
        loss = sum((float(value["value"]) - 0.3) ** 2 for value in command["args"].values())
        body = {
            "files": {"wandb-summary.json": {"offset": 0, "content": [json.dumps({"loss": loss})]}},
            "complete": True,
            "exitcode": 0,
        }
        self.connection.request("POST", run.stream_path, json.dumps(body).encode())
        return took


def fill(server: Ballast, sweep: str, n_trials: int) -> None:
    """Finish so many trials, a few at a time."""

    def work(agent: Agent, n: int) -> None:
        for _ in range(n):
            agent.work()

    n_agents = 8
    shares = [n_trials // n_agents + (place < n_trials % n_agents) for place in range(n_agents)]
    threads = [threading.Thread(target=work, args=(Agent(server, sweep), share)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report_all_the_time(agents: list[Agent], seconds: float) -> tuple[list[float], float]:
    """Let all agents report as often as they can; returns how long each took, and for how long they did."""
    latencies: list[list[float]] = [[] for _ in agents]
    runs = [agent.beat()[0]["run_id"] for agent in agents]
    began = time.perf_counter()
    end = began + seconds

    def report(place: int) -> None:
        while (before := time.perf_counter()) < end:
            agents[place].beat(runs[place])
            latencies[place].append(time.perf_counter() - before)

    threads = [threading.Thread(target=report, args=(place,)) for place in range(len(agents))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [latency for part in latencies for latency in part], time.perf_counter() - began


def main() -> int:
    """Measure and print; exit code 1 if over budget."""
    parser = environment.arguments(__doc__)
    parser.add_argument("--trials", type=int, help="finished trials of each sweep")
    parser.add_argument("--agents", type=int, default=64, help="agents that report at the same time")
    parser.add_argument("--seconds", type=float, help="for how long they do")
    given = parser.parse_args()
    n_trials = given.trials or (100 if given.small else 1000)
    seconds = given.seconds or (2.0 if given.small else 10.0)
    report = Report("sweeps", f"{n_trials:,} finished trials, {given.agents} agents", small=given.small)
    with environment.temporary(given.dir) as temporary, Ballast(environment.binary(), Path(temporary)) as server:
        connection = server.connect()
        sweeps = {method: create(connection, config) for method, config in CONFIGS.items()}
        report.section("an agent asks for work")
        for method, sweep in sweeps.items():
            began = time.perf_counter()
            fill(server, sweep, n_trials)
            report.note(f"{method}: filled in {time.perf_counter() - began:.1f} s")
            agent = Agent(server, sweep)
            report.times(method, [agent.work() for _ in range(N_TIMES)], at_most_s=BUDGETS_S[method])
        report.section("all agents report at once, working on a run each")
        agents = [Agent(server, sweeps["random"]) for _ in range(given.agents)]
        before_s = server.cpu_s()
        latencies, took = report_all_the_time(agents, seconds)
        report.figure("reports answered a second", len(latencies) / took, "/s")
        report.figure("99 of 100 within", quantile(latencies, 0.99) * 1e3, "ms")
        report.figure("server CPU a report", (server.cpu_s() - before_s) / len(latencies) * 1e3, "ms")
        report.figure("memory, at most", server.peak_bytes() / 1e6, "MB")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
