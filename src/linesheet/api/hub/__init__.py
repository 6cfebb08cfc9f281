"""The hub's own API: a module for each kind of record, each with its router."""
