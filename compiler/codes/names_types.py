"""Codes of modules, names and types, E0201 to E0209 and E0301 to E0339: found while a lab is expanded."""

from .model import Code

_NO_PARAMETERS = "it takes a parameter on the command line"
_SEVERAL = "it takes more than one file"

CODES = [
    Code(
        code="E0201",
        title="a module cannot be read",
        story="""An `import` names a file or module that is not there. Paths are relative to the folder of the file that imports,
with `/` on every system; modules of the standard library are named `std.linux`, `std.firewall`, `std.services`.""",
        example="lab sample\nimport std.linx\n",
    ),
    Code(
        code="E0202",
        title="modules import each other in a circle",
        story="""A file imports a second one that, directly or through others, imports the first. Which of them is read first would
then decide what names mean. Move what both need into a third file and import that from both.""",
        example='lab sample\nimport "lab.net"\n',
    ),
    Code(
        code="E0203",
        title="a module from git names a file outside of it",
        story="""A module from git may import and use templates from its own repository. A path that leads out of it, such as
`../../secret.net`, is refused: whoever wrote the module must not be able to read files of whoever uses it.""",
        example="",
        why_no_example="it takes a module from git",
    ),
    Code(
        code="E0206",
        title="a template cannot be read",
        story="""`config "edge.nft.j2"` names a template. Its path is relative to the folder of the file that says `config`, also when
that file is a module. Nothing is there, or it cannot be read.""",
        example='lab sample\nsegment s 10.0.0.0/24\nnode edge { port eth0 on s; config "edge.nft.j2" }\n',
    ),
    Code(
        code="E0301",
        title="an unknown name",
        story="""A name stands where a variable or an element of the lab is expected, and there is none of that name. Variables are
what `let`, `param`, `for`, a kind's `field` and an opened module declare; elements are nodes, segments, zones, groups and links. Declarations
may stand in any order, so the name is most often mistyped. Text is written in quotes.""",
        example="lab sample\nsegment inside 10.0.0.0/24\nnode pc { port eth0 on insde }\n",
    ),
    Code(
        code="E0302",
        title="something is declared twice",
        story="""Two declarations of one sort have the same name, so that nobody could say which one a reference means. In a loop, let
the name hold the loop's variable: `node "pc{i}"`. A node may declare a port again that its kind declares: what it says then refines the
kind's port; two in the same body are a mistake.""",
        example="lab sample\nsegment s 10.0.0.0/24\nsegment s 10.0.1.0/24\n",
    ),
    Code(
        code="E0303",
        title="a value of the wrong type",
        story="""Every place wants values of a type: `mtu` an int, `at` an address, `on` a segment, `if` a bool. The diagnostic says what
is expected and what was found. Nothing is converted in silence, since a port number that is really a text, or a rate that is really a size,
is a mistake that would otherwise show up in the network.""",
        example='lab sample\nsegment inside 10.0.0.0/24 { mtu = "big" }\n',
    ),
    Code(
        code="E0304",
        title="a value is out of range",
        story="""The value has the right type, but lies outside what is allowed: the range or list that the parameter or field declares
with `in`, one of its choices, or what the network knows (VLANs 1 to 4094, ports 1 to 65535, an MTU from 68).""",
        example="lab sample\nparam clients: int in 1..100 = 500\n",
    ),
    Code(
        code="E0305",
        title="a prefix has host bits set",
        story="""`10.0.0.1/24` is an address with its length; the prefix it lies in is `10.0.0.0/24`. Where a prefix is meant, such as that
of a segment, bits behind the length are most often a slip, and guessing would hide it. An address of a port, `at 10.0.0.1/24`, may have
them.""",
        example="lab sample\nsegment inside 10.0.0.1/24\n",
    ),
    Code(
        code="E0306",
        title="units do not mix",
        story="""Units are part of a value. A duration cannot be added to a rate or compared with a bare number: `10ms + 5` could mean
anything. Amounts of one dimension mix freely, `1s + 500ms`; an amount may be multiplied and divided by an int.""",
        example="lab sample\nlet wait = 10ms + 1Gbps\n",
    ),
    Code(
        code="E0307",
        title="arithmetic without a result",
        story="""A division by zero, a division of ints that leaves a remainder, an address past the end of its family, or a number or
string too large to be meant. `/` of ints is exact or an error, since rounding in silence would lose a node or an address; `%` gives the
remainder.""",
        example="lab sample\nlet half = 7 / 2\n",
    ),
    Code(
        code="E0308",
        title="an unknown kind",
        story="""The kind of a node, or the one that a kind extends, is not known here. Kinds come from this file, from files imported by
path (by their bare names), and from modules by the module's name: after `import std.linux` there is `linux.host`. Every kind extends the
built-in `node`.""",
        example="lab sample\nimport std.linux\nnode pc: linux.hots\n",
    ),
    Code(
        code="E0309",
        title="a kind extends itself",
        story="""The chain of `extends` comes back to where it started. A kind takes over all fields and statements of the kind it
extends, so the chain has to end, at the built-in kind `node`.""",
        example="lab sample\nkind a extends b { }\nkind b extends a { }\n",
    ),
    Code(
        code="E0310",
        title="an unknown field",
        story="""A setting `name = value` sets a field of the element around it, and this element has no field of that name. A node has
the fields of its kind and of all kinds that it extends; a service those that it declares; ports, segments and links have fixed ones, listed
in the language reference.""",
        example="lab sample\nsegment s 10.0.0.0/24\nnode pc { port eth0 on s; forwrd = true }\n",
    ),
    Code(
        code="E0311",
        title="a field is not set",
        story="""The kind or service declares this field without a default, so everyone who uses it has to say a value:
`NAME = VALUE` in the body.""",
        example="lab sample\nkind probe { field target: address }\nnode p: probe\n",
    ),
    Code(
        code="E0312",
        title="the lab has no such parameter",
        story="""A value was given on the command line, `-p NAME=VALUE`, for a parameter that neither the lab nor a module of it declares.
It is refused because a mistyped name would otherwise build the default lab as if it were the one asked for.""",
        example="",
        why_no_example=_NO_PARAMETERS,
    ),
    Code(
        code="E0313",
        title="a parameter has no value",
        story="""The lab declares a parameter without a default: it cannot be built before someone says the value,
`labc build lab.net -p NAME=VALUE`. Give it a default where one makes sense, so that the lab can be checked as it is.""",
        example="lab sample\nparam clients: int\n",
    ),
    Code(
        code="E0314",
        title="an unknown service",
        story="""`serve`, a rule or a flow names a service that is not known. Those of the standard library (`http`, `https`, `dns`,
`dhcp`, `ntp`, `ssh`, `telnet`, `echo`) need no import; others are declared with `service NAME on tcp/PORT`. A protocol and port can always
be written: `tcp/8080`, `udp/5000..5010`, `icmp`.""",
        example="lab sample\nsegment s 10.0.0.0/24\nnode web { port eth0 on s; serve htpp }\n",
    ),
    Code(
        code="E0315",
        title="something depends on itself",
        story="""To compute a variable or the members of a group or zone, its own value is needed, directly or through others. Break the
circle: one of them has to stand on its own.""",
        example="lab sample\nlet a = b + 1\nlet b = a - 1\n",
    ),
    Code(
        code="E0316",
        title="a declaration depends on elements",
        story="""Names, loops and conditions decide which nodes, segments, groups and zones there are. They can use values (parameters,
variables, ranges), but not the elements themselves: a node that exists only where it does not would be neither. Inside policies and tests,
and for links, all elements are known, and loops may go through them: `for p in pc[*] { expect p -> web http }`.""",
        example='lab sample\nsegment s 10.0.0.0/24\nnode pc1 { port eth0 on s }\nfor p in pc[*] { node "copy of" }\n',
    ),
    Code(
        code="E0317",
        title="the lab expands too far",
        story="""Loops, lists and elements together passed five million. A lab of that size cannot be built; most often a range has a digit
too many or a prefix is shorter than meant (`hosts(10.0.0.0/8)` has sixteen million). The compiler stops before the machine's memory does.""",
        example='lab sample\nfor i in 1..1000000000 { node "pc{i}" }\n',
    ),
    Code(
        code="E0318",
        title="an unknown function",
        story="""There is no function of that name. The language has a fixed set, listed in its reference; functions cannot be
declared.""",
        example="lab sample\nlet n = lenght([1, 2])\n",
    ),
    Code(
        code="E0319",
        title="a function is called with what it cannot take",
        story="""The number of arguments is wrong, an argument was named that has no name, or the values cannot be worked on, such as the
largest item of an empty list. The diagnostic shows how the function is written.""",
        example="lab sample\nlet n = len()\n",
    ),
    Code(
        code="E0320",
        title="a name that cannot be carried",
        story="""Names become ids, file names, host names and arguments of commands, so nodes, segments, zones, groups and links use
letters, digits, `_`, `-` and `.`, at most 63 of them. Ports come from real gear and may use nearly all characters:
`GigabitEthernet0/0/1`. Names of variables, parameters, kinds, services and fields are plain words, without `{…}`.""",
        example='lab sample\nnode "my pc"\n',
    ),
    Code(
        code="E0321",
        title="a statement that means nothing here",
        story="""The statement may stand in such a block, but not under a loop or condition in it, or not with this meaning: the fields of
a kind or service are the same for all who use it, so `field` stands in its block directly. Give the field a default that depends on others
instead: `field size: int = if big then 100 else 10`.""",
        example="lab sample\nkind k { if true { field size: int = 1 } }\n",
    ),
    Code(
        code="E0322",
        title="no such item, key or field",
        story="""`x[i]` or `x.name` asks for what is not there. Items of a list count from 0, and -1 is the last; a map has the keys it was
written with; a node has `.name` and its fields.""",
        example="lab sample\nlet sizes = [10, 20]\nlet last = sizes[2]\n",
    ),
    Code(
        code="E0323",
        title="a secret where it cannot be carried",
        story="""`secret("env:NAME")` says where a secret lies. While a lab compiles nobody knows its value, and no plan, log or name may
ever hold it. It can stand in fields and in what templates render; it cannot be compared, measured, split, or become part of a name.""",
        example='lab sample\nlet key = secret("env:KEY")\nnode "pc{key}"\n',
    ),
    Code(
        code="E0324",
        title="the text nests too deeply",
        story="""Expressions, blocks or variables stand in or behind each other so many times that labc gives up following them. No lab
that a person wrote needs it; a generated one can put the values into a list.""",
        example="",
        why_no_example="it takes a thousand variables, each computed from the next",
    ),
    Code(
        code="E0325",
        title="a name that can mean two things",
        story="""Elements of different sorts may share a name, such as a zone and a segment: in a policy the zone is meant, in `on` the
segment. Here several sorts may stand and more than one has the name. Rename one, or make a zone that says which is meant.""",
        example="lab sample\nsegment web 10.0.0.0/24\nnode web { port eth0 on web }\npolicy p { web -> 10.0.0.1 allow icmp }\n",
    ),
    Code(
        code="E0326",
        title="no such port",
        story="""A node or device has no port of this name. Ports are those that its body and its kinds declare, and those that links
make.""",
        example='lab sample\nsegment s 10.0.0.0/24\nnode a { port eth0 on s }\nnode b { port eth0 on s }\ntest "t" { cut a:eth1; expect a -> b icmp }\n',
    ),
    Code(
        code="E0327",
        title="the file is not a lab",
        story="""A lab starts with `lab NAME`: the name under which it is built and run. Modules and site files have none; they are
imported by labs, and checked with them. A site file can be checked alone, too: `labc check site.net`.""",
        example="segment inside 10.0.0.0/24\n",
    ),
    Code(
        code="E0328",
        title="a prefix has no such part",
        story="""`P subnet LENGTH at INDEX` and `P host INDEX` count from 0, negative numbers from the end. The length is shorter than the
prefix's own, or the index lies past its last subnet or address. `10.0.0.0/8 subnet 24 at 3` is `10.0.3.0/24`.""",
        example="lab sample\nlet p = 10.0.0.0/24 subnet 26 at 4\n",
    ),
    Code(
        code="E0329",
        title="tagged with no VLAN",
        story="""A port is tagged on a segment that has no VLAN id, so there is no tag to write into its frames. Give the segment one,
`segment red 10.0.0.0/24 { vlan = 10 }`, or attach the port with `on` or `untagged`.""",
        example="lab sample\nsegment red 10.0.0.0/24\nnode a { port eth0 tagged red }\n",
    ),
    Code(
        code="E0330",
        title="something that cannot be checked",
        story="""A test's `expect` can look at the `outage`, `loss`, `sent` and `received` of a background flow, whether a stream is
`alive`, and whether a port, node or service is `up`, `down`, `running` or `stopped`.""",
        example='lab sample\nsegment s 10.0.0.0/24\nnode a { port eth0 on s }\nnode b { port eth0 on s }\ntest "t" { ping a -> b; expect a -> b icmp; expect outrage < 5s }\n',
    ),
    Code(
        code="E0331",
        title="an unknown background flow",
        story="""A check names a flow that was not started before it in this test. A flow gets its name with `as`:
`ping pc -> web every 100ms as p`, then `expect outage of p < 5s`.""",
        example='lab sample\nsegment s 10.0.0.0/24\nnode a { port eth0 on s }\nnode b { port eth0 on s }\ntest "t" { ping a -> b as p; expect a -> b icmp; expect outage of q < 5s }\n',
    ),
    Code(
        code="E0332",
        title="a node does not serve this",
        story="""A test stops, starts or looks at a service of a node, `web.http`, that the node does not serve. Add `serve http` to the
node, or name one that it serves.""",
        example='lab sample\nsegment s 10.0.0.0/24\nnode a { port eth0 on s }\nnode b { port eth0 on s; serve http }\ntest "t" { stop b.https; expect a -> b icmp }\n',
    ),
    Code(
        code="E0333",
        title="an unknown type",
        story="""Parameters and fields have types: `bool int float string address prefix mac duration rate size ratio service node segment
any`, `list[T]`, `map[T]`, and choices such as `"a" | "b"`. The type may be left out where a default tells it.""",
        example="lab sample\nparam n: integer = 1\n",
    ),
    Code(
        code="W0334",
        title="a former name leads nowhere",
        story="""`node c was a` keeps for `c` what was assigned to `a`: addresses, MACs, hosts, devices. When the lab has an `a` again, or two
things were `a`, that cannot be: what is called so now keeps it, and `was` is not heeded. Once `lab.lock` is written with the new name, `was` is
needed no more, and can go before the old name is used again. Rename in a circle (`a` to `b`, `b` to `a`) by way of a third name, with a build between.""",
        example="lab sample\nsegment s 10.0.0.0/24\nnode c was a { port eth0 on s }\nnode a { port eth0 on s }\n",
    ),
]
