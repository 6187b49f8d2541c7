"""The arithmetic of placing a lab: arrays in, arrays out. Knows no lab, no language and no diagnostics.

`problem.py` is the question and the answer, `cost.py` their judge. `placing/` answers, `conflict/` says why there is no answer, `gear/`
binds real devices, ports and cables.
"""
