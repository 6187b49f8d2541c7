"""The codes of the parser of `.net`: text that is no lab, whatever it means."""

from __future__ import annotations

from .model import Code

CODES = [
    Code(
        code="E0101",
        title="a word stands where the language has no place for it",
        story=(
            "The parser knows at every word what may follow. The label says what it expected, and the reason shows how the "
            "statement is written. Where one small change makes sense of the statement the help names it, and the rest of "
            "the file is read as if it had been made, so that one slip brings one message."
        ),
        example="lab example\n\nsegment lan 10.0.0.0/24\nzone office lan\n",
    ),
    Code(
        code="E0102",
        title="a statement starts with an unknown word",
        story=(
            "A statement starts with a keyword (`node`, `segment`, `link`, …), or sets a field (`mtu = 1400`), or is a rule of "
            "a policy (`inside -> web allow tcp/80`). The word here is none of them; most often a letter is missing."
        ),
        example="lab example\n\nsegmnt lan 10.0.0.0/24\n",
    ),
    Code(
        code="E0103",
        title="a string is not closed",
        story=(
            'A string starts and ends with `"` on one line; a line break inside is written `\\n`. `{` in a string opens an '
            "expression and needs its `}`; the character itself is written `\\{`."
        ),
        example='lab example\n\nlet greeting = "hello\n',
    ),
    Code(
        code="E0104",
        title="a bracket is not closed",
        story=(
            "The message shows where the closing bracket was missed and where the bracket was opened. Of blocks, the "
            "indentation tells where the end was meant: a statement that stands no further right than the line that "
            "opened the block is taken to be outside."
        ),
        example="lab example\n\nsegment lan 10.0.0.0/24 {\n  mtu = 1400\n\nsegment dmz 10.0.1.0/24\n",
    ),
    Code(
        code="E0105",
        title="a closing bracket closes nothing",
        story="There is a `}`, `)` or `]` more than were opened. Take it away, or write the line that should have opened it.",
        example="lab example\n\nsegment lan 10.0.0.0/24 }\n",
    ),
    Code(
        code="E0106",
        title="a character has no meaning",
        story=(
            "Outside strings and comments the language uses ASCII letters, digits and the marks of its grammar. A name with "
            'other letters, or with blanks, is written as a string: `port "to-Büro"`.'
        ),
        example="lab example\n\nlet price = $5\n",
    ),
    Code(
        code="E0107",
        title="the file is no text",
        story=(
            "Sources are UTF-8 without NUL bytes. A file saved in another encoding shows strange letters in some editors; "
            "`iconv -f latin1 -t utf-8` turns it into UTF-8."
        ),
        example="lab example\n\n# a NUL byte: \x00\n",
    ),
    Code(
        code="E0108",
        title="a value cannot be read",
        story=(
            "The word looks like a value and is none: an address with a number above 255 or with too few numbers, a prefix "
            "longer than its family, a port above 65535, an unknown unit, a number of too many digits, or a text that is "
            "needed before anything is computed and has `{ }` in it."
        ),
        example="lab example\n\nsegment lan 10.0.0.256/24\n",
    ),
    Code(
        code="E0109",
        title="an unknown escape in a string",
        story='In a string `\\"`, `\\\\`, `\\n`, `\\t` and `\\{` stand for a quote, a backslash, a line break, a tab and a brace.',
        example='lab example\n\nlet path = "C:\\labs"\n',
    ),
    Code(
        code="E0110",
        title="a statement stands in the wrong place",
        story=(
            "A port belongs in a node, a rule in a policy, a step in a test, a field's value in the block of its element. "
            "Imports, parameters and kinds stand at the top of a file, outside loops and conditions, because they are "
            "known before anything is computed."
        ),
        example="lab example\n\nport eth0\n",
    ),
    Code(
        code="E0111",
        title="nested too deep",
        story="Brackets may nest 64 deep and an expression may have 100 steps within each other; no lab of people needs more.",
        example="lab example\n\nlet deep = " + "(" * 65 + "1" + ")" * 65 + "\n",
    ),
    Code(
        code="E0112",
        title="too many mistakes",
        story="After a hundred mistakes of syntax the parser stops reading: what follows would say little.",
        example="",
        why_no_example="It needs a hundred other mistakes.",
    ),
    Code(
        code="E0113",
        title="clauses that do not go together",
        story=(
            "Each of `on`, `at`, `mac`, `vlan`, `over` and `was` stands once in a port; several values follow one keyword "
            "with commas. `cable`, of real gear, stands alone."
        ),
        example=("lab example\n\nsegment lan 10.0.0.0/24\nnode pc {\n  port eth0 on lan at 10.0.0.1 at 10.0.0.2\n}\n"),
    ),
    Code(
        code="E0114",
        title="the file holds a conflict that git left",
        story=(
            "Git wrote both sides of a merge that it could not finish between `<<<<<<<`, `=======` and `>>>>>>>`. Keep what shall hold "
            "of the two sides and remove these three lines. The rest of the file, with the side above `=======`, is checked all the same."
        ),
        example=(
            "lab example\n\n<<<<<<< HEAD\nsegment lan 10.0.0.0/24\n=======\nsegment lan 10.0.1.0/24\n>>>>>>> other\n"
        ),
    ),
]
