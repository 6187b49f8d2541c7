"""Codes of modules from git, E0210 to E0219: pinned, cached, fetched."""

from .model import Code

_LOCKED = "it takes a lock that pins the module"
_FETCHED = "it is found by `labc lock`, not while a lab is compiled"

CODES = [
    Code(
        code="E0210",
        title="a module from git is not pinned",
        story="""A build gives the same plan everywhere and forever, so it never opens the network and never asks what `main` or `v1.2`
mean today. `labc lock` fetches the module, writes its commit and the digest of its files to `lab.lock`, and keeps a copy in the
cache. Commit `lab.lock` with the lab.""",
        example='lab sample\nimport git "https://git.example/labs.git" at "v1.2" path "fw.net"\n',
    ),
    Code(
        code="E0211",
        title="a pinned module is not on this machine",
        story="""`lab.lock` says which commit of the module the lab uses, but the cache of this machine (`$XDG_CACHE_HOME/labc/git`) does
not hold it: another machine made the lock, or the cache was emptied. `labc lock` fetches that very commit and leaves the lock as it is.
In CI, run it before `labc build`, or keep the cache between runs.""",
        example="",
        why_no_example=_LOCKED,
    ),
    Code(
        code="E0212",
        title="a module is not what the lock pins",
        story="""Every file of a cached module is compared with the digest in `lab.lock` before it is read. This one differs: somebody
changed the cache, or edited the lock. `labc lock` fetches the pinned commit again and puts the right files there; when the commit itself
is wrong, remove its two lines from `lab.lock` first.""",
        example="",
        why_no_example=_LOCKED,
    ),
    Code(
        code="E0213",
        title="a module's URL cannot be used",
        story="""Modules are fetched from `https://…`, `ssh://…`, `user@host:path` and `file://…`. Other ways in which git can be made to
run commands (`ext::`, options such as `--upload-pack=…` in the place of a URL) are refused, as is a URL that carries a password: it would
stand in `lab.lock` for everyone to read. Use a credential helper of git, or an SSH key.""",
        example="",
        why_no_example=_FETCHED,
    ),
    Code(
        code="E0214",
        title="git could not fetch a module",
        story="""`labc lock` runs `git fetch` with your configuration. Its message is shown with the diagnostic: most often the URL is
mistyped, the repository needs a login that git does not have, or there is no network. Trying `git ls-remote URL` shows the same.""",
        example="",
        why_no_example=_FETCHED,
    ),
    Code(
        code="E0215",
        title="a module has no such revision, or not the pinned commit",
        story="""The repository was fetched, but holds no branch, tag or commit of the name that stands behind `at`; or the commit that
`lab.lock` pins was removed from it by a forced push. In the second case remove the module's lines from `lab.lock` to pin what the revision
means now.""",
        example="",
        why_no_example=_FETCHED,
    ),
]
