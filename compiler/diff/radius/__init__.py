"""The blast radius: the ordered pairs of ends whose packets fare differently after a change, or for which nobody can show that they do not.

Enters: two sides, what differs between their resources, how policies call ends. Leaves: `Reach`es. Called by `difference.py`.

What packets do is decided by what the plan has made, so both sides are walked as their plans say, by one code for plans, files and
revisions. In this order: `facts.py` (which differences packets can notice at all), `world.py` (a plan as packets see it), `touched.py`
(the pairs whose old way meets something that differs; for all others both ways are one), `send.py` (what becomes of one packet),
`shots.py` (which packets tell all others apart), `judge.py` (both sides compared), `ends.py` (how people call the ends).
"""

from .radius import radius

__all__ = ["radius"]
