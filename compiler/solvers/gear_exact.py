"""A binding by OR-Tools' CP-SAT, where cabling couples choices beyond what trying can finish.

Enters: `Options` and `Limits`. Leaves: a binding, or None when there is none; raises `DoesNotFitError(False)` when the work ran out with
nothing found. One worker, a limit in deterministic time: the same answer on any machine. Called by `gear_bind`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .gear import NOWHERE, Binding, Limits
from .gear_options import ENTER, Option, Options
from .gear_price import binding_of, moved_device, moved_socket
from .problem import DoesNotFitError, MissingSolverError


def solve(options: Options, limits: Limits, work: float) -> Binding | None:
    """`work`: of CP-SAT's deterministic seconds."""
    cp = _cp_model()
    model = _Model(cp.CpModel(), options)
    model.limit(limits)
    model.weigh()
    solver = cp.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model.model)
    if status == cp.INFEASIBLE:
        return None
    if status not in (cp.OPTIMAL, cp.FEASIBLE):
        raise DoesNotFitError(proven=False)
    devices = [_picked(solver, taken) for taken in model.device]
    chosen = [[_picked(solver, picks) for picks in ports] for ports in model.pick]
    return binding_of(options, devices, chosen, "exact", proven=status == cp.OPTIMAL)


def _picked(solver: Any, picks: dict[Any, Any]) -> Any:  # Any: OR-Tools, and keys of either kind
    return next(key for key, literal in picks.items() if solver.boolean_value(literal))


