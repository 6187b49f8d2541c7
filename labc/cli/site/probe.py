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
from ..talk import result, say, style_of
from .file import find_site, site_of

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
    stays. Exit status 1: it differs; 6: a host could not be looked at."""
    from ...runtime.errors import Lacking
    from ...runtime.hosts.facts import Facts
    from ...runtime.hosts.probe import look_at

    file = find_site(given)
    wanted = _wanted(site_of(file, parameters), hosts, file)
    seen = look_at({host.name: str(host.fields.get("reach", "")) for host in wanted}, ssh)
    found = [
        finding for host in wanted if isinstance(facts := seen[host.name], Facts) for finding in findings(host, facts)
    ]
    before = file.read()
    after, unsettled = _settled(file, before, found)
    unreached = {name: why for name, why in seen.items() if isinstance(why, Lacking)}
    for name, why in unreached.items():
        say(f"labc: {name} was not looked at: {why.message}" + (f"; {why.help}" if why.help else ""))
    if before != after:
        _put_out(file, before, after, write=write)
    if unreached:
        return Exit.LACKING
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


def _settled(file: LabFile, data: bytes, found: list[Finding]) -> tuple[bytes, bool]:
    """The file with the changes made; and whether something is wrong that none of them mends. Tells what people should know."""
    unsettled = False
    for finding in found:
        if finding.change is None:
            say(finding.text)
            unsettled |= finding.wrong
            continue
        try:
            data = edit(Source(file.name, data), [finding.change])
        except EditError as error:  # of a host that a loop makes, say
            say(f"{finding.text}; it cannot be written: {error}")
            unsettled = True
        else:
            if finding.wrong:
                say(finding.text)
    return data, unsettled


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
