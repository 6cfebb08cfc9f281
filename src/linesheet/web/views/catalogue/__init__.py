"""A connection's catalogue: the tree, the open section, the dialogs over both, and the picker."""