class _Model:
    """`device`: for each node, a literal a device. `pick`: for each port, a literal an option. `enters`: (node or wire, host) → literal."""

    def __init__(self, model: Any, options: Options) -> None:  # Any: OR-Tools is published without types
        self.model, self.options, self.request = model, options, options.request
        self.device = [self._devices(node.devices.nonzero()[0].tolist()) for node in self.request.nodes]
        self.pick: list[list[dict[Option, Any]]] = [
            [self._picks(n, options.of(n, p)) for p in range(len(node.ports))]
            for n, node in enumerate(self.request.nodes)
        ]
        self._once()
        self.homes = [self._home(ports) for ports in self.pick]
        self.anchors = [self._wire(wire) for wire in range(len(self.request.wires))]

    def _devices(self, devices: list[int]) -> dict[int, Any]:
        literals = {device: self.model.new_bool_var("") for device in devices}
        self.model.add_exactly_one(literals.values())
        return literals

    def _picks(self, node: int, choices: Iterable[Option]) -> dict[Option, Any]:
        picks = {}
        for option in choices:
            picks[option] = self.model.new_bool_var("")
            self.model.add_implication(picks[option], self.device[node][option.device])
        self.model.add_exactly_one(picks.values())
        return picks

    def _every(self) -> Iterable[tuple[int, int, Option, Any]]:
        for node, ports in enumerate(self.pick):
            for port, picks in enumerate(ports):
                for option, literal in picks.items():
                    yield node, port, option, literal

    def _once(self) -> None:
        """A device is one node's, a socket one port's, a carrier one wire's towards one end."""
        devices: dict[int, list[Any]] = {}
        for taken in self.device:
            for device, literal in taken.items():
                devices.setdefault(device, []).append(literal)
        sockets: dict[int, list[Any]] = {}
        carriers: dict[object, dict[object, Any]] = {}
        for node, port, option, literal in self._every():
            sockets.setdefault(option.socket, []).append(literal)
            for lead in option.carriers:
                uses = carriers.setdefault(lead, {})
                use = (self.options.wire[node, port], option.end)
                if use not in uses:
                    uses[use] = self.model.new_bool_var("")
                self.model.add_implication(literal, uses[use])
        for literals in [*devices.values(), *sockets.values(), *(list(uses.values()) for uses in carriers.values())]:
            self.model.add_at_most_one(literals)

    def _either(self, literals: list[Any]) -> Any:
        """A literal that says whether any of these holds."""
        one = self.model.new_bool_var("")
        self.model.add_max_equality(one, literals)
        return one

    def _home(self, ports: list[dict[Option, Any]]) -> dict[int, Any]:
        hosts: dict[int, list[Any]] = {}
        for picks in ports:
            for option, literal in picks.items():
                if option.host != NOWHERE:
                    hosts.setdefault(option.host, []).append(literal)
        return {host: self._either(literals) for host, literals in sorted(hosts.items())}

    def _wire(self, index: int) -> dict[int, Any]:
        """All ports go one way; a patch of two that a test cuts goes through a switch that can."""
        wire = self.request.wires[index]
        ways: dict[object, Any] = {}
        cutters: dict[object, list[Any]] = {}
        ends = [self.pick[node][port] for node, port in wire.ports]
        for picks in ends:
            for option, literal in picks.items():
                if option.key not in ways:
                    ways[option.key] = self.model.new_bool_var("")
                self.model.add_implication(literal, ways[option.key])
                if option.cuts:
                    cutters.setdefault(option.key, []).append(literal)
        self.model.add_at_most_one(ways.values())
        if len(ends) == 2 and self.options.cut(index):
            for key, literal in ways.items():
                if key != ENTER:
                    self.model.add_bool_or([*cutters.get(key, []), literal.negated()])
        return self._home(ends)

    def limit(self, limits: Limits) -> None:
        for node, allowed in enumerate(limits.homes or ()):
            if allowed is not None:
                self.model.add_bool_or([self.homes[node].get(host, False) for host in allowed] + [self._nowhere(node)])
        for bad in limits.nogoods:
            ways = [
                way
                for node, allowed in zip(bad.nodes, bad.homes, strict=True)
                if allowed
                for way in [self._nowhere(node), *(at for host, at in self.homes[node].items() if host not in allowed)]
            ]
            self.model.add_bool_or(ways)
        for homes in limits.seen:
            self.model.add_bool_or(
                [
                    at.negated() if host in home else at
                    for node, home in enumerate(homes)
                    for host, at in self.homes[node].items()
                ]
            )

    def _nowhere(self, node: int) -> Any:
        if not self.homes[node]:
            return True
        return self._either(list(self.homes[node].values())).negated()

    def weigh(self) -> None:
        """The members of the price as one sum, each weighing more than all behind it can."""
        total, weight = 0, 1
        for part, most in reversed(self._parts()):
            total += part * weight
            weight *= most + 1
        self.model.minimize(total)

    def _parts(self) -> list[tuple[Any, int]]:
        """Each member of the price as an expression, with the most that it can be."""
        every = list(self._every())
        taken = [(node, device, at) for node, ds in enumerate(self.device) for device, at in ds.items()]
        size = len(self.request.nodes) + sum(len(ports) for ports in self.pick)
        worth = [self.request.site.devices[device].worth for _, device, _ in taken]
        longest = max((len(option.path) for _, _, option, _ in every), default=0)
        indexes = len(self.request.site.devices) + len(self.request.site.sockets)
        moves = [at for node, device, at in taken if moved_device(self.request, node, device)]
        moves += [at for node, port, option, at in every if moved_socket(self.request, node, port, option.socket)]
        return [
            (sum(moves), size),
            (self._joins(), size),
            (sum(w * at for w, (_, _, at) in zip(worth, taken, strict=True)), len(self.device) * max(worth, default=0)),
            (sum(len(option.path) * at for _, _, option, at in every), size * longest),
            (
                sum(d * at for _, d, at in taken) + sum(self.options.rank[o.socket] * at for _, _, o, at in every),
                size * indexes,
            ),
        ]

    def _joins(self) -> Any:
        total = 0
        for wire, hosts in zip(self.request.wires, self.anchors, strict=True):
            # One host of a wire with something virtual on it is no join; it enters at one at least.
            total += sum(hosts.values()) - (wire.virtual and bool(hosts))
        return total


def _cp_model() -> Any:  # Any: a module published without types
    try:
        from ortools.sat.python import cp_model
    except ImportError as missing:
        raise MissingSolverError("ortools") from missing
    return cp_model
