"""The arithmetic of placing a lab: arrays in, arrays out. Knows no lab, no language and no diagnostics."""
