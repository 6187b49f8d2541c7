"""How a difference is printed: `text.py` for a terminal, `markdown.py` for a review comment; JSON is the record itself.

Enters: a `Difference`. Leaves: text. Called by `labc diff`. Pure.
"""
