"""NuORDER's sandbox, as the demo and the fault campaigns drive it."""
