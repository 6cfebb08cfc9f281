"""The NuORDER sandbox. Section numbers in docstrings refer to the fact sheet nuorder.md."""
