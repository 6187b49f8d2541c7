"""What the pydantic models of the YAML spelling share: expressions, short forms, heads of blocks.

Enters: nothing. Leaves: types and texts for `yaml_model.py` and `yaml_model_site.py`.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypeAliasType

T = TypeVar("T")

Expression = TypeAliasType(
    "Expression",
    Annotated[
        "bool | int | float | str | list[Expression] | dict[str, Expression]",
        Field(
            description="An expression of .net: 1400, true, 10ms, 10.0.0.1, clients * 2, leaf[*]. A text stands in quotes of its own: "
            "'\"hello\"'. A list and a mapping hold expressions."
        ),
    ],
)
# Where a mapping would be the long form, the short one is a single value or a list.
Short: TypeAlias = bool | int | float | str | list[Expression] | None
Expressions: TypeAlias = Expression | list[Expression] | None
Groups: TypeAlias = Expression | list[Expression | list[Expression]] | None
Text = Annotated[str, Field(description="A text; {EXPRESSION} in it is computed.")]
TypeOf = Annotated[
    str,
    Field(
        description='bool, int, float, string, address, prefix, mac, duration, rate, size, ratio, service, node, segment, list[T], map[T], any, or choices: \'"a" | "b"\'.'
    ),
]
ByName: TypeAlias = dict[str, T] | list[dict[str, T]]
Many: TypeAlias = T | list[T] | None


class Keys(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Each(Keys):
    """The head of a loop."""

    each: str | list[str] = Field(description="The variable, or several that take apart each item.")
    in_: Expression = Field(alias="in", description="What to go through: 1..clients, a list, zip(a, b).")


class When(Keys):
    """The head of a condition."""

    when: Expression = Field(description="The condition.")


SETS = Field(None, description="Any other field of this thing: name and value. Values are expressions.")
LETS = Field(None, description="Values by name, known in this block.")
FORS = "Blocks {each, in, …} with the keys that may stand around them, repeated for each value."
IFS = "Blocks {when, …, else: {…}} with the keys that may stand around them; an `else` with a `when` is an else-if."
ELSE = "What holds otherwise; with a `when`, an else-if."
PLACE = "How hosts are filled where nothing else decides."
WAS = "The name that it had: what was assigned to it stays."
Sets = dict[str, Expression] | list[dict[str, Expression]] | None
MaybeExpression = Expression | None


class Declared(Keys):
    """A parameter or a field; a bare value is its default."""

    type: TypeOf | None = Field(None, description="Its type; may be left out where a default tells it.")
    in_: MaybeExpression = Field(None, alias="in", description="The values it may have: a range or a list.")
    default: MaybeExpression = Field(None, description="Its value where none is given. Without one it must be given.")


class ImportItem(Keys):
    """An import whose form is said: one of module, path and git."""

    module: str | None = Field(None, description="A module of the standard library: std.linux.")
    path: str | None = Field(
        None, description="A file, from this file's folder; or with git, a path in the repository."
    )
    git: str | None = Field(None, description="The URL of a git repository; `labc lock` pins it.")
    at: str | None = Field(None, description="The branch, tag or commit.")
    as_: str | None = Field(None, alias="as", description="The name under which its names are known here.")
