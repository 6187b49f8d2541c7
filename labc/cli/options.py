"""Options and arguments that several verbs share, so that they are spelt and explained the same way everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .completing import instances
from .exits import Exit
from .stop import Stop

F = TypeVar("F", bound=Callable[..., Any])  # Any: click calls with the options as keywords


def lab_argument(command: F) -> F:
    return click.argument("lab", required=False, metavar="[LAB]")(command)


def parameters_option(command: F) -> F:
    """`-p`: has no environment variable, since it changes the plan."""
    return click.option(
        "-p",
        "--param",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        allow_from_autoenv=False,
        callback=_as_mapping,
        help="Set a parameter of the lab. May be repeated.",
    )(command)


def instance_option(command: F) -> F:
    return click.option(
        "--as",
        "instance",
        metavar="NAME",
        envvar="LABC_INSTANCE",
        callback=_instance_name,
        shell_complete=instances,
        help="The instance: a second copy of the lab runs under another name. Default: the lab's name.",
    )(command)


def json_option(what: str) -> Callable[[F], F]:
    return click.option("--json", "as_json", is_flag=True, help=what)


def format_option(command: F) -> F:
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "sarif"]),
        default="text",
        help="How diagnostics are printed.",
    )(command)


def _as_mapping(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise Stop(Exit.INPUT, f"-p {text}: a parameter is set by NAME=VALUE")
        if name in parameters:
            raise Stop(Exit.INPUT, f"-p {text}: {name} is set twice")
        parameters[name.strip()] = value
    return parameters


def _instance_name(_ctx: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """An instance's name becomes part of file names and labels."""
    if name is not None and not (
        name[:1].isalnum() and name.replace("-", "").replace("_", "").replace(".", "").isalnum()
    ):
        raise Stop(
            Exit.INPUT, f"--as {name}: a name has letters, digits, - _ and . only, and starts with a letter or digit"
        )
    return name
