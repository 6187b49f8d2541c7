"""Why a problem has no answer: a minimal set of demands in conflict, and the nearest that would fit."""
