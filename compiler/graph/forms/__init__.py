"""How drawings are written, one form a file, each with `write(picture) -> str`."""
