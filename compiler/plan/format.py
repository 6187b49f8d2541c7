"""The version of the plan's format: `major.minor`. A reader refuses a major that it does not know; a minor only adds."""

FORMAT = "1.2"
MAJOR = 1
