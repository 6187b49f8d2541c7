"""Fill in what a site's hosts really have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ...compiler.source import Source
from ...compiler.syntax.edit import EditError, edit
from ..exits import Exit
from ..inputs import LabFile
from ..options import parameters_option
from ..probing import Finding, findings
from ..replacing import replace_file
from ..stop import Stop
from ..talk import print_diagnostics, result, say, style_of
from .file import find_site, mistakes_left, site_of

if TYPE_CHECKING:
    from ...compiler.ir.lab import Host, Site


@click.command(short_help="Fill in what hosts really have.")
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@click.option("--site", "given", metavar="FILE", help="The site file. Default: the one in this folder.")
@parameters_option
@click.option("-w", "--write", is_flag=True, help="Write the changes into the site file.")
@click.option(
    "--ssh",
    metavar="COMMAND",
    envvar="LABC_SSH",
    default="ssh",
    help="The command that reaches hosts, such as `ssh -F my.config`. Default: ssh.",
)
def command(hosts: tuple[str, ...], given: str | None, parameters: dict[str, str], write: bool, ssh: str) -> int:
    """Look at the hosts of a site, all or those named, and print what the site file should say of them as a diff: processors,
    memory, disk, KVM, NICs. What it does not say is filled in; what is more than there is, is lowered and told; what is less,
    stays. Exit status 1: it differs; 2: the site has a mistake that the changes do not mend; 6: a host could not be looked at."""
    from ...runtime.errors import Lacking
    from ...runtime.hosts.facts import Facts
    from ...runtime.hosts.probe import look_at

    file = find_site(given)
    wanted = _wanted(site_of(file, parameters), hosts, file)
    seen = look_at({host.name: str(host.fields.get("reach", "")) for host in wanted}, ssh)
    found = [
        (host, each) for host in wanted if isinstance(facts := seen[host.name], Facts) for each in findings(host, facts)
    ]
    before = file.read()
    after, unsettled = _settled(file, before, found)
    unreached = {name: why for name, why in seen.items() if isinstance(why, Lacking)}
    for name, why in unreached.items():
        say(f"labc: {name} was not looked at: {why.message}" + (f"; {why.help}" if why.help else ""))
    if before != after:
        _put_out(file, before, after, write=write)
    print_diagnostics(left := mistakes_left(file, after, parameters), file)
    if unreached:
        return Exit.LACKING
    if left:
        return Exit.INPUT
    return Exit.NO if unsettled or (before != after and not write) else Exit.DONE


def _wanted(site: Site, names: tuple[str, ...], file: LabFile) -> list[Host]:
    hosts = {host.name: host for host in site.hosts.values()}
    unknown = [name for name in names if name not in hosts]
    if unknown:
        there = ", ".join(sorted(hosts)) or "none"
        raise Stop(Exit.INPUT, f"{file.path} has no host {unknown[0]}", help=f"it has {there}")
    if not hosts:
        raise Stop(Exit.INPUT, f"{file.path} has no host", help='write one: host h1 { reach = "local" }')
    return [host for name, host in sorted(hosts.items()) if not names or name in names]


def _settled(file: LabFile, data: bytes, found: list[tuple[Host, Finding]]) -> tuple[bytes, bool]:
    """The file with the changes made; and whether something is wrong that none of them mends. Tells what people should know."""
    unsettled = False
    placeless: dict[str, Host] = {}
    for host, finding in found:
        if finding.change is None:
            say(finding.text)
            unsettled |= finding.wrong
            continue
        try:
            data = edit(Source(file.name, data), [finding.change])
        except EditError as error:
            why = "" if _is_elsewhere(host, file) else f": {error}"
            say(f"{finding.text}; it cannot be written{why}")
            unsettled = True
            if not why:
                placeless[host.name] = host
        else:
            if finding.wrong:
                say(finding.text)
    for host in placeless.values():
        say(_where_instead(host, file))
    return data, unsettled


def _is_elsewhere(host: Host, file: LabFile) -> bool:
    """Whether a host has no statement of its own in the file."""
    return host.origin.span.source.path != file.name or _is_looped(host)


def _is_looped(host: Host) -> bool:
    return any(step.note.startswith("with ") for step in host.origin.chain())


def _where_instead(host: Host, file: LabFile) -> str:
    span = host.origin.span
    path = file.shown(span.source.path)
    place = f"{path}:{span.source.position(span.start).line}"
    if not _is_looped(host):
        return f"{host.name} is stated in another file, {place}: look at that one with --site {path}"
    return (
        f"{host.name} is made by a loop, {place}: write there what holds for every host of the loop, or take {host.name} out of it "
        f"and give it a statement of its own: host {host.name} {{ … }}"
    )


def _put_out(file: LabFile, before: bytes, after: bytes, *, write: bool) -> None:
    if write:
        replace_file(file.path, after)
        say(f"wrote {file.path}")
        return
    style = style_of(sys.stdout)
    colours = {"+": "good", "-": "bad"}
    for line in _difference(file, before, after):
        result(style.paint(line, colours[line[0]]) if line[:1] in colours else line)


def _difference(file: LabFile, before: bytes, after: bytes) -> Iterator[str]:
    from difflib import unified_diff

    old, new = (data.decode("utf-8", "surrogateescape").splitlines() for data in (before, after))
    yield from unified_diff(old, new, str(file.path), str(file.path), lineterm="")
