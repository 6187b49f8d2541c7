"""The values that a site file states, by type: what the fields of hosts, NICs, devices, switches and ports must be.

Enters: values of settings. Leaves: the form in which the IR keeps them, or POISON after a report. Called by `hosts`, `gear` and,
for a node's share of a host, by `demands`. A setting of any other name is a label or an attribute, of any type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..addresses import Address, Interface, Prefix
from ..diagnostics import Fix
from ..nearest import closest
from ..quantities import Quantity
from ..source import Span
from ..syntax import tree
from .blocks import Place
from .fields import ONLY_SETTINGS, Settings, compile_settings
from .scopes import Scope
from .state import State
from .types import ANY, Type, fitted, stored, within
from .values import POISON, Frame, describe, shown

Fit = Callable[[State, Frame, Any, Span, str], Any]  # Any: a value of any type, and what it is kept as
Fits = Mapping[str, Fit]
Kept = Callable[[Frame], dict[str, object]]
_MTUS = range(68, 65536)  # RFC 791 §3.2: every link carries 68 bytes; the length field holds 65,535
_LIKE = 0.8  # `memroy` is that like `memory`; `rack` is 0.67 like `reach`
_SCHEMES = ("ssh", "lxd", "https")


def compile_kept(body: Sequence[tree.Statement], scope: Scope, fits: Fits, place: Place = ONLY_SETTINGS) -> Kept:
    """The settings of a body, in the form in which the IR keeps them."""
    settings = compile_settings(body, scope, place) if body else None
    if settings is None:
        return lambda _: {}
    state, any_value = scope.state, of_type(ANY)

    def kept(frame: Frame) -> dict[str, object]:
        said = settings(frame)
        for name in (each for each in said if each not in fits):
            _warn_of_slip(state, frame, name, said, fits)
        found = {
            name: fits.get(name, any_value)(state, frame, value, span, f"`{name}`")
            for name, (value, span, _) in said.items()
        }
        return {name: stored(value) for name, value in found.items() if value is not POISON}

    return kept


def _warn_of_slip(state: State, frame: Frame, name: str, said: Settings, fits: Fits) -> None:
    """Labels and attributes are free. But one that is all but a name that labc knows, and that is not said beside it, is most often
    a slip, and a host whose memory is called `memroy` has no limit."""
    meant = closest(name, (known for known in fits if known not in said), _LIKE)
    if meant is not None:
        state.diagnostics.warning(
            "W0361",
            f"`{name}` is a label or attribute of your own, nearly called `{meant}`",
            said[name].name,
            "labc does not know it",
            reason=f"`{meant}` is not said",
            help=f"did you mean `{meant}`? If not, another name is clearer",
            fixes=(Fix(said[name].name, meant, f"call it `{meant}`"),),
            origin=frame[0],
        )


def of_type(kind: Type) -> Fit:
    def fit(state: State, frame: Frame, value: Any, span: Span, what: str) -> Any:
        return fitted(state, frame, kind, value, span, what)

    return fit


def _positive(kind: Type, *, zero: bool = False) -> Fit:
    """A number or an amount above zero."""

    def fit(state: State, frame: Frame, value: Any, span: Span, what: str) -> Any:
        if kind.name == "float" and value is not POISON and type(value) not in (int, float):
            said = f"{what}: expected a number, found {describe(value)}"
            return state.error(
                frame, "E0303", said, span, shown(value), help="a number of processors, such as 4 or 0.5"
            )
        value = fitted(state, frame, kind, value, span, what)
        if value is POISON:
            return POISON
        number = value.amount if type(value) is Quantity else value
        if number > 0 or (zero and number == 0):
            return value
        return state.error(frame, "E0304", f"{what} is out of range", span, f"{shown(value)} is not above zero")

    return fit


def _mtu(state: State, frame: Frame, value: Any, span: Span, what: str) -> Any:
    return within(state, frame, fitted(state, frame, Type("int"), value, span, what), _MTUS, span, what)


def _interface(state: State, frame: Frame, value: Any, span: Span, what: str) -> Any:
    """An address with its length, which another host can send to."""
    if value is POISON:
        return POISON
    if type(value) is Prefix:
        value = Interface(value.network, value.length)
    if type(value) is not Interface:
        help = (
            f"give it its length, such as `{value}/{24 if value.family == 4 else 64}`" if type(value) is Address else ""
        )
        said = f"{what}: expected an address with a length, found {describe(value)}"
        return state.error(frame, "E0303", said, span, shown(value), help=help)
    if value.address.value not in value.prefix.hosts:
        return state.error(
            frame, "E0304", f"{what} is no address of a host", span, f"{value.address} means the network"
        )
    return value


def _reach(state: State, frame: Frame, value: Any, span: Span, what: str) -> Any:
    """`local`, or a URL of a scheme that the runtime speaks."""
    value = fitted(state, frame, Type("string"), value, span, what)
    if type(value) is not str or value == "local":
        return value
    scheme, there, rest = value.partition("://")
    if there and scheme in _SCHEMES and rest.strip("/"):
        return value
    help = 'write `"local"`, `"ssh://NAME"`, `"lxd://NAME"` or `"https://NAME:8443"`'
    return state.error(frame, "E0304", f"{what} is no way to a host", span, shown(value), help=help)


def _host(state: State, frame: Frame, value: Any, span: Span, what: str) -> Any:
    """The name of a host, which is looked up when the whole site is known."""
    value = fitted(state, frame, Type("string"), value, span, what)
    if type(value) is str:
        state.gear_hosts.append((frame, value, span))
    return value


_TEXT, _BOOL = of_type(Type("string")), of_type(Type("bool"))
_SPEED = _positive(Type("rate"))
# A node's share of a host may be nothing; what a host has may not.
CAPACITY: Fits = {"cpu": _positive(Type("float"), zero=True), "memory": _positive(Type("size"), zero=True)}
CAPACITY = {**CAPACITY, "disk": CAPACITY["memory"]}
HOST: Fits = {
    "cpu": _positive(Type("float")),
    "memory": _positive(Type("size")),
    "disk": _positive(Type("size")),
    "kvm": _BOOL,
    "reach": _reach,
}
NIC: Fits = {"speed": _SPEED, "address": _interface, "mtu": _mtu, "overlay": _BOOL, "trunk": _BOOL}
DEVICE: Fits = {**dict.fromkeys(("model", "driver", "reach"), _TEXT), "host": _host}
SWITCH: Fits = {**DEVICE, "cuts": _BOOL}
SOCKET: Fits = {"speed": _SPEED, "mtu": _mtu, "trunk": _BOOL}
