"""How a problem is answered: exact for small ones, partitions, repair and refinement for large ones, a tight repair for full sites."""
