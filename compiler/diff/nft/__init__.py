"""Rule sets of nftables, as far as labc can say for certain what they do.

Enters: the text of a rule set. Leaves: `Rules`, which rule over one packet at one hook. Called by `radius/`. What the parser does not
know is never guessed: the rule that holds it is unclear, and so is whatever comes to it (nft(8), version 1.0).
"""

from .parse import parse
from .rules import Packet, Rules, Ruling

__all__ = ["Packet", "Rules", "Ruling", "parse"]
