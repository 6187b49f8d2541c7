"""The services of a lab, all in one process per instance; `control.py` says how one talks to it."""
