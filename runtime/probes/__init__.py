"""Tests with real packets: the probes' process, the kinds of cases, their evidence, the runner and its report."""
