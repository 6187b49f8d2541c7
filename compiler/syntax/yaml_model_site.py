"""The site file in YAML as pydantic models, as `yaml_model.py` has the lab.

Enters: nothing. Leaves: `Site`, whose JSON Schema `schema.py` prints, and what a lab's file may hold of it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .yaml_model_base import (
    ELSE,
    FORS,
    IFS,
    LETS,
    PLACE,
    SETS,
    ByName,
    Declared,
    Each,
    Expressions,
    ImportItem,
    Keys,
    Many,
    MaybeExpression,
    Sets,
    Short,
    Text,
    When,
)


class NicBody(Keys):
    """What may be said of a NIC of a host."""

    speed: MaybeExpression = Field(None, description="Its speed, such as 10Gbps.")
    address: MaybeExpression = Field(None, description="Its address with its length: 192.0.2.1/24. Overlays end there.")
    mtu: MaybeExpression = Field(None, description="The largest packet that it sends, in bytes; 1500 by default.")
    overlay: MaybeExpression = Field(None, description="true: of several NICs with an address, the one for overlays.")
    trunk: MaybeExpression = Field(None, description="true: it carries VLANs, so several cables may end in it.")
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[NicFor] = Field(None, alias="for", description=FORS)
    if_: Many[NicIf] = Field(None, alias="if", description=IFS)


class NicFor(NicBody, Each):
    """Repeated."""


class NicIf(NicBody, When):
    """Conditional."""

    else_: NicIf | NicBody | None = Field(None, alias="else", description=ELSE)


class SocketBody(Keys):
    """What may be said of a port of real gear."""

    speed: MaybeExpression = Field(None, description="Its speed, such as 100Mbps.")
    mtu: MaybeExpression = Field(None, description="The largest packet that it sends, in bytes.")
    trunk: MaybeExpression = Field(None, description="true: it carries VLANs, so several cables may end in it.")
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[SocketFor] = Field(None, alias="for", description=FORS)
    if_: Many[SocketIf] = Field(None, alias="if", description=IFS)


class SocketFor(SocketBody, Each):
    """Repeated."""


class SocketIf(SocketBody, When):
    """Conditional."""

    else_: SocketIf | SocketBody | None = Field(None, alias="else", description=ELSE)


class Socket(SocketBody):
    """A port of real gear."""

    cable: str | None = Field(None, description="What it is cabled to: `h1:eth2`.")


class HostBody(Keys):
    """A machine that carries nodes."""

    cpu: MaybeExpression = Field(None, description="How many processors it has; 0.5 is half of one.")
    memory: MaybeExpression = Field(None, description="Its memory, such as 64GiB.")
    disk: MaybeExpression = Field(None, description="Its disk space.")
    kvm: MaybeExpression = Field(None, description="Whether it runs VMs.")
    reach: Text | None = Field(None, description="How to reach it: local, ssh://h1, lxd://h1, https://h1:8443.")
    nics: ByName[NicBody | None] | None = Field(None, description="Its NICs by name.")
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[HostFor] = Field(None, alias="for", description=FORS)
    if_: Many[HostIf] = Field(None, alias="if", description=IFS)


class HostFor(HostBody, Each):
    """Repeated."""


class HostIf(HostBody, When):
    """Conditional."""

    else_: HostIf | HostBody | None = Field(None, alias="else", description=ELSE)


class GearBody(Keys):
    """What may be said of a device or switch."""

    model: Text | None = Field(None, description="Its model, such as SSG20.")
    driver: Text | None = Field(None, description="How its configuration is loaded: the name of a driver of napalm.")
    reach: Text | None = Field(None, description="How to reach it.")
    host: Text | None = Field(None, description="The host from which it is reached.")
    cuts: MaybeExpression = Field(
        None, description="Of a switch, true: labc may shut its ports, so tests can cut links."
    )
    ports: ByName[Socket | str | None] | None = Field(
        None, description="Its ports; a bare value is what it is cabled to."
    )
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[GearFor] = Field(None, alias="for", description=FORS)
    if_: Many[GearIf] = Field(None, alias="if", description=IFS)


class GearFor(GearBody, Each):
    """Repeated."""


class GearIf(GearBody, When):
    """Conditional."""

    else_: GearIf | GearBody | None = Field(None, alias="else", description=ELSE)


class Device(GearBody):
    """Real gear that labs may use."""

    kind: str | None = Field(None, description="Its kind, such as juniper.ssg.")


class Pool(Keys):
    """What labs draw from."""

    ranges: Expressions = Field(description="Its ranges, or prefixes.")
    except_: Expressions = Field(None, alias="except", description="What of it is not labc's to give.")


class LabShare(Keys):
    """What one lab draws from."""

    uses: ByName[Expressions] = Field(description="Ranges by pool.")


class Instances(Keys):
    """What instances other than the default one draw from."""

    use: ByName[Expressions] = Field(description="Ranges by pool.")


# --- The file ---


class SiteBody(Keys):
    """What may stand in a site file, and in its `for` and `if`."""

    params: ByName[Declared | Short] | None = Field(None, description="Parameters; a bare value is the default.")
    let: Sets = LETS
    hosts: ByName[HostBody | None] | None = Field(None, description="Machines that carry nodes.")
    devices: ByName[Device | str | None] | None = Field(None, description="Real gear; a bare value is the kind.")
    switches: ByName[GearBody | None] | None = Field(None, description="Patch fabric.")
    pools: ByName[Pool | Short] | None = Field(
        None, description="Pools that labs draw from: vni, vlan, links, …; a bare value is the ranges."
    )
    labs: ByName[LabShare] | None = Field(None, description="Shares of pools for single labs.")
    instances: Instances | None = Field(None, description="Shares of pools for instances.")
    for_: Many[SiteFor] = Field(None, alias="for", description=FORS)
    if_: Many[SiteIf] = Field(None, alias="if", description=IFS)


class SiteFor(SiteBody, Each):
    """Repeated."""


class SiteIf(SiteBody, When):
    """Conditional."""

    else_: SiteIf | SiteBody | None = Field(None, alias="else", description=ELSE)


class Site(SiteBody):
    """A site file of labc: what labs run on. The order of keys means nothing."""

    site: Text = Field(description="The site's name.")
    import_: Many[ImportItem | str] = Field(
        None, alias="import", description="Modules: a path with `/` or an ending, or a mapping."
    )
    place: Literal["pack", "spread"] | None = Field(None, description=PLACE)
