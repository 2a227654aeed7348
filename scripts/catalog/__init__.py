"""The catalog's own tool: one command line over components, templates and their wheels."""
