"""The commands, one module per noun; `services.cli` finds them by name."""
