"""Codes of the lock, E0901 to E0909. Their examples would be locks, which are no `.net` files."""

from .model import Code

_WHY = "the mistake stands in lab.lock, not in a lab"

CODES = [
    Code(
        code="E0901",
        title="a line of the lock is no assignment",
        story="""Each line of `lab.lock` is ID KEY VALUE, with blanks between the three and none inside them:

    port/pc1/eth0 address 10.10.10.1/24

Lines that begin with `#` are comments. A blank inside a name is written as `%20`. Remove a line that is spoilt:
the next `labc lock` or `labc build` writes it anew, with a new choice where the old one cannot be read.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0902",
        title="the lock has two values for one thing",
        story="""Git merges locks line by line, so after a merge of two branches that each chose a value for the same thing,
both lines stand there. labc does not guess: keep the line of the branch whose choice shall hold and remove the other one.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0903",
        title="the lock holds a conflict that git left",
        story="""Git wrote both sides of a merge between `<<<<<<<`, `=======` and `>>>>>>>`. Remove these three lines and keep what
stands between them; labc takes the lines in any order and says when two of them contradict each other (E0902).

With the line `lab.lock merge=union` in `.gitattributes`, which `labc init` and `labc lock` write, git does that by itself.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0904",
        title="the lock does not say what the lab needs",
        story="""With `--lock check`, which CI uses, a build makes no choices of its own: all must stand in `lab.lock`. Here one is
missing, differs, or is for something that the lab no longer has. Run `labc lock` where you edit the lab and commit `lab.lock` with it.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="N0901",
        title="two things held one value in the lock",
        story="""After a merge of two branches, each of which added something, both may have drawn the same value from a pool: one
VNI, one address, one device. Ports that shared a wire of the patch fabric and carry different segments now have held one VLAN. The thing with the smaller id keeps it, the other is given a new one.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0905",
        title="the lock holds a value that cannot be",
        story="""What stands in the last column of a line is no address, MAC, prefix, VNI or VLAN, or names a
host, a device or a device's port that the site neither has nor had when the lock was written: the lock was edited by hand or spoilt. Nothing
is guessed: correct the value, or remove the line; labc then chooses anew and writes it.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0906",
        title="the lock is of another lab",
        story="""`lab.lock` says whose choices it holds: `lab/NAME version 1`. A folder has one lock, so two labs that are to keep their choices
live in two folders; a second lab in one folder can be built with `--lock ignore`, which neither reads nor writes the lock. Neither `labc lock` nor
`--lock refresh` ever overwrites another lab's. A folder that was copied to begin another lab brings the old one's lock along: there, remove
the file. A lab that was only renamed keeps its choices when you write the new name into that line.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="N0902",
        title="a node leaves the host that the lock held",
        story="""What `lab.lock` holds stays, as long as it may. This node's host is no longer in the site, or what the lab asks of the node's
place no longer allows it there, or the host has no room for what it carries now. As few nodes as possible move.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="N0903",
        title="what the lock holds is out of bounds now",
        story="""The segment's prefix, or the range of VNIs or VLANs that the site gives the lab, is no longer the one from which the value in
`lab.lock` was drawn; or the line was edited by hand. A new value is drawn, and the lock is written with it. `labc diff` shows what changes.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="N0904",
        title="real gear is another device or port than the lock held",
        story="""What `lab.lock` holds is bound again as long as it may. This node's device is no longer in the site, or no longer has what the
node needs, or its ports or cables are needed otherwise. Another device is another box: what was configured on the old one stays there. Or the
device is the same, and a port of the node is another of its ports: the cable that it uses is another one.""",
        example="",
        why_no_example=_WHY,
    ),
]
